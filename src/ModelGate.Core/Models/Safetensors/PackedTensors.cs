namespace ModelGate.Models.Safetensors;

/// <summary>What the tensors beside it say of a tensor of packed weights, or of one that belongs to such.</summary>
/// <param name="Role">What it is for.</param>
/// <param name="LogicalElements">The values it holds.</param>
internal sealed record PackedTensor(Role Role, long LogicalElements);

/// <summary>
/// Weights of fewer bits than any type of safetensors, several in each stored integer. Nothing in the file says so; the names and widths of
/// the tensors beside them do. Sources: the layouts that GPTQ, AWQ, compressed-tensors, bitsandbytes, ModelOpt and MLX write, and that of gpt-oss.
/// </summary>
internal sealed class PackedTensors
{
    private const int BitsOfWord = 32, InByte = 2, Rows = 2;

    // MLX says neither how many bits nor how many weights share a scale; what it does where nothing else is asked for comes first.
    private static readonly int[] GroupsOfMlx = [64, 32, 128];

    private readonly Dictionary<string, SafetensorsEntry> byName = new(StringComparer.Ordinal);

    /// <summary>Takes the tensors of a model.</summary>
    public PackedTensors(IReadOnlyList<SafetensorsEntry> entries)
    {
        var any = false;
        foreach (var entry in entries) any |= IsInteger(entry);
        if (!any) return;
        foreach (var entry in entries) byName[entry.Name] = entry;
    }

    /// <summary>What the tensors beside it say of a tensor; null where they say nothing.</summary>
    public PackedTensor? Find(SafetensorsEntry entry, long elements)
    {
        if (byName.Count == 0) return null;
        if (IsInteger(entry) && (InWords(entry) ?? InBytes(entry, elements)) is { } weights) return new PackedTensor(Role.Weight, weights);
        if (Module(entry, "biases") is { } offsets && Beside(offsets + "weight", DataTypes.UInt32) is not null && Beside(offsets + "scales") is not null) return new PackedTensor(Role.ZeroPoint, elements);
        if (Module(entry, "_scales") is { } scaled && Beside(scaled + "_blocks", DataTypes.UInt8) is not null) return new PackedTensor(Role.Scale, elements);
        return null;
    }

    private static bool IsInteger(SafetensorsEntry entry) => entry.Type == DataTypes.Int32 || entry.Type == DataTypes.UInt32 || entry.Type == DataTypes.UInt8;

    private long? InWords(SafetensorsEntry entry) => entry.Type.Bits != BitsOfWord ? null
        : Module(entry, "qweight") is { } quantized ? OfScales(entry, quantized)
        : Module(entry, "weight_packed") is { } packed ? OfShape(entry, packed)
        : entry.Type == DataTypes.UInt32 && Module(entry, "weight") is { } module ? OfGroups(entry, module)
        : null;

    // Two weights of four bits in each byte.
    private long? InBytes(SafetensorsEntry entry, long elements)
    {
        if (entry.Type != DataTypes.UInt8 || elements > long.MaxValue / InByte) return null;
        var isPacked = Module(entry, "weight_packed") is { } packed && Beside(packed + "weight_scale") is not null
            || Module(entry, "_blocks") is { } blocks && Beside(blocks + "_scales", DataTypes.UInt8) is not null
            || Module(entry, "weight") is { } module && Beside(module + "weight_scale", DataTypes.Float8E4M3FN) is not null && Beside(module + "weight_scale_2") is not null
            || Beside(entry.Name + ".quant_state.bitsandbytes__nf4") is not null || Beside(entry.Name + ".quant_state.bitsandbytes__fp4") is not null;
        return isPacked ? elements * InByte : null;
    }

    // GPTQ and AWQ: scales [groups, out] and zero points [groups, out / per word] tell how many weights a word holds, whichever way the words run.
    private long? OfScales(SafetensorsEntry entry, string module)
    {
        if (entry.Dims is not [var rows, var columns] || Beside(module + "scales")?.Dims is not [_, > 0 and var outputs]) return null;
        if (Beside(module + "qzeros")?.Dims is not [_, > 0 and var words] || outputs % words != 0) return null;
        var perWord = outputs / words;
        return perWord is >= 1 and <= BitsOfWord && (columns == outputs || columns == words) ? (long)((Int128)rows * columns * perWord) : null;
    }

    // compressed-tensors stores the shape as values: rows as they are, columns packed. It is believed where some width of weights gives the words that are there.
    private long? OfShape(SafetensorsEntry entry, string module)
    {
        if (entry.Dims is not [var rows, > 0 and var words] || Beside(module + "weight_shape")?.Numbers is not [var logicalRows, > 0 and var columns] || rows != logicalRows) return null;
        for (var bits = 1; bits <= 8; bits++)
        {
            var perWord = BitsOfWord / bits;
            if ((columns - 1) / perWord + 1 == words) return (long)((Int128)rows * columns);
        }
        return null;
    }

    // MLX: words [out, in · bits / 32], scales [out, in / group].
    private long? OfGroups(SafetensorsEntry entry, string module)
    {
        if (Beside(module + "scales") is not { Dims: [.., > 0 and var groups] } scales || entry.Dims is not [.., > 0 and var words] || entry.Dims.Length < Rows || scales.Dims.Length != entry.Dims.Length) return null;
        Int128 rows = 1;
        foreach (var dim in entry.Dims.AsSpan(0, entry.Dims.Length - 1)) rows *= dim;
        if (scales.Type == DataTypes.UInt8) return Fitting(rows * words * (BitsOfWord / 4)); // floats of four bits, in whichever groups
        foreach (var group in GroupsOfMlx)
        {
            var (bits, rest) = Int128.DivRem((Int128)words * BitsOfWord, (Int128)groups * group);
            if (rest == 0 && bits >= 2 && bits <= 8) return Fitting(rows * groups * group);
        }
        return null;
    }

    private static long? Fitting(Int128 count) => count <= long.MaxValue ? (long)count : null;

    // What a name has before a last part; null where it ends otherwise.
    private static string? Module(SafetensorsEntry entry, string last) => entry.Name.EndsWith(last, StringComparison.Ordinal) ? entry.Name[..^last.Length] : null;

    private SafetensorsEntry? Beside(string name, DataType? type = null) => byName.TryGetValue(name, out var entry) && (type is null || entry.Type == type) ? entry : null;
}
