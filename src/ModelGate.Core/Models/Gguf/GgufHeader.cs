namespace ModelGate.Models.Gguf;

/// <summary>One tensor as a GGUF header describes it.</summary>
/// <param name="Name">Its name (untrusted text).</param>
/// <param name="Type">Its element type.</param>
/// <param name="Dims">Its dimensions, slowest first, as other formats write them.</param>
/// <param name="Elements">Their product.</param>
/// <param name="Bytes">Bytes that it takes.</param>
/// <param name="Offset">Where they begin in the file.</param>
internal sealed record GgufTensor(string Name, DataType Type, long[] Dims, long Elements, long Bytes, long Offset);

/// <summary>
/// Reads the header of a GGUF file of version 2 or 3: keys with values, then tensors. Of the values only those are kept that say where the
/// tensors lie; tokenizers and templates are passed over. Source: gguf.md of ggml.
/// </summary>
internal sealed class GgufHeader
{
    private const int MostKeys = 100_000, MostDimensions = 8, MostAlignment = 1 << 20, DeepestArray = 4;
    private const uint Text = 8, Array = 9;

    private readonly GgufStream stream;
    private readonly List<GgufTensor> tensors = [];
    private ulong alignment = 32;

    private GgufHeader(GgufStream stream) => this.stream = stream;

    /// <summary>Its tensors, in the order of the header; offsets are counted from the beginning of the file.</summary>
    public IReadOnlyList<GgufTensor> Tensors => tensors;

    /// <summary>Which part of a split model this is, counted from 0.</summary>
    public int Part { get; private set; }

    /// <summary>How many files the model is split into.</summary>
    public int Parts { get; private set; } = 1;

    /// <summary>How many tensors all parts together have; null where the file does not say.</summary>
    public long? TensorsOfAllParts { get; private set; }

    /// <summary>Reads the header of a file that fills a seekable stream.</summary>
    /// <exception cref="ModelException">The file is damaged, of an unknown version, or goes beyond a limit.</exception>
    public static GgufHeader Read(Stream stream, long length)
    {
        var header = new GgufHeader(new GgufStream(stream, length));
        header.Parse(length);
        return header;
    }

    private void Parse(long length)
    {
        stream.Skip(4); // the magic number
        if (stream.UInt32() is not (2 or 3) and var version)
            throw GgufStream.Malformed(4, $"version {version} of GGUF; versions 2 and 3, little-endian, are read");
        var (count, keys) = (stream.UInt64(), stream.UInt64());
        if (count > Limits.Tensors) throw Beyond($"the file says it has {count} tensors; at most {Limits.Tensors} are read");
        if (keys > MostKeys) throw Beyond($"the file says it has {keys} keys; at most {MostKeys} are read");
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var index = 0UL; index < keys; index++) ReadKey(names);
        names.Clear();
        for (var index = 0UL; index < count; index++) tensors.Add(ReadTensor(names));
        var data = (long)(((ulong)stream.Position + alignment - 1) / alignment * alignment);
        for (var index = 0; index < tensors.Count; index++) tensors[index] = tensors[index] with { Offset = Placed(tensors[index], data, length) };
        CheckOverlaps();
    }

    private void ReadKey(HashSet<string> names)
    {
        var offset = stream.Position;
        var key = stream.Text();
        if (!names.Add(key)) throw GgufStream.Malformed(offset, $"the key {Quoted.Name(key)} stands twice");
        var type = stream.UInt32();
        if (type is Text or Array || key is not ("general.alignment" or "split.no" or "split.count" or "split.tensors.count"))
        {
            SkipValue(type, 0);
            return;
        }
        var value = stream.Number(WidthOf(type));
        switch (key)
        {
            case "general.alignment":
                if (value is 0 or > MostAlignment || (value & (value - 1)) != 0) throw GgufStream.Malformed(offset, $"the alignment is {value}; powers of two up to {MostAlignment} are meant");
                alignment = value;
                break;
            case "split.tensors.count": TensorsOfAllParts = value <= Limits.Tensors ? (long)value : throw Beyond($"the parts together have {value} tensors; at most {Limits.Tensors} are read"); break;
            default:
                if (value > ushort.MaxValue) throw GgufStream.Malformed(offset, $"{key} is {value}");
                if (key == "split.no") Part = (int)value;
                else Parts = Math.Max(1, (int)value);
                break;
        }
    }

    private void SkipValue(uint type, int depth)
    {
        if (type == Text)
        {
            stream.Skip(stream.UInt64());
        }
        else if (type == Array)
        {
            SkipArray(depth);
        }
        else
        {
            stream.Skip((uint)WidthOf(type));
        }
    }

    private void SkipArray(int depth)
    {
        if (depth == DeepestArray) throw Beyond($"at byte {stream.Position}: arrays are nested deeper than {DeepestArray} levels");
        var (element, count) = (stream.UInt32(), stream.UInt64());
        if (element is not (Text or Array))
        {
            stream.Skip((UInt128)count * (uint)WidthOf(element));
            return;
        }
        if (count > (ulong)stream.Remaining / sizeof(ulong))
            throw GgufStream.Malformed(stream.Position, $"an array says it has {count} elements, more than the file has room for: it is truncated or damaged");
        for (var index = 0UL; index < count; index++) SkipValue(element, depth + 1);
    }

    // uint8, int8, uint16, int16, uint32, int32, float32, bool; text and array; uint64, int64, float64
    private int WidthOf(uint type) => type switch
    {
        0 or 1 or 7 => 1,
        2 or 3 => 2,
        4 or 5 or 6 => 4,
        10 or 11 or 12 => 8,
        _ => throw GgufStream.Malformed(stream.Position - sizeof(uint), $"value type {type} does not exist"),
    };

    private GgufTensor ReadTensor(HashSet<string> names)
    {
        var offset = stream.Position;
        var name = stream.Text();
        ModelException Wrong(string what) => GgufStream.Malformed(offset, $"tensor {Quoted.Name(name)} {what}");

        if (!names.Add(name)) throw Wrong("stands twice");
        var rank = stream.UInt32();
        if (rank > MostDimensions) throw Beyond($"at byte {offset}: tensor {Quoted.Name(name)} has {rank} dimensions; at most {MostDimensions} are read");
        var dims = new long[rank];
        for (var index = dims.Length - 1; index >= 0; index--) dims[index] = unchecked((long)stream.UInt64()); // the fastest first
        var number = stream.UInt32();
        var type = BlockTypes.Find(number) ?? throw Wrong($"has element type {number}, which GGUF does not define");
        var elements = Shapes.Elements(dims, Wrong);
        if ((dims.Length == 0 ? 1 : dims[^1]) % type.BlockElements != 0) throw Wrong($"has rows of {(dims.Length == 0 ? 1 : dims[^1])} elements of {type}, which is stored in blocks of {type.BlockElements}");
        var place = stream.UInt64();
        if (place > long.MaxValue) throw Wrong($"lies at offset {place}");
        return new GgufTensor(name, type, dims, elements, Shapes.Bytes(type, elements, Wrong), (long)place);
    }

    private long Placed(GgufTensor tensor, long data, long length)
    {
        ModelException Wrong(string what) => new(Diagnostics.ModelMalformed, $"tensor {Quoted.Name(tensor.Name)} {what}");

        if ((ulong)tensor.Offset % alignment != 0) throw Wrong($"lies at offset {tensor.Offset}, which is no multiple of the alignment {alignment}");
        if (tensor.Offset > length || tensor.Bytes > 0 && (data > length || tensor.Offset > length - data || tensor.Bytes > length - data - tensor.Offset))
            throw Wrong($"takes {tensor.Bytes} bytes from {tensor.Offset} of the data, beyond the end of the file: it is truncated or damaged");
        return data + tensor.Offset;
    }

    private void CheckOverlaps()
    {
        var ordered = new List<GgufTensor>(tensors);
        ordered.Sort(static (left, right) => left.Offset.CompareTo(right.Offset));
        var end = 0L;
        foreach (var tensor in ordered)
        {
            if (tensor.Bytes > 0 && tensor.Offset < end) throw new ModelException(Diagnostics.ModelMalformed, $"tensor {Quoted.Name(tensor.Name)} overlaps another at byte {tensor.Offset}");
            end = Math.Max(end, tensor.Offset + tensor.Bytes);
        }
    }

    private static ModelException Beyond(string what) => new(Diagnostics.ModelLimit, what);
}
