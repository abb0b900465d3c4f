namespace ModelGate.Models.TensorFlowLite;

/// <summary>Tells the layers of a TensorFlow Lite model from its operators.</summary>
internal static class LiteLayers
{
    /// <summary>What the structure tells.</summary>
    /// <param name="graph">The subgraph that is the model itself.</param>
    /// <param name="tensors">The tensors that the model stores.</param>
    /// <param name="consumers">For each of them, the operator that says what it is for.</param>
    public static LayerGraph Of(LiteSubgraph graph, IReadOnlyList<Tensor> tensors, IReadOnlyList<LiteOperator?> consumers)
    {
        var kinds = new LayerKind[tensors.Count];
        var weighted = new HashSet<LiteOperator>(ReferenceEqualityComparer.Instance);
        var width = 0L;
        for (var index = 0; index < kinds.Length; index++)
        {
            kinds[index] = LayerGraph.OfRole(tensors[index].Role) ?? KindOf(tensors[index].Operator);
            if (!tensors[index].IsParameter || !LayerGraph.IsWeighted(kinds[index]) || consumers[index] is not { } layer) continue;
            weighted.Add(layer);
            width = Math.Max(width, OutputChannels(tensors[index]));
        }
        var attention = LiteAttention.Find(graph, weighted);
        for (var index = 0; index < kinds.Length; index++)
        {
            if (kinds[index] is LayerKind.Dense or LayerKind.Convolution && consumers[index] is { } layer && attention.Contains(layer)) kinds[index] = LayerKind.Attention;
        }
        return new LayerGraph(kinds, Depth(graph, weighted), width);
    }

    private static LayerKind KindOf(string name) => name switch
    {
        "CONV_2D" or "DEPTHWISE_CONV_2D" or "TRANSPOSE_CONV" or "CONV_3D" or "CONV_3D_TRANSPOSE" => LayerKind.Convolution,
        "FULLY_CONNECTED" or "BATCH_MATMUL" => LayerKind.Dense,
        "SVDF" or "RNN" or "LSTM" or "UNIDIRECTIONAL_SEQUENCE_RNN" or "UNIDIRECTIONAL_SEQUENCE_LSTM" or "BIDIRECTIONAL_SEQUENCE_RNN" or "BIDIRECTIONAL_SEQUENCE_LSTM" => LayerKind.Recurrent,
        "GATHER" or "EMBEDDING_LOOKUP" or "EMBEDDING_LOOKUP_SPARSE" or "HASHTABLE_LOOKUP" => LayerKind.Embedding,
        _ => LayerKind.Other,
    };

    // Kernels are [out, …] but for depthwise ones, [1, height, width, out], and those of CONV_3D, [depth, height, width, in, out].
    private static long OutputChannels(Tensor tensor) => (tensor.Operator, tensor.Dims.Count) switch
    {
        (_, 0) => 0,
        ("DEPTHWISE_CONV_2D" or "CONV_3D" or "BATCH_MATMUL" or "GATHER" or "EMBEDDING_LOOKUP", _) => tensor.Dims[^1],
        ("CONV_3D_TRANSPOSE", >= 2) => tensor.Dims[^2],
        _ => tensor.Dims[0],
    };

    // Operators stand in the order in which they run.
    private static int Depth(LiteSubgraph graph, HashSet<LiteOperator> weighted)
    {
        var lengths = new int[graph.Tensors.Count];
        var longest = 0;
        foreach (var node in graph.Operators)
        {
            var length = 0;
            foreach (var input in node.Inputs)
            {
                if (input >= 0) length = Math.Max(length, lengths[input]);
            }
            if (weighted.Contains(node)) length++;
            foreach (var output in node.Outputs)
            {
                if (output >= 0) lengths[output] = Math.Max(lengths[output], length);
            }
            longest = Math.Max(longest, length);
        }
        return longest;
    }
}
