using System.Text;

namespace ModelGate.TestModels;

/// <summary>
/// A protobuf message in the making. Its parts are kept apart until it is written, so that a message of many gigabytes of zeros
/// costs nothing in memory, and nothing on disk where files may have holes.
/// </summary>
public sealed class Message
{
    private readonly List<Part> parts = [];

    /// <summary>Bytes it takes when written.</summary>
    public long Length => parts.Sum(part => part.Bytes.Length + part.Hole + (part.Nested?.Length ?? 0));

    /// <summary>Adds a varint field; negative values take ten bytes, as protobuf writes them.</summary>
    public Message Varint(int field, long value) => Raw([.. Tag(field, 0), .. VarintOf((ulong)value)]);

    /// <summary>Adds a 32-bit field.</summary>
    public Message Fixed32(int field, float value) => Raw([.. Tag(field, 5), .. BitConverter.GetBytes(value)]);

    /// <summary>Adds a 64-bit field.</summary>
    public Message Fixed64(int field, double value) => Raw([.. Tag(field, 1), .. BitConverter.GetBytes(value)]);

    /// <summary>Adds a field of UTF-8 text.</summary>
    public Message Text(int field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

    /// <summary>Adds a field of bytes.</summary>
    public Message Bytes(int field, byte[] value) => Raw([.. Tag(field, 2), .. VarintOf((ulong)value.Length), .. value]);

    /// <summary>Adds a packed field of varints.</summary>
    public Message Packed(int field, params IEnumerable<long> values) => Bytes(field, [.. values.SelectMany(value => VarintOf((ulong)value))]);

    /// <summary>Adds a field of zero bytes.</summary>
    public Message Zeros(int field, long length)
    {
        Raw([.. Tag(field, 2), .. VarintOf((ulong)length)]);
        parts.Add(new Part([], length, null));
        return this;
    }

    /// <summary>Adds a message as a field. It may still grow afterwards.</summary>
    public Message Nested(int field, Message message)
    {
        parts.Add(new Part(Tag(field, 2), 0, new Field(message)));
        return this;
    }

    /// <summary>Adds bytes as they are: for what a well-formed message would not say.</summary>
    public Message Raw(params byte[] bytes)
    {
        parts.Add(new Part(bytes, 0, null));
        return this;
    }

    /// <summary>Adds bytes as they are, so many times.</summary>
    public Message Repeated(int times, byte[] bytes)
    {
        var all = new byte[times * bytes.Length];
        for (var at = 0; at < all.Length; at += bytes.Length) bytes.CopyTo(all, at);
        return Raw(all);
    }

    /// <summary>Writes it; zeros become holes where the stream is a file.</summary>
    public void WriteTo(Stream stream)
    {
        Write(stream);
        if (stream.Position > stream.Length)
            stream.SetLength(stream.Position);
    }

    /// <summary>Writes it to a stream that cannot seek; zeros are written out.</summary>
    public void WriteForward(Stream stream)
    {
        var zeros = new byte[1 << 16];
        foreach (var part in parts)
        {
            stream.Write(part.Bytes);
            for (var left = part.Hole; left > 0; left -= zeros.Length) stream.Write(zeros, 0, (int)Math.Min(left, zeros.Length));
            if (part.Nested is not { } nested) continue;
            stream.Write(VarintOf((ulong)nested.Message.Length));
            nested.Message.WriteForward(stream);
        }
    }

    /// <summary>Writes it to a new file and returns the path.</summary>
    public string Save(string path)
    {
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write);
        WriteTo(file);
        return path;
    }

    /// <summary>Its bytes.</summary>
    public byte[] ToArray()
    {
        using var memory = new MemoryStream();
        WriteTo(memory);
        return memory.ToArray();
    }

    /// <summary>A number as protobuf writes it: seven bits in each byte, the lowest first.</summary>
    public static byte[] VarintOf(ulong value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7)
            bytes.Add((byte)(value | 0x80));
        bytes.Add((byte)value);
        return [.. bytes];
    }

    private static byte[] Tag(int field, int wireType) => VarintOf(((ulong)field << 3) | (uint)wireType);

    private void Write(Stream stream)
    {
        foreach (var part in parts)
        {
            stream.Write(part.Bytes);
            stream.Position += part.Hole;
            if (part.Nested is not { } nested) continue;
            stream.Write(VarintOf((ulong)nested.Message.Length));
            nested.Message.Write(stream);
        }
    }

    private sealed record Part(byte[] Bytes, long Hole, Field? Nested);

    private sealed record Field(Message Message)
    {
        public long Length => Message.Length + VarintOf((ulong)Message.Length).Length;
    }
}
