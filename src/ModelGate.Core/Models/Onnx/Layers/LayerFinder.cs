namespace ModelGate.Models.Onnx.Layers;

/// <summary>Tells the layers of an ONNX model from its graph.</summary>
internal static class LayerFinder
{
    /// <summary>What the structure tells.</summary>
    /// <param name="model">The model.</param>
    /// <param name="flow">Who uses what in it.</param>
    /// <param name="tensors">Its tensors.</param>
    /// <param name="purposes">What each of them is for.</param>
    public static LayerGraph Of(OnnxModel model, ValueFlow flow, IReadOnlyList<Tensor> tensors, IReadOnlyList<Purpose> purposes)
    {
        var kinds = new LayerKind[tensors.Count];
        var weighted = new HashSet<Node>();
        var shared = new HashSet<int>();
        var width = 0L;
        for (var index = 0; index < kinds.Length; index++)
        {
            kinds[index] = KindOf(model, tensors[index], purposes[index]);
            if (!tensors[index].IsParameter || !LayerGraph.IsWeighted(kinds[index]) || purposes[index].Consumer is not { } layer) continue;
            AddUsers(layer, purposes[index].Input);
            width = Math.Max(width, OutputChannels.Of(model.Names, flow, tensors[index], purposes[index]));
        }
        var attention = AttentionFinder.Find(model, flow, weighted);
        for (var index = 0; index < kinds.Length; index++)
        {
            if (kinds[index] is LayerKind.Dense or LayerKind.Convolution && purposes[index].Consumer is { } layer && attention.Contains(layer)) kinds[index] = LayerKind.Attention;
        }
        return new LayerGraph(kinds, LongestPath.Of(model, flow, weighted), width);

        // A weight that several nodes share makes a layer of each.
        void AddUsers(Node layer, int input)
        {
            weighted.Add(layer);
            if (input < 0 || input >= layer.InputValues.Length || !shared.Add(layer.InputValues[input])) return;
            foreach (var (user, _) in flow.UsesOf(layer.InputValues[input]))
            {
                if (user is not null && user.Operator == layer.Operator) weighted.Add(user);
            }
        }
    }

    private static LayerKind KindOf(OnnxModel model, Tensor tensor, Purpose purpose)
    {
        if (purpose.Consumer is { } consumer && AttributeRoles.KeepsLists(model.Names.Text(consumer.Domain), tensor.Operator)) return LayerKind.Classical;
        return LayerGraph.OfRole(tensor.Role) ?? LayerOperators.KindOf(tensor.Operator);
    }
}
