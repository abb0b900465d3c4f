using ModelGate.Models.Onnx;

namespace ModelGate.Compressing;

/// <summary>Activations that integer multiplications take. One is quantized once, however many weights it is multiplied with: a query, a key and a value share it.</summary>
/// <param name="model">The model's structure.</param>
/// <param name="edits">Where the nodes go.</param>
internal sealed class QuantizedActivations(OnnxModel model, ModelEdits edits)
{
    private readonly Dictionary<(Graph Graph, int Input), Activation> activations = [];
    private readonly Dictionary<Node, (Graph Graph, int Order)> places = new(ReferenceEqualityComparer.Instance);

    /// <summary>The codes, the scale and the zero point of a node's first input.</summary>
    public (string Codes, string Scale, string Zero) Of(Node node) => ActivationOf(node).Names;

    /// <summary>Bytes of the nodes that some would need and none has needed before.</summary>
    public long LengthOfNew(IEnumerable<Node> nodes) =>
        nodes.Select(ActivationOf).Distinct().Where(activation => activation.First is null).Sum(activation => activation.Quantization.Length);

    /// <summary>Takes note that nodes have been replaced by some that use the codes.</summary>
    public void Take(IEnumerable<Node> nodes)
    {
        foreach (var node in nodes)
        {
            var activation = ActivationOf(node);
            if (activation.First is not { } first || places[node].Order < places[first].Order) activation.First = node;
        }
    }

    /// <summary>Puts each quantization before the first node that needs it; weights come in another order than the nodes that use them.</summary>
    public void Place()
    {
        foreach (var activation in activations.Values)
        {
            if (activation.First is { } first) edits.AddBefore(first, activation.Quantization);
        }
    }

    private Activation ActivationOf(Node node)
    {
        if (places.Count == 0) Find(model.Graph!);
        var (graph, input) = (places[node].Graph, node.Inputs[0]);
        if (activations.TryGetValue((graph, input), out var known)) return known;
        var name = edits.Text(input);
        var names = (edits.NewName(name + "_codes"), edits.NewName(name + "_scale"), edits.NewName(name + "_zero"));
        var activation = new Activation(names, MessageBytes.Node("DynamicQuantizeLinear", "", [name], [names.Item1, names.Item2, names.Item3], names.Item1));
        activations.Add((graph, input), activation);
        return activation;
    }

    private void Find(Graph graph)
    {
        foreach (var node in graph.Nodes)
        {
            places.Add(node, (graph, places.Count));
            foreach (var attribute in node.Attributes)
            {
                foreach (var body in attribute.AllBodies) Find(body);
            }
        }
    }

    private sealed class Activation((string Codes, string Scale, string Zero) names, MessageBytes quantization)
    {
        public (string Codes, string Scale, string Zero) Names => names;

        public MessageBytes Quantization => quantization;

        // The earliest node that needs it; null while none does.
        public Node? First { get; set; }
    }
}
