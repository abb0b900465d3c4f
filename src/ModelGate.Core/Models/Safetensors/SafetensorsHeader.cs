using System.Buffers.Binary;
using System.Text.Json;

namespace ModelGate.Models.Safetensors;

/// <summary>One entry of a safetensors header.</summary>
/// <param name="Name">Its name (untrusted text).</param>
/// <param name="Type">Its element type.</param>
/// <param name="Dims">Its dimensions.</param>
/// <param name="Begin">Where its bytes begin, counted from the end of the header.</param>
/// <param name="End">Where they end.</param>
internal sealed record SafetensorsEntry(string Name, DataType Type, long[] Dims, long Begin, long End)
{
    /// <summary>Its values, where it is the shape of a tensor of packed weights; null of every other.</summary>
    public long[]? Numbers { get; init; }
}

/// <summary>
/// Reads the header of a safetensors file: eight bytes of length and as much JSON. Held to the rules of the reference implementation:
/// no key twice, the bytes of tensors follow each other without holes or overlaps, from the header to the end of the file.
/// </summary>
internal sealed class SafetensorsHeader
{
    /// <summary>Bytes before the header, which hold its length.</summary>
    public const int Prefix = sizeof(ulong);

    /// <summary>Longest header that the reference implementation reads.</summary>
    public const int Longest = 100_000_000;

    private readonly List<SafetensorsEntry> entries = [];
    private readonly HashSet<string> names = new(StringComparer.Ordinal);

    private SafetensorsHeader(long length) => DataOffset = Prefix + length;

    /// <summary>Its tensors, in the order of their bytes.</summary>
    public IReadOnlyList<SafetensorsEntry> Entries => entries;

    /// <summary>Where the bytes of tensors begin in the file.</summary>
    public long DataOffset { get; }

    /// <summary>Reads the header of a file that fills a seekable stream.</summary>
    /// <exception cref="ModelException">The file is damaged, or goes beyond a limit.</exception>
    public static SafetensorsHeader Read(Stream stream, long length)
    {
        Span<byte> prefix = stackalloc byte[Prefix];
        stream.Position = 0;
        if (length < Prefix) throw Malformed("the file ends before its header: it is truncated");
        stream.ReadExactly(prefix);
        var claimed = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (claimed > Longest)
            throw new ModelException(Diagnostics.ModelLimit, $"the header says it is {claimed} bytes long; at most {Longest} are read");
        if (claimed > (ulong)(length - Prefix))
            throw Malformed($"the header says it is {claimed} bytes long, but only {length - Prefix} follow: the file is truncated or damaged");
        var json = new byte[(int)claimed];
        stream.ReadExactly(json);
        if (json.Length == 0 || json[0] != (byte)'{') throw Malformed("the header does not begin with '{'");
        var header = new SafetensorsHeader(json.Length);
        JsonDocuments.Reading("the header", json, header.Parse);
        header.CheckOffsets(length - header.DataOffset);
        header.ReadShapes(stream);
        return header;
    }

    // The only values that are read: how many weights packed integers hold stands nowhere else (compressed-tensors, HQQ).
    private void ReadShapes(Stream stream)
    {
        Span<byte> values = stackalloc byte[2 * sizeof(long)];
        for (var index = 0; index < entries.Count; index++)
        {
            var entry = entries[index];
            if (entry.Type != DataTypes.Int64 || entry.Dims is not [2] || TensorsByName.Last(entry.Name) is not ("weight_shape" or "shape")) continue;
            stream.Position = DataOffset + entry.Begin;
            stream.ReadExactly(values);
            entries[index] = entry with { Numbers = [BinaryPrimitives.ReadInt64LittleEndian(values), BinaryPrimitives.ReadInt64LittleEndian(values[sizeof(long)..])] };
        }
    }

    private void Parse(ref Utf8JsonReader json)
    {
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var name = JsonDocuments.Text(ref json, Limits.NameLength);
            if (!names.Add(name)) throw Malformed($"the header names {Quoted.Name(name)} twice");
            json.Read();
            if (name == "__metadata__") JsonDocuments.SkipObject(ref json, "the metadata of the header");
            else ParseEntry(ref json, name);
            if (entries.Count > Limits.Tensors)
                throw new ModelException(Diagnostics.ModelLimit, $"the header lists more than {Limits.Tensors} tensors");
        }
    }

    private void ParseEntry(ref Utf8JsonReader json, string name)
    {
        ModelException Wrong(string what) => Malformed($"tensor {Quoted.Name(name)} {what}");

        if (json.TokenType != JsonTokenType.StartObject) throw Wrong("is not described by an object");
        string? type = null;
        long[]? dims = null, offsets = null;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var key = JsonDocuments.Text(ref json, Limits.NameLength);
            json.Read();
            switch (key)
            {
                case "dtype" when type is null: type = json.TokenType == JsonTokenType.String ? JsonDocuments.Text(ref json, Limits.NameLength) : throw Wrong("has a data type that is no text"); break;
                case "shape" when dims is null: dims = Numbers(ref json, Wrong); break;
                case "data_offsets" when offsets is null: offsets = Numbers(ref json, Wrong); break;
                default: throw Wrong($"has the key {Quoted.Name(key)} twice, or it is unknown to safetensors");
            }
        }
        if (type is null || dims is null || offsets is null) throw Wrong("lacks its data type, its shape or its offsets");
        if (offsets is not [var begin, var end]) throw Wrong($"has {offsets.Length} offsets instead of two");
        var found = SafetensorsTypes.Find(type) ?? throw Wrong($"has data type {Quoted.Name(type)}, which safetensors does not define");
        var elements = Shapes.Elements(dims, Wrong);
        var bytes = Shapes.Bytes(found, elements, Wrong);
        if (elements % 8 * found.Bits % 8 != 0) throw Wrong($"has {elements} elements of {found}, which do not fill whole bytes");
        if (begin < 0 || end < begin || end - begin != bytes) throw Wrong($"declares {elements} elements of {found} ({bytes} bytes) but takes the bytes from {begin} to {end}");
        entries.Add(new SafetensorsEntry(name, found, dims, begin, end));
    }

    private static long[] Numbers(ref Utf8JsonReader json, Func<string, ModelException> wrong)
    {
        if (json.TokenType != JsonTokenType.StartArray) throw wrong("has a shape or offsets that are no list");
        var numbers = new List<long>();
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            if (json.TokenType != JsonTokenType.Number || !json.TryGetInt64(out var number) || number < 0) throw wrong("has a dimension or offset that is no number from 0 to 2^63-1");
            if (numbers.Count == Limits.Rank) throw new ModelException(Diagnostics.ModelLimit, $"a tensor has more than {Limits.Rank} dimensions");
            numbers.Add(number);
        }
        return [.. numbers];
    }

    private void CheckOffsets(long dataLength)
    {
        entries.Sort(static (left, right) => left.Begin != right.Begin ? left.Begin.CompareTo(right.Begin) : left.End.CompareTo(right.End));
        var end = 0L;
        foreach (var entry in entries)
        {
            if (entry.Begin != end)
                throw Malformed($"tensor {Quoted.Name(entry.Name)} begins at {entry.Begin} of the data, where {end} is expected: {(entry.Begin < end ? "it overlaps another" : "there is a hole before it")}");
            end = entry.End;
        }
        if (end != dataLength)
            throw Malformed($"the tensors take {end} bytes, but {dataLength} follow the header: the file is truncated or damaged");
    }

    private static ModelException Malformed(string what) => new(Diagnostics.ModelMalformed, what);
}
