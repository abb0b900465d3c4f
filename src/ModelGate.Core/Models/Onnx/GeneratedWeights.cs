namespace ModelGate.Models.Onnx;

/// <summary>
/// Weights that a model makes at run time: ConstantOfShape repeats one stored element in a stored shape, and what comes of it is used as
/// a weight. (What the shape of an input decides is an activation.) Each counts as the elements it holds, and takes the bytes of one.
/// </summary>
internal sealed class GeneratedWeights
{
    private readonly ValueFlow flow;
    private readonly OnnxModel model;
    private Dictionary<int, long[]>? shapes;

    public GeneratedWeights(OnnxModel model, ValueFlow flow)
    {
        this.model = model;
        this.flow = flow;
    }

    /// <summary>The dimensions of the weight that a node makes; null where it makes none.</summary>
    public long[]? ShapeOf(Node node) =>
        node is { InputValues: [>= 0 and var shape], Outputs.Length: > 0 } && flow.FeedsWeight(node.FirstOutput) && Known.TryGetValue(shape, out var dims) ? dims : null;

    // Once for the whole model: a hostile one has as many nodes to look up as it has shapes.
    private Dictionary<int, long[]> Known
    {
        get
        {
            if (shapes is not null) return shapes;
            shapes = [];
            Add(model.Graph!);
            foreach (var function in model.Functions) Add(function.Body);
            return shapes;
        }
    }

    private void Add(Graph graph)
    {
        foreach (var tensor in graph.Initializers)
        {
            if (tensor is { Numbers: { } dims, Dims.Length: 1 }) shapes!.TryAdd(tensor.Value, dims);
        }
        foreach (var node in graph.Nodes)
        {
            foreach (var attribute in node.Attributes)
            {
                if (attribute.Tensor is { Numbers: { } dims, Dims.Length: 1 } && node.Outputs.Length == 1 && model.Names.Text(node.Operator) == "Constant") shapes!.TryAdd(node.FirstOutput, dims);
                foreach (var body in attribute.AllBodies) Add(body);
            }
        }
    }
}
