namespace ModelGate.Models.TensorFlowLite;

/// <summary>Tells the layers of a TensorFlow Lite model from its operators.</summary>
internal static class LiteLayers
{
    /// <summary>What the structure tells.</summary>
    /// <param name="graphs">Its subgraphs; the first is the model itself.</param>
    /// <param name="tensors">The tensors that the model stores.</param>
    /// <param name="consumers">For each of them, the operator that says what it is for.</param>
    public static LayerGraph Of(IReadOnlyList<LiteSubgraph> graphs, IReadOnlyList<Tensor> tensors, IReadOnlyList<LiteOperator?> consumers)
    {
        var kinds = new LayerKind[tensors.Count];
        var weighted = new HashSet<LiteOperator>(ReferenceEqualityComparer.Instance);
        var width = 0L;
        for (var index = 0; index < kinds.Length; index++)
        {
            kinds[index] = LayerGraph.OfRole(tensors[index].Role) ?? KindOf(tensors[index].Operator);
            if (!tensors[index].IsParameter || !LayerGraph.IsWeighted(kinds[index]) || consumers[index] is not { } layer) continue;
            weighted.Add(layer);
            width = Math.Max(width, OutputChannels(tensors[index].Operator, tensors[index].Dims));
        }
        foreach (var graph in graphs) width = Math.Max(width, AddFurtherUses(graph, weighted));
        var attention = LiteAttention.Find(graphs[0], weighted);
        for (var index = 0; index < kinds.Length; index++)
        {
            if (kinds[index] is LayerKind.Dense or LayerKind.Convolution && consumers[index] is { } layer && attention.Contains(layer)) kinds[index] = LayerKind.Attention;
        }
        return new LayerGraph(kinds, Depth(graphs, 0, weighted, new int?[graphs.Count], 0), width);
    }

    private static LayerKind KindOf(string name) => name switch
    {
        "CONV_2D" or "DEPTHWISE_CONV_2D" or "TRANSPOSE_CONV" or "CONV_3D" or "CONV_3D_TRANSPOSE" => LayerKind.Convolution,
        "FULLY_CONNECTED" or "BATCH_MATMUL" => LayerKind.Dense,
        "SVDF" or "RNN" or "LSTM" or "UNIDIRECTIONAL_SEQUENCE_RNN" or "UNIDIRECTIONAL_SEQUENCE_LSTM" or "BIDIRECTIONAL_SEQUENCE_RNN" or "BIDIRECTIONAL_SEQUENCE_LSTM" => LayerKind.Recurrent,
        "GATHER" or "EMBEDDING_LOOKUP" or "EMBEDDING_LOOKUP_SPARSE" or "HASHTABLE_LOOKUP" => LayerKind.Embedding,
        _ => LayerKind.Other,
    };

    // A weight that several operators take makes a layer of each; the width is that of the widest that takes it as it is stored.
    private static long AddFurtherUses(LiteSubgraph graph, HashSet<LiteOperator> weighted)
    {
        var (seen, passed) = (new HashSet<LiteTensor>(ReferenceEqualityComparer.Instance), new HashSet<LiteOperator>(ReferenceEqualityComparer.Instance));
        var (width, pending) = (0L, new Stack<(LiteTensor Tensor, long[]? Dims)>());
        foreach (var tensor in graph.Tensors)
        {
            if (tensor is { Buffer: not null, Type: { } type } && (type.IsFloat || type.Bits is > 0 and <= 8) && type != DataTypes.Bool && seen.Add(tensor)) pending.Push((tensor, tensor.Dims));
        }
        while (pending.TryPop(out var found))
        {
            for (var use = found.Tensor.FirstUse; use is not null; use = use.Next)
            {
                var slot = LiteOperators.SlotOf(use.Operator.Name, use.Input, use.Operator.Inputs.Length);
                if (slot is Slot.Weight or Slot.Embedding && LayerGraph.IsWeighted(KindOf(use.Operator.Name)))
                {
                    weighted.Add(use.Operator);
                    if (found.Dims is { } dims) width = Math.Max(width, OutputChannels(use.Operator.Name, dims));
                }
                if (slot is not (Slot.Through or Slot.Dequantized) || !passed.Add(use.Operator)) continue; // its outputs need following once, whatever it takes
                foreach (var output in use.Operator.Outputs)
                {
                    if (output >= 0 && seen.Add(graph.Tensors[output])) pending.Push((graph.Tensors[output], use.Operator.Name is "DEQUANTIZE" or "QUANTIZE" or "CAST" ? found.Dims : null));
                }
            }
        }
        return width;
    }

    // Kernels are [out, …] but for depthwise ones, [1, height, width, out], and those of CONV_3D, [depth, height, width, in, out].
    private static long OutputChannels(string name, IReadOnlyList<long> dims) => (name, dims.Count) switch
    {
        (_, 0) => 0,
        ("DEPTHWISE_CONV_2D" or "CONV_3D" or "BATCH_MATMUL" or "GATHER" or "EMBEDDING_LOOKUP", _) => dims[^1],
        ("CONV_3D_TRANSPOSE", >= 2) => dims[^2],
        _ => dims[0],
    };

    // Operators stand in the order in which they run. A body is as long as its longest path; one that runs itself counts as nothing there.
    private static int Depth(IReadOnlyList<LiteSubgraph> graphs, int number, HashSet<LiteOperator> weighted, int?[] known, int level)
    {
        if (number < 0 || number >= graphs.Count || level > Limits.Depth) return 0;
        if (known[number] is { } depth) return depth;
        known[number] = 0;
        var graph = graphs[number];
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
            if (node.Bodies.Length > 0) length += node.Bodies.Max(body => Depth(graphs, body, weighted, known, level + 1));
            foreach (var output in node.Outputs)
            {
                if (output >= 0) lengths[output] = Math.Max(lengths[output], length);
            }
            longest = Math.Max(longest, length);
        }
        known[number] = longest;
        return longest;
    }
}
