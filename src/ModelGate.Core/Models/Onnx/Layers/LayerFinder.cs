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
        var users = new WeightUsers(model.Names, flow);
        for (var index = 0; index < kinds.Length; index++)
        {
            kinds[index] = KindOf(model, tensors[index], purposes[index]);
            if (tensors[index].IsParameter && LayerGraph.IsWeighted(kinds[index]) && purposes[index].Consumer is { } layer) users.Add(tensors[index], layer, purposes[index].Input);
        }
        var attention = AttentionFinder.Find(model, flow, users.Layers);
        for (var index = 0; index < kinds.Length; index++)
        {
            if (kinds[index] is LayerKind.Dense or LayerKind.Convolution && purposes[index].Consumer is { } layer && attention.Contains(layer)) kinds[index] = LayerKind.Attention;
        }
        return new LayerGraph(kinds, LongestPath.Of(model, flow, users.Layers), users.Width);
    }

    private static LayerKind KindOf(OnnxModel model, Tensor tensor, Purpose purpose)
    {
        if (purpose.Consumer is { } consumer && AttributeRoles.KeepsLists(model.Names.Text(consumer.Domain), tensor.Operator)) return LayerKind.Classical;
        return LayerGraph.OfRole(tensor.Role) ?? LayerOperators.KindOf(tensor.Operator);
    }
}
