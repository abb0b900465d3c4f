namespace ModelGate.Models.Safetensors;

/// <summary>Codes of which the shape of the weights cannot be told by their own: those of codebooks and trellises, and bytes that were laid out anew.</summary>
internal sealed class PackedCodes(TensorsByName tensors, Action<SafetensorsEntry, string> doubt)
{
    private const int BitsOfByte = 8;

    /// <summary>EXL3: tiles [in / 16, out / 16, 16 · bits] of sixteen-bit words. QTIP gives its signs' lengths instead.</summary>
    public long? OfTrellis(SafetensorsEntry entry)
    {
        const int Side = 16;
        if (OfSigns(entry) is { } weights) return weights;
        if (entry.Type.Bits != 16 || entry.Dims is not [.., var rows, var columns, > 0 and var words] || words % Side != 0 || words > Side * BitsOfByte) return null;
        Int128 tiles = (Int128)rows * columns;
        foreach (var dim in entry.Dims.AsSpan(0, entry.Dims.Length - 3)) tiles *= dim;
        return TensorsByName.Fitting(tiles * Side * Side);
    }

    /// <summary>QuIP#: one sign for each input and one for each output.</summary>
    public long? OfSigns(SafetensorsEntry entry)
    {
        var module = TensorsByName.Module(entry, TensorsByName.Last(entry.Name))!;
        if (tensors.Beside(module + "SU")?.Dims is not [> 0 and var inputs] || tensors.Beside(module + "SV")?.Dims is not [> 0 and var outputs]) return null;
        var bits = (Int128)(entry.End - entry.Begin) * BitsOfByte;
        var weights = (Int128)inputs * outputs;
        return weights <= bits && bits <= weights * BitsOfByte ? (long)weights : null;
    }

    /// <summary>AQLM: codes [out groups, in groups, codebooks], and codebooks [codebooks, entries, out of a group, in of a group].</summary>
    public long? OfCodebooks(SafetensorsEntry entry) =>
        entry.Dims is [var outGroups, var inGroups, var books] && tensors.Beside(TensorsByName.Module(entry, "codes") + "codebooks")?.Dims is [_, _, var outputs and > 0 and <= 1024, var inputs and > 0 and <= 1024] && outputs * inputs >= books
            ? TensorsByName.Fitting((Int128)outGroups * inGroups * (outputs * inputs)) : null;

    /// <summary>HQQ stores the shape of what its bytes hold as values. It is believed where they have room for it.</summary>
    public long? OfShape(SafetensorsEntry entry, long elements)
    {
        var bits = (Int128)(entry.End - entry.Begin) * BitsOfByte;
        var module = TensorsByName.Module(entry, "W_q")!;
        if (tensors.Beside(module + "scale") is null) return null;
        if (tensors.Beside(module + "shape")?.Numbers is [> 0 and var rows, > 0 and var columns] && (Int128)rows * columns is var weights && weights <= bits && weights >= elements) return (long)weights;
        doubt(entry, "no shape beside its bytes tells how many weights each holds; counted as weights of one bit, the narrowest that HQQ packs");
        return TensorsByName.Fitting(bits);
    }

    /// <summary>quanto: groups of weights in rows, of which a byte holds two or four; each row has a scale.</summary>
    public long? OfRows(SafetensorsEntry entry)
    {
        const int Fewest = 2, Most = 4;
        if (entry.Type != DataTypes.UInt8 || entry.Dims is not [> 0 and var rows, var columns] || TensorsByName.Module(entry, "._data._data") is not { } module || tensors.Beside(module + "._scale") is not { } scale) return null;
        if (scale.Dims is [> 1 and var groups, 1] && groups <= (Int128)rows * Most && groups > ((Int128)rows - 1) * Fewest && (groups <= (Int128)rows * Fewest || groups > ((Int128)rows - 1) * Most))
            return TensorsByName.Fitting((Int128)groups * columns);
        doubt(entry, "its scales do not tell how many weights a byte holds; counted as four of two bits, the narrowest that quanto packs");
        return TensorsByName.Fitting((Int128)rows * columns * Most);
    }
}
