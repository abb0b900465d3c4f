using ModelGate.Models.Onnx;

namespace ModelGate.Compressing;

/// <summary>Operators whose presence says that a model has been quantized already.</summary>
internal static class QuantizedOperators
{
    /// <summary>The first one that a model uses, or null.</summary>
    public static string? FirstIn(OnnxModel model)
    {
        foreach (var graph in (IEnumerable<Graph>)[model.Graph!, .. model.Functions.Select(function => function.Body)])
        {
            if (FirstIn(graph, model.Names) is { } found) return found;
        }
        return null;
    }

    private static string? FirstIn(Graph graph, NameTable names)
    {
        foreach (var node in graph.Nodes)
        {
            var @operator = names.Text(node.Operator);
            if (IsQuantized(@operator)) return @operator;
            foreach (var attribute in node.Attributes)
            {
                foreach (var body in attribute.AllBodies)
                {
                    if (FirstIn(body, names) is { } found) return found;
                }
            }
        }
        return null;
    }

    private static bool IsQuantized(string @operator) => @operator is
        "QuantizeLinear" or "DequantizeLinear" or "DynamicQuantizeLinear" or "MatMulInteger" or "MatMulInteger16" or "ConvInteger" or "NhwcConvInteger"
        or "MatMulIntegerToFloat" or "DynamicQuantizeMatMul" or "DynamicQuantizeLSTM" or "MatMulNBits" or "MatMulBnb4" or "MatMulFpQ4" or "GatherBlockQuantized"
        or "QAttention" or "QGemm" or "QMoE" or "QuantizeBFP" or "DequantizeBFP" or "GemmFloat8" or "QEmbedLayerNormalization"
        || @operator.StartsWith("QLinear", StringComparison.Ordinal) || @operator.StartsWith("QOrdered", StringComparison.Ordinal);
}
