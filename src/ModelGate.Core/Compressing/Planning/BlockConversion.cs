using ModelGate.Models;
using ModelGate.Models.Onnx;

namespace ModelGate.Compressing;

/// <summary>Weights in int4 with a scale per block: MatMul and Gemm become ONNX Runtime's MatMulNBits, Gather its GatherBlockQuantized.</summary>
internal static class BlockConversion
{
    private const long Broadcasting = 7;
    private const string TooLarge = "it is empty, or too large for one operator";

    /// <summary>Converts a weight; or says why not.</summary>
    public static string? Convert(Weight weight, TensorFields fields, IReadOnlyList<(Node? Node, int Input)> uses, ModelEdits edits, int blockSize, WeightFidelity fidelity)
    {
        if (weight.Function is null && uses.Count > 0 && uses.All(use => Lookups.Is(use, edits))) return ConvertTable(weight, fields, uses, edits, blockSize, fidelity);
        if (Multiplications.Of(weight, uses, edits) is not { } multiplications) return "it is not the matrix of MatMul or Gemm alone, nor the table of Gather alone, and int4 has no other operator";
        if (edits.OperatorSetAt(null) is var version && version < Broadcasting) return $"a bias cannot be added before operator set {Broadcasting}; the model has {version}";
        var (depth, columns) = multiplications.IsTransposed ? (weight.Dims[1], weight.Dims[0]) : (weight.Dims[0], weight.Dims[1]);
        if (!Fits(weight, depth, columns, blockSize)) return TooLarge;

        var (codes, scales) = (edits.NewName(weight.Name + "_int4"), edits.NewName(weight.Name + "_scale"));
        var data = new BlockWeights(weight.Name, fields.Values!, (int)depth, (int)columns, multiplications.IsTransposed, isPadded: true, blockSize, fidelity);
        var blocks = Blocks(depth, blockSize);
        NewTensor[] tensors =
        [
            new(codes, DataTypes.UInt8, [columns, blocks, blockSize / 2], data, true),
            new(scales, DataTypes.Float32, [columns * blocks], data.Scales, true),
        ];
        return Replace(weight, fields, tensors, edits, [.. multiplications.Nodes.Select(node => (node, Multiplications.Replacement(node, edits, output =>
            [MessageBytes.Node("MatMulNBits", "com.microsoft", [edits.Text(node.Inputs[0]), codes, scales], [output], output + "_int4", ("K", depth), ("N", columns), ("bits", 4), ("block_size", blockSize))])))]);
    }

    // Codes as bytes, which ONNX Runtime takes since 1.22; that they hold four bits each is what it assumes where nothing is said, and only later versions may be told.
    private static string? ConvertTable(Weight weight, TensorFields fields, IReadOnlyList<(Node? Node, int Input)> uses, ModelEdits edits, int blockSize, WeightFidelity fidelity)
    {
        if (weight.Dims.Length != 2) return "it is a table of more than two dimensions";
        var (rows, width) = (weight.Dims[0], weight.Dims[1]);
        if (width % 2 != 0) return "its rows hold an odd number of weights, so that they cannot be packed in pairs";
        if (!Fits(weight, width, rows, blockSize)) return TooLarge;

        var (codes, scales) = (edits.NewName(weight.Name + "_int4"), edits.NewName(weight.Name + "_scale"));
        var data = new BlockWeights(weight.Name, fields.Values!, (int)width, (int)rows, isTransposed: true, isPadded: false, blockSize, fidelity);
        NewTensor[] tensors =
        [
            new(codes, DataTypes.UInt8, [rows, width / 2], data, true),
            new(scales, DataTypes.Float32, [rows, Blocks(width, blockSize)], data.Scales, true),
        ];
        return Replace(weight, fields, tensors, edits, [.. uses.Select(use => use.Node!).Distinct().Select(node => (node, (MessageBytes[])
            [MessageBytes.Node("GatherBlockQuantized", "com.microsoft", [codes, edits.Text(node.Inputs[1]), scales], [edits.Text(node.Outputs[0])], edits.Text(node.Outputs[0]) + "_int4", ("gather_axis", 0), ("quantize_axis", 1), ("block_size", blockSize))]))]);
    }

    private static long Blocks(long depth, int blockSize) => (depth + blockSize - 1) / blockSize;

    private static bool Fits(Weight weight, long depth, long columns, int blockSize) =>
        depth >= 1 && columns >= 1 && depth <= int.MaxValue && columns <= int.MaxValue && weight.Storage.Elements / depth == columns && Blocks(depth, blockSize) * columns <= Array.MaxLength;

    private static string? Replace(Weight weight, TensorFields fields, NewTensor[] tensors, ModelEdits edits, (Node Old, MessageBytes[] New)[] users)
    {
        if (!edits.TryReplace(weight, fields, tensors, [], users)) return Reasons.NotSmaller;
        edits.UseMicrosoftOperators();
        return null;
    }
}
