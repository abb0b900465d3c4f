namespace ModelGate.Models.Onnx.Layers;

/// <summary>How many channels a layer puts out, by the shape of its weight and the attributes of its operator.</summary>
internal static class OutputChannels
{
    /// <summary>The channels; 0 where they cannot be told.</summary>
    public static long Of(NameTable names, ValueFlow flow, Tensor tensor, Purpose purpose)
    {
        var (node, dims) = (purpose.Consumer!, tensor.Dims);
        return (tensor.Operator, dims.Count) switch
        {
            ("ConvTranspose", >= 3) => dims[1] * Math.Max(1, node.Int(names, "group") ?? 1),
            ("MatMulNBits" or "MatMulBnb4" or "MatMulFpQ4", _) => node.Int(names, "N") ?? 0,
            ("LSTM" or "GRU" or "RNN" or "DynamicQuantizeLSTM", 3) => dims[0] * (node.Int(names, "hidden_size") ?? 0),
            (_, >= 3) when LayerOperators.KindOf(tensor.Operator) == LayerKind.Convolution => dims[0],
            ("Gemm" or "FusedGemm" or "QGemm" or "GemmFloat8", 2) => purpose.Input > 0 && node.Int(names, "transB") is 1 ? dims[0] : dims[1],
            (_, 1) => dims[0],
            (_, >= 2) => IsTransposed(names, flow, node, purpose.Input) || purpose.Input == 0 && LayerOperators.Multiplies(tensor.Operator) ? dims[^2] : dims[^1],
            _ => 0,
        };
    }

    private static bool IsTransposed(NameTable names, ValueFlow flow, Node node, int input) =>
        input >= 0 && input < node.InputValues.Length && flow.ProducerOf(node.InputValues[input]) is { } producer && names.Text(producer.Operator) == "Transpose";
}
