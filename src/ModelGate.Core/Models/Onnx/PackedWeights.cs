namespace ModelGate.Models.Onnx;

/// <summary>
/// How many weights a packed tensor holds: operators of ONNX Runtime keep several sub-byte weights in one stored byte.
/// Source: ContribOperators.md of ONNX Runtime.
/// </summary>
internal static class PackedWeights
{
    /// <summary>The weights that a tensor of <paramref name="elements"/> stored elements holds where it feeds an input of a packed operator.</summary>
    public static long LogicalElements(Node node, int input, NameTable names, DataType type, long elements) =>
        (names.Text(node.Operator), input) switch
        {
            ("MatMulNBits", 1) => Matrix(node, names, type, node.Int(names, "bits") ?? 4, elements),
            ("MatMulBnb4", 1) => Matrix(node, names, type, 4, elements),
            ("MatMulFpQ4", 1) => Unpacked(type, 4, elements),
            ("QMoE", 2 or 5 or 8) => Unpacked(type, node.Int(names, "expert_weight_bits") ?? 4, elements),
            ("GatherBlockQuantized", 0) when type.Bits == 8 => Unpacked(type, node.Int(names, "bits") ?? 4, elements),
            _ => elements,
        };

    // K × N where the bytes are what K, N and the block size ask for (K is padded to whole blocks); where they are not,
    // the attributes cannot be believed, and every stored bit counts.
    private static long Matrix(Node node, NameTable names, DataType type, long bits, long elements)
    {
        if (node.Int(names, "K") is not (> 0 and < int.MaxValue) || node.Int(names, "N") is not (> 0 and < int.MaxValue)) return Unpacked(type, bits, elements);
        var (rows, columns) = (node.Int(names, "K")!.Value, node.Int(names, "N")!.Value);
        var block = Math.Clamp(node.Int(names, "block_size") ?? 32, 1, int.MaxValue);
        var stored = (Int128)elements * type.Bits;
        var padded = (rows + block - 1) / block * (Int128)block * columns * bits;
        var exact = (Int128)rows * columns * bits;
        return stored >= exact && stored <= padded + 7 ? (long)((Int128)rows * columns) : Unpacked(type, bits, elements);
    }

    private static long Unpacked(DataType type, long bits, long elements) => bits is >= 1 and <= 8 ? (long)((Int128)elements * type.Bits / bits) : elements;
}
