namespace ModelGate.Models.Onnx;

/// <summary>
/// What an optimizer may keep out of an inference: nodes that compute the same each time, since everything they take is stored, and nodes
/// whose results nobody asks for. Told of the main graph, and generously: what is told of here may still be computed.
/// </summary>
internal sealed class SparedWork
{
    private readonly NameTable names;
    private readonly HashSet<int> constants = [];
    private readonly Dictionary<int, Node> folded = []; // of constants that nodes compute, the node
    private readonly HashSet<Node> spared = [];
    private readonly HashSet<int> read = [];

    private SparedWork(NameTable names) => this.names = names;

    /// <summary>Finds it.</summary>
    public static SparedWork Of(OnnxModel model)
    {
        var work = new SparedWork(model.Names);
        var graph = model.Graph!;
        foreach (var tensor in graph.Initializers) work.constants.Add(tensor.Name);
        foreach (var sparse in graph.SparseInitializers) work.constants.Add(sparse.Values?.Name ?? 0);
        foreach (var input in graph.Inputs) work.constants.Remove(input.Name); // a caller may give another value
        foreach (var node in graph.Nodes) work.Fold(node);
        work.FindNeeded(graph);
        return work;
    }

    /// <summary>True of a node that may not run in an inference.</summary>
    public bool IsSpared(Node node) => spared.Contains(node);

    /// <summary>Names of stored tensors that every inference has to read, as they are or converted.</summary>
    public IEnumerable<string> Read => read.Select(names.Text);

    private void Fold(Node node)
    {
        if (!Array.TrueForAll(node.Inputs, IsConstant) || !Captured(node).All(IsConstant)) return;
        spared.Add(node);
        foreach (var output in node.Outputs)
        {
            if (output == 0) continue;
            constants.Add(output);
            if (names.Text(node.Operator) != "Constant") folded[output] = node;
        }
    }

    private bool IsConstant(int name) => name == 0 || constants.Contains(name);

    // Nodes stand in the order in which they run.
    private void FindNeeded(Graph graph)
    {
        var needed = new HashSet<int>(graph.Outputs);
        for (var index = graph.Nodes.Count - 1; index >= 0; index--)
        {
            var node = graph.Nodes[index];
            if (spared.Contains(node)) continue;
            if (!Array.Exists(node.Outputs, needed.Contains))
            {
                spared.Add(node);
                continue;
            }
            var @operator = names.Text(node.Operator);
            if (@operator is "Shape" or "Size") continue; // may be known without the values
            needed.UnionWith(node.Inputs);
            needed.UnionWith(Captured(node));
            needed.Remove(0); // what is left out
            if (node.Bodies.Length == 0 && !TakesParts(@operator)) Array.ForEach(node.Inputs, AddRead);
        }
    }

    // Of a constant that was computed beforehand only what converts tell how large it is.
    private void AddRead(int name)
    {
        while (folded.TryGetValue(name, out var node))
        {
            if (names.Text(node.Operator) is not ("Identity" or "Cast" or "DequantizeLinear" or "Transpose" or "Reshape" or "Flatten" or "Squeeze" or "Unsqueeze") || node.Inputs.Length == 0) return;
            name = node.Inputs[0];
        }
        if (name != 0 && constants.Contains(name)) read.Add(name);
    }

    private static bool TakesParts(string @operator) => @operator is "Slice" or "Gather" or "GatherND" or "GatherElements" or "GatherBlockQuantized" or "Compress" or "Split" or "Where";

    // What the bodies of a node take from around them.
    private static HashSet<int> Captured(Node node)
    {
        if (node.Bodies.Length == 0) return [];
        var (used, own) = (new HashSet<int>(), new HashSet<int>());
        var pending = new Stack<Graph>(node.Bodies);
        while (pending.TryPop(out var body))
        {
            own.UnionWith(body.Inputs.Select(static input => input.Name));
            own.UnionWith(body.Initializers.Select(static tensor => tensor.Name));
            used.UnionWith(body.Outputs);
            foreach (var inner in body.Nodes)
            {
                used.UnionWith(inner.Inputs);
                own.UnionWith(inner.Outputs);
                foreach (var nested in inner.Bodies) pending.Push(nested);
            }
        }
        used.ExceptWith(own);
        return used;
    }
}
