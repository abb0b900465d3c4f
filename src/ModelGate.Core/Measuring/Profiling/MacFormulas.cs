using ModelGate.Models;

namespace ModelGate.Measuring;

/// <summary>
/// Multiply-accumulates of one execution of one operator, from the shapes that the runtime reports. Shapes say nearly all: a convolution's
/// groups stand in the shape of its weight, and its strides, pads and dilations in the shape of its output. Attributes are asked for only
/// where shapes leave something open. Sources: Operators.md of ONNX and ContribOperators.md of ONNX Runtime.
/// </summary>
public static class MacFormulas
{
    private const double BitsOfByte = 8;

    /// <summary>The multiply-accumulates; null where there is no formula for the operator, or an attribute that it needs is not known.</summary>
    /// <param name="ran">What ran.</param>
    /// <param name="node">The same node in the model's file; null where it could not be told which one it is.</param>
    public static double? Of(ProfiledNode ran, GraphNode? node)
    {
        if (OperatorsWithoutMacs.Has(ran.Operator))
            return 0;
        // The runtime leaves out what a node leaves out; where the file tells what that is, each tensor gets its place back.
        var inputs = new Operands(ran.Inputs, node?.HasInput);
        var outputs = new Operands(ran.Outputs, node?.HasOutput);
        if (inputs[0] is not { } x || outputs[0] is not { } y)
            return null;
        return ran.Operator switch
        {
            // Every element of the output sums over the weight of one filter: channels of its group × kernel.
            "Conv" or "FusedConv" or "NhwcFusedConv" or "NhwcConv" or "ConvInteger" or "NhwcConvInteger" or "DeformConv" => y.Elements * PerFilter(inputs[1]),
            "QLinearConv" => y.Elements * PerFilter(inputs[3]),
            // The other way round: every element of the input is multiplied into the kernels of all channels of its group.
            "ConvTranspose" => x.Elements * PerFilter(inputs[1]),

            "MatMul" or "MatMulInteger" or "MatMulInteger16" or "QLinearMatMul" or "DynamicQuantizeMatMul" or "MatMulIntegerToFloat"
                or "MatMulNBits" or "MatMulBnb4" or "MatMulFpQ4" or "GemmFastGelu" or "FusedMatMulActivation" => y.Elements * FromEnd(x, 1),
            "FusedMatMul" or "TransposeMatMul" => Transposed(node) is { } transposed ? y.Elements * FromEnd(x, transposed ? 2 : 1) : null,
            "Gemm" or "FusedGemm" or "QGemm" or "GemmFloat8" => y.Elements == 0 ? 0 : y.Elements * x.Elements / y.Dims[0],

            "LSTM" or "GRU" or "RNN" or "DynamicQuantizeLSTM" => x.Elements == 0 ? 0 : x.Elements / FromEnd(x, 1) * (inputs[1]?.Elements + inputs[2]?.Elements),

            // The standard's operator takes queries, keys and values; the contributed one of the same name takes an input and a weight.
            "Attention" when inputs[1] is { Dims.Count: 2 } weight => WithProjection(x, weight, y, ran.Inputs),
            "QAttention" when inputs[1] is { Dims.Count: 2 } weight => WithProjection(x, weight, y, ran.Inputs),
            "Attention" => OfHeads(x.Elements, y.Elements, Keys(inputs, outputs, pastKey: 4)),
            // Queries, keys and values packed into one tensor hold a third of it each.
            "MultiHeadAttention" when inputs[1] is null => OfHeads(x.Elements / 3, y.Elements, At(outputs[1], 2) ?? At(x, 1)),
            "MultiHeadAttention" => OfHeads(x.Elements, y.Elements, Keys(inputs, outputs, pastKey: 6)),
            // With a buffer of its own for each step the second output is as long as the keys.
            "DecoderMaskedMultiHeadAttention" when node?.Int("past_present_share_buffer") is null or 0 => node is null ? null : OfHeads(x.Elements, y.Elements, At(outputs[1], 2)),
            "GroupQueryAttention" => OfHeads(y.Elements, y.Elements, At(outputs[1], 2) ?? At(x, 1)),

            "Einsum" => node?.Equation is { } equation ? EinsumMacs.Of(equation, ran.Inputs) : null,
            // Each token goes through k of the experts; the weights of QMoE hold several codes in each byte.
            "MoE" => MoE(x, inputs[2], inputs[4], inputs[6], node?.Int("k") ?? 1),
            "QMoE" => node is null ? null : MoE(x, inputs[2], inputs[5], inputs[8], node.Int("k") ?? 1) * (BitsOfByte / (node.Int("expert_weight_bits") ?? 4)),

            "DFT" => FourierMacs.OfDft(x, y, node),
            "STFT" => FourierMacs.OfStft(x, inputs[2], y, node),

            // A grid of points, each multiplied into the matrix; distances of all rows to all rows, by their products.
            "AffineGrid" or "CDist" => y.Elements * FromEnd(x, 1),
            // [batch, length, heads × size] into [size, buckets].
            "GatedRelativePositionBias" => inputs[3] is { Dims.Count: 2 } weight ? x.Elements * weight.Dims[1] : null,

            // Of a classical operator the file tells how many numbers it multiplies a row of features with.
            "LinearRegressor" or "LinearClassifier" => Rows(x) * node?.Floats("coefficients"),
            "SVMClassifier" or "SVMRegressor" => Rows(x) * (node?.Floats("support_vectors") + node?.Floats("coefficients")),
            _ => null,
        };
    }

    private static double? PerFilter(ProfiledTensor? weight) => weight is { Dims.Count: > 1 } ? weight.Dims.Skip(1).Aggregate(1.0, static (product, dim) => product * dim) : null;

    private static double? OfHeads(double queries, double results, double? keys) => (queries + results) * keys;

    // input [batch, sequence, features], weight [features, queries + keys + values], output [batch, sequence, values]; past [2, batch, heads, length, size].
    private static double? WithProjection(ProfiledTensor input, ProfiledTensor weight, ProfiledTensor output, IReadOnlyList<ProfiledTensor> inputs)
    {
        double values = FromEnd(output, 1), queries = (weight.Dims[1] - values) / 2, tokens = input.Elements / FromEnd(input, 1);
        double past = inputs.FirstOrDefault(static candidate => candidate.Dims is [2, _, _, _, _])?.Dims[3] ?? 0;
        return (input.Elements * weight.Dims[1]) + (tokens * (FromEnd(input, 2) + past) * (queries + values));
    }

    // Length of the keys, past ones included: [batch, heads, length, size] in the second output where the node gives it, else what went in.
    private static double? Keys(Operands inputs, Operands outputs, int pastKey) =>
        outputs[1] is { Dims.Count: 4 } present ? present.Dims[2]
        : inputs[1] is { } key && At(key, key.Dims.Count == 4 ? 2 : 1) is { } length ? length + (At(inputs[pastKey], 2) ?? 0)
        : null;

    // [experts, …, …] each; the third is left out where the activation has no gate of its own.
    private static double? MoE(ProfiledTensor tokens, ProfiledTensor? first, ProfiledTensor? second, ProfiledTensor? third, long k) =>
        first is { Dims.Count: 3 } && second is { Dims.Count: 3 }
            ? tokens.Elements / FromEnd(tokens, 1) * k * (first.Elements + second.Elements + (third?.Elements ?? 0)) / first.Dims[0]
            : null;

    // Both attributes together would put the batch in the middle; no exporter writes that.
    private static bool? Transposed(GraphNode? node) =>
        node is null || (node.Int("transA") is not (null or 0) && node.Int("transBatchA") is not (null or 0)) ? null : node.Int("transA") is not (null or 0);

    private static double Rows(ProfiledTensor features) => features.Dims.Count > 1 ? features.Dims[0] : 1;

    private static double FromEnd(ProfiledTensor tensor, int place) => tensor.Dims.Count >= place ? tensor.Dims[^place] : 1;

    private static double? At(ProfiledTensor? tensor, int place) => tensor?.Dims.Count > place ? tensor.Dims[place] : null;

    // The tensors of a node by their place in the operator's specification.
    private readonly struct Operands(IReadOnlyList<ProfiledTensor> given, IReadOnlyList<bool>? present)
    {
        public ProfiledTensor? this[int place]
        {
            get
            {
                if (present is null || present.Count(static one => one) != given.Count)
                    return place < given.Count ? given[place] : null;
                return place < present.Count && present[place] ? given[present.Take(place).Count(static one => one)] : null;
            }
        }
    }
}
