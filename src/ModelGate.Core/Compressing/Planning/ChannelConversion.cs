using ModelGate.Models;
using ModelGate.Models.Onnx;

namespace ModelGate.Compressing;

/// <summary>
/// Weights in int8 with a scale per channel. A DequantizeLinear gives the weight back under its own name, so that whoever uses it
/// stays as it is. Embeddings are looked up as codes instead and only the rows found are scaled: the whole table would be
/// dequantized on every run.
/// </summary>
internal static class ChannelConversion
{
    private const long Float32 = 1;

    // The first version of DequantizeLinear with an axis; below it ONNX Runtime's own stands in.
    private const long PerAxis = 13;
    private const long Broadcasting = 7;

    /// <summary>Converts a weight; or says why not.</summary>
    public static string? Convert(Weight weight, TensorFields fields, IReadOnlyList<(Node? Node, int Input)> uses, ModelEdits edits, WeightFidelity fidelity)
    {
        if (Unsuited(weight, edits) is { } reason) return reason;
        List<(Node Node, int Input)> lookups = [.. uses.Where(use => Lookups.Is(use, edits)).Select(use => (use.Node!, use.Input))];
        var version = edits.OperatorSetAt(weight.Function);
        if (lookups.Count > 0 && version < Broadcasting) return $"the rows of an embedding cannot be scaled before operator set {Broadcasting}; the model has {version}";
        if (lookups.Count == 0 && version < PerAxis && weight.Function is not null) return $"a function of operator set {version} has no DequantizeLinear with an axis";

        var axis = lookups.Count > 0 ? 0 : AxisOf(uses, weight.Dims.Length, edits);
        var channels = weight.Dims[axis];
        long inner = 1;
        foreach (var dim in weight.Dims.AsSpan(axis + 1)) inner *= dim;

        var (codes, scales) = (edits.NewName(weight.Name + "_int8"), edits.NewName(weight.Name + "_scale"));
        var data = new ChannelWeights(weight.Name, fields.Values!, channels, inner, isUnsigned: false, fidelity);
        long[] rowScales = [channels, .. Enumerable.Repeat(1L, weight.Dims.Length - 1)];
        NewTensor[] tensors =
        [
            new(codes, DataTypes.Int8, weight.Dims, data, true),
            new(scales, DataTypes.Float32, lookups.Count > 0 ? rowScales : [channels], data.Scales, false),
        ];

        MessageBytes[] nodes = [];
        if (lookups.Count == 0)
        {
            nodes = [MessageBytes.Node("DequantizeLinear", version < PerAxis ? "com.microsoft" : "", [codes, scales], [weight.Name], codes + "_dequantize", ("axis", axis))];
        }
        else if (lookups.Count < uses.Count)
        {
            // Tied to another use: both keep the same codes.
            var widened = edits.NewName(codes + "_widened");
            nodes =
            [
                MessageBytes.Node("Cast", "", [codes], [widened], widened + "_cast", ("to", Float32)),
                MessageBytes.Node("Mul", "", [widened, scales], [weight.Name], codes + "_dequantize"),
            ];
        }
        if (!edits.TryReplace(weight, fields, tensors, nodes, [.. lookups.Select(lookup => (lookup.Node, Lookup(lookup.Node, codes, scales, edits)))])) return Reasons.NotSmaller;
        if (lookups.Count == 0 && version < PerAxis) edits.UseMicrosoftOperators();
        return null;
    }

    /// <summary>Why a weight is none of those that make a model heavy: matrices, filters and tables; null where it is one.</summary>
    public static string? Unsuited(Weight weight, ModelEdits edits)
    {
        if (weight.Purpose.Role is not (Role.Weight or Role.Embedding)) return $"it is a {Named(weight.Purpose.Role)}";
        if (weight.Purpose.Consumer is not { } consumer) return "nothing that is known uses it";
        if (!Takes(edits.Text(consumer.Operator))) return $"{edits.Text(consumer.Operator)} is not among the operators whose weights are converted";
        return weight.Dims.Length < 2 ? "it has a single dimension, so no channels" : null;
    }

    /// <summary>Gather(codes) → Cast → Mul(Gather(scales)).</summary>
    private static MessageBytes[] Lookup(Node gather, string codes, string scales, ModelEdits edits)
    {
        var (indices, output) = (edits.Text(gather.Inputs[1]), edits.Text(gather.Outputs[0]));
        var (found, widened, factor) = (edits.NewName(output + "_codes"), edits.NewName(output + "_widened"), edits.NewName(output + "_scales"));
        return
        [
            MessageBytes.Node("Gather", "", [codes, indices], [found], found, ("axis", 0)),
            MessageBytes.Node("Cast", "", [found], [widened], widened, ("to", Float32)),
            MessageBytes.Node("Gather", "", [scales, indices], [factor], factor, ("axis", 0)),
            MessageBytes.Node("Mul", "", [widened, factor], [output], output + "_dequantize"),
        ];
    }

    private static bool Takes(string @operator) => @operator is "Conv" or "ConvTranspose" or "Gemm" or "MatMul" or "Gather" or "LSTM" or "GRU" or "RNN" or "Attention";

    // The output channel of the first operator that takes the weight as it is; where it is passed on first, its rows.
    private static int AxisOf(IReadOnlyList<(Node? Node, int Input)> uses, int rank, ModelEdits edits)
    {
        foreach (var (node, input) in uses)
        {
            if (node is null) continue;
            switch (edits.Text(node.Operator), input)
            {
                case ("Conv", 1): return 0;
                case ("ConvTranspose" or "Attention", 1) or ("LSTM" or "GRU" or "RNN", 1 or 2): return 1;
                case ("Gemm", 0): return Flag("transA") ? 1 : 0;
                case ("Gemm", 1): return Flag("transB") ? 0 : 1;
                case ("MatMul", 0): return rank - 2;
                case ("MatMul", 1): return rank - 1;
                default: break;
            }

            bool Flag(string name) => node!.Int(edits.Names, name) is not (null or 0);
        }
        return 0;
    }

    private static string Named(Role role) => role switch
    {
        Role.Bias => "bias",
        Role.Normalization => "scale or shift of a normalization",
        Role.Statistic => "running statistic of a normalization",
        _ => "constant of the computation",
    };
}
