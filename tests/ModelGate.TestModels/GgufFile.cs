using System.Text;

namespace ModelGate.TestModels;

/// <summary>A GGUF file in the making: keys, tensors of zeros, padding.</summary>
public sealed class GgufFile
{
    private readonly List<byte[]> keys = [];
    private readonly List<Described> tensors = [];

    /// <summary>Version of the format.</summary>
    public uint Version { get; init; } = 3;

    /// <summary>What the offsets of tensors are multiples of, where it is not 32.</summary>
    public uint Alignment { get; init; } = 32;

    /// <summary>Adds a number of 32 bits.</summary>
    public GgufFile Key(string name, uint value) => Key(name, 4, BitConverter.GetBytes(value));

    /// <summary>Adds a number of 16 bits.</summary>
    public GgufFile Key(string name, ushort value) => Key(name, 2, BitConverter.GetBytes(value));

    /// <summary>Adds a text.</summary>
    public GgufFile Key(string name, string value) => Key(name, 8, Text(value));

    /// <summary>Adds a list of texts.</summary>
    public GgufFile Key(string name, params string[] values) => Key(name, 9, [.. BitConverter.GetBytes(8u), .. BitConverter.GetBytes((ulong)values.Length), .. values.SelectMany(Text)]);

    /// <summary>Adds a value of any type, as it is written.</summary>
    public GgufFile Key(string name, uint type, byte[] value)
    {
        keys.Add([.. Text(name), .. BitConverter.GetBytes(type), .. value]);
        return this;
    }

    /// <summary>Adds a tensor of zeros behind the last, unless it says where it lies.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="type">Number of its element type.</param>
    /// <param name="bytes">Bytes that it takes.</param>
    /// <param name="dims">Its dimensions, fastest first.</param>
    /// <param name="offset">Where it lies in the data.</param>
    public GgufFile Tensor(string name, uint type, long bytes, ulong[] dims, ulong? offset = null)
    {
        tensors.Add(new(name, type, bytes, dims, offset));
        return this;
    }

    /// <summary>Bytes of the file.</summary>
    public byte[] ToArray()
    {
        using var file = new MemoryStream();
        file.Write("GGUF"u8);
        file.Write(BitConverter.GetBytes(Version));
        file.Write(BitConverter.GetBytes((ulong)tensors.Count));
        file.Write(BitConverter.GetBytes((ulong)keys.Count));
        foreach (var key in keys) file.Write(key);
        var end = 0L;
        foreach (var tensor in tensors)
        {
            file.Write(Text(tensor.Name));
            file.Write(BitConverter.GetBytes((uint)tensor.Dims.Length));
            foreach (var dim in tensor.Dims) file.Write(BitConverter.GetBytes(dim));
            file.Write(BitConverter.GetBytes(tensor.Type));
            file.Write(BitConverter.GetBytes(tensor.Offset ?? (ulong)end));
            end = Aligned(end + tensor.Bytes);
        }
        file.SetLength(Aligned(file.Length) + (tensors.Count == 0 ? 0 : end));
        return file.ToArray();
    }

    private long Aligned(long offset) => (offset + Alignment - 1) / Alignment * Alignment;

    private static byte[] Text(string text) => [.. BitConverter.GetBytes((ulong)Encoding.UTF8.GetByteCount(text)), .. Encoding.UTF8.GetBytes(text)];

    private sealed record Described(string Name, uint Type, long Bytes, ulong[] Dims, ulong? Offset);
}
