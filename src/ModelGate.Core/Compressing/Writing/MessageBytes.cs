using System.Text;

namespace ModelGate.Compressing;

/// <summary>A small protobuf message in the making. Field numbers are those of onnx.proto.</summary>
internal sealed class MessageBytes
{
    private readonly List<byte> bytes = [];

    /// <summary>Bytes so far.</summary>
    public int Length => bytes.Count;

    /// <summary>Adds a varint by itself: a tag or a length.</summary>
    public MessageBytes Raw(ulong value)
    {
        for (; value >= 0x80; value >>= 7) bytes.Add((byte)(value | 0x80));
        bytes.Add((byte)value);
        return this;
    }

    /// <summary>Adds a field that holds a number.</summary>
    public MessageBytes Number(uint field, long value) => Raw(field << 3).Raw((ulong)value);

    /// <summary>Adds a field that holds text.</summary>
    public MessageBytes Text(uint field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

    /// <summary>Adds a field that holds a message.</summary>
    public MessageBytes Message(uint field, MessageBytes value) => Bytes(field, value.ToArray());

    /// <summary>What has been added.</summary>
    public byte[] ToArray() => [.. bytes];

    /// <summary>A node without attributes, or with integers for attributes.</summary>
    public static MessageBytes Node(string @operator, string domain, string[] inputs, string[] outputs, string name, params (string Name, long Value)[] attributes)
    {
        var node = new MessageBytes();
        foreach (var input in inputs) node.Text(1, input);
        foreach (var output in outputs) node.Text(2, output);
        node.Text(3, name).Text(4, @operator);
        foreach (var (attribute, value) in attributes)
            node.Message(5, new MessageBytes().Text(1, attribute).Number(3, value).Number(20, 2));
        return domain.Length == 0 ? node : node.Text(7, domain);
    }

    private MessageBytes Bytes(uint field, byte[] value)
    {
        Raw((field << 3) | 2).Raw((ulong)value.Length);
        bytes.AddRange(value);
        return this;
    }
}
