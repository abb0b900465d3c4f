using ModelGate.Models;

namespace ModelGate.Compressing;

/// <summary>Weights of matrix multiplications in int4: MatMul and Gemm become ONNX Runtime's MatMulNBits.</summary>
internal static class BlockConversion
{
    private const long Broadcasting = 7;

    /// <summary>Converts a weight; or says why not.</summary>
    public static string? Convert(Weight weight, TensorFields fields, IReadOnlyList<(Models.Onnx.Node? Node, int Input)> uses, ModelEdits edits, int blockSize, WeightFidelity fidelity)
    {
        if (Multiplications.Of(weight, uses, edits) is not { } multiplications) return "it is not the matrix of MatMul or Gemm alone, and int4 has no other operator";
        if (edits.OperatorSetAt(null) is var version && version < Broadcasting) return $"a bias cannot be added before operator set {Broadcasting}; the model has {version}";
        var (depth, columns) = multiplications.IsTransposed ? (weight.Dims[1], weight.Dims[0]) : (weight.Dims[0], weight.Dims[1]);
        if (depth < 1 || columns < 1 || weight.Storage.Elements / depth != columns || (depth + blockSize - 1) / blockSize * columns > Array.MaxLength) return "it is empty, or too large for one operator";

        var (codes, scales) = (edits.NewName(weight.Name + "_int4"), edits.NewName(weight.Name + "_scale"));
        var data = new BlockWeights(weight.Name, fields.Values!, (int)depth, (int)columns, multiplications.IsTransposed, blockSize, fidelity);
        var blocks = (depth + blockSize - 1) / blockSize;
        NewTensor[] tensors =
        [
            new(codes, DataTypes.UInt8, [columns, blocks, blockSize / 2], data, true),
            new(scales, DataTypes.Float32, [columns * blocks], data.Scales, false),
        ];
        if (!edits.TryReplace(weight, fields, tensors, [], [.. multiplications.Nodes.Select(node => (node, Multiplications.Replacement(node, edits, output =>
            [MessageBytes.Node("MatMulNBits", "com.microsoft", [edits.Text(node.Inputs[0]), codes, scales], [output], output + "_int4", ("K", depth), ("N", columns), ("bits", 4), ("block_size", blockSize))])))]))
            return Reasons.NotSmaller;
        edits.UseMicrosoftOperators();
        return null;
    }
}
