using ModelGate.Models;
using ModelGate.Models.Onnx;

namespace ModelGate.Compressing;

/// <summary>
/// Matrix multiplications in integers: DynamicQuantizeLinear scales the activations while the model runs, once for all multiplications
/// that take them, MatMulInteger multiplies, and the product is scaled back. Weights are uint8: on processors without VNNI the kernel for int8 weights saturates its sums.
/// </summary>
internal static class DynamicConversion
{
    private const long Float32 = 1;
    private const byte ZeroPoint = 128;

    // The version that brought DynamicQuantizeLinear.
    private const long Dynamic = 11;

    /// <summary>Converts a weight; or says why not.</summary>
    public static string? Convert(Weight weight, TensorFields fields, Multiplications multiplications, QuantizedActivations activations, ModelEdits edits, WeightFidelity fidelity)
    {
        if (edits.OperatorSetAt(null) is var version && version < Dynamic) return $"activations cannot be quantized before operator set {Dynamic}; the model has {version}";
        var (codes, scales, zero) = (edits.NewName(weight.Name + "_uint8"), edits.NewName(weight.Name + "_scale"), edits.NewName(weight.Name + "_zero"));
        var (channels, inner) = multiplications.IsTransposed ? (weight.Dims[0], weight.Dims[1]) : (weight.Dims[1], 1);
        var data = new ChannelWeights(weight.Name, fields.Values!, channels, inner, isUnsigned: true, fidelity);
        NewTensor[] tensors =
        [
            new(codes, DataTypes.UInt8, weight.Dims, data, true),
            new(scales, DataTypes.Float32, [channels], data.Scales, false),
            new(zero, DataTypes.UInt8, [], new MadeBytes([ZeroPoint]), false),
        ];

        // A runtime turns stored codes round once, when it loads the model.
        MessageBytes[] nodes = [];
        var matrix = codes;
        if (multiplications.IsTransposed)
        {
            matrix = edits.NewName(codes + "_turned");
            nodes = [MessageBytes.Node("Transpose", "", [codes], [matrix], matrix)];
        }
        (Node, MessageBytes[])[] users = [.. multiplications.Nodes.Select(node => (node, Multiplications.Replacement(node, edits, output => Product(activations.Of(node), output, matrix, scales, zero, edits))))];
        if (!edits.TryReplace(weight, fields, tensors, nodes, users, activations.LengthOfNew(multiplications.Nodes))) return Reasons.NotSmaller;
        activations.Take(multiplications.Nodes);
        return null;
    }

    private static MessageBytes[] Product((string Codes, string Scale, string Zero) input, string output, string matrix, string scales, string zero, ModelEdits edits)
    {
        string Named(string part) => edits.NewName($"{output}_{part}");
        var (sum, widened, factor) = (Named("sum"), Named("widened"), Named("factor"));
        return
        [
            MessageBytes.Node("MatMulInteger", "", [input.Codes, matrix, input.Zero, zero], [sum], sum),
            MessageBytes.Node("Cast", "", [sum], [widened], widened, ("to", Float32)),
            MessageBytes.Node("Mul", "", [input.Scale, scales], [factor], factor),
            MessageBytes.Node("Mul", "", [widened, factor], [output], output + "_dequantize"),
        ];
    }
}
