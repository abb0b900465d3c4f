namespace ModelGate.Models.Safetensors;

/// <summary>Weights as the bits of whole integers: how many of them a word holds follows from the shapes of what stands beside.</summary>
internal sealed class PackedWords(TensorsByName tensors, QuantizationSettings settings, Action<SafetensorsEntry, string> doubt)
{
    /// <summary>Bits of a word.</summary>
    public const int Bits = 32;

    private const int WidestCodes = 8, NarrowestCodes = 2;

    /// <summary>GPTQ, AWQ and Nunchaku: a <c>qweight</c> of words or, of four bits only, of narrower integers.</summary>
    public long? OfScales(SafetensorsEntry entry, long elements)
    {
        var module = TensorsByName.Module(entry, "qweight")!;
        if (tensors.Beside(module + "wscales") is not null || entry.Type == DataTypes.Int16) return TensorsByName.Times(elements, entry.Type.Bits / 4);
        return entry.Type.Bits == Bits ? OfZeroPoints(entry, elements, "qweight", "scales", "qzeros") ?? OfWords(entry, elements, module) : null;
    }

    /// <summary>Words beside scales [groups, out] and zero points of as many bits, [groups, out · bits / 32]: their widths tell how many a word holds, whichever way the words run.</summary>
    public long? OfZeroPoints(SafetensorsEntry entry, long elements, string own, string scales, string zeroPoints)
    {
        var module = TensorsByName.Module(entry, own)!;
        if (entry.Dims is not [.., var rows, var columns] || tensors.Beside(module + scales)?.Dims is not [.., var scaled, > 0 and var outputs] || tensors.Beside(module + zeroPoints)?.Dims is not [.., > 0 and var words]) return null;
        if (columns != outputs && columns != words && rows != scaled || outputs < words || outputs > (Int128)words * Bits) return null;
        var (weights, rest) = Int128.DivRem((Int128)elements * outputs, words);
        return rest == 0 ? TensorsByName.Fitting(weights) : null;
    }

    /// <summary>compressed-tensors stores the shape as values: rows as they are, columns packed. It is believed where some width of weights gives the words that are there.</summary>
    public long? OfShape(SafetensorsEntry entry, long elements)
    {
        if (entry.Dims is [var rows, > 0 and var words] && tensors.Beside(TensorsByName.Module(entry, "weight_packed") + "weight_shape")?.Numbers is [var logicalRows, > 0 and var columns] && rows == logicalRows)
        {
            for (var bits = 1; bits <= WidestCodes; bits++)
            {
                if ((columns - 1) / (Bits / bits) + 1 == words) return (long)((Int128)rows * columns);
            }
        }
        return Most(entry, elements);
    }

    /// <summary>Marlin: words [in / 16, out · 16 / per word] beside scales <c>s</c> [groups, out]; of 2:4 sparse weights those that are stored.</summary>
    public long? OfTiles(SafetensorsEntry entry, long elements)
    {
        const int Tile = 16;
        if (entry.Type != DataTypes.Int32 || entry.Dims is not [_, > 0 and var columns] || tensors.Beside(TensorsByName.Module(entry, TensorsByName.Last(entry.Name)) + "s")?.Dims is not [_, > 0 and var outputs]) return null;
        var (perWord, rest) = Int128.DivRem((Int128)outputs * Tile, columns);
        return rest == 0 && perWord >= Bits / WidestCodes && perWord <= Bits ? TensorsByName.Fitting(elements * perWord) : null;
    }

    /// <summary>EXL2: words of several widths in one tensor [words, out], and the order of the inputs, each once.</summary>
    public long? OfPermutation(SafetensorsEntry entry)
    {
        var module = TensorsByName.Module(entry, "q_weight")!;
        if (entry.Type != DataTypes.Int32 || entry.Dims is not [var rows, > 0 and var outputs] || (tensors.Beside(module + "q_invperm") ?? tensors.Beside(module + "q_perm"))?.Dims is not [> 0 and var inputs]) return null;
        return (Int128)rows * Bits >= inputs && (Int128)rows * Bits <= (Int128)inputs * WidestCodes ? TensorsByName.Fitting((Int128)inputs * outputs) : null;
    }

    /// <summary>The most that words may hold, where nothing tells how many bits a weight has.</summary>
    public long? Most(SafetensorsEntry entry, long elements)
    {
        doubt(entry, $"nothing beside its words tells how many weights each holds; counted as weights of {NarrowestCodes} bits, the narrowest in use");
        return TensorsByName.Times(elements, Bits / NarrowestCodes);
    }

    // GPTQ without zero points: the group of each input says how many inputs there are, or the configuration how many bits.
    private long? OfWords(SafetensorsEntry entry, long elements, string module)
    {
        if (entry.Dims is [> 0 and var rows, var outputs] && tensors.Beside(module + "g_idx")?.Dims is [> 0 and var inputs] && (Int128)rows * Bits >= inputs && (Int128)rows * Bits <= (Int128)inputs * WidestCodes)
            return TensorsByName.Fitting((Int128)inputs * outputs);
        if (settings.Of(module.TrimEnd('.')) is { Bits: >= NarrowestCodes and <= WidestCodes and var bits }) return TensorsByName.Fitting((Int128)elements * Bits / bits);
        return Most(entry, elements);
    }
}
