using System.Globalization;

namespace ModelGate.Models.Onnx;

/// <summary>
/// What an optimizer may keep out of an inference: nodes that compute the same each time, since everything they take is stored, nodes that
/// compute what another one has, and nodes whose results nobody asks for. Told of the main graph, and generously: what is told of here may still be computed.
/// </summary>
internal sealed class SparedWork
{
    private readonly NameTable names;
    private readonly HashSet<int> constants = [];
    private readonly Dictionary<int, Node> folded = []; // of constants that nodes compute, the node
    private readonly HashSet<Node> spared = [];
    private readonly Dictionary<Node, Node> repeated = []; // of nodes that compute what an earlier one does, that one
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
        work.FindRepeated(graph);
        work.FindNeeded(graph);
        return work;
    }

    /// <summary>True of a node that may not run in an inference.</summary>
    public bool IsSpared(Node node) => spared.Contains(node);

    /// <summary>Names of stored tensors that every inference has to read, as they are or converted.</summary>
    public IEnumerable<string> Read => read.Select(names.Text);

    private void Fold(Node node)
    {
        if (!node.Inputs.All(IsConstant) || !Captured(node).All(IsConstant)) return;
        spared.Add(node);
        foreach (var output in node.Outputs)
        {
            if (output == 0) continue;
            constants.Add(output);
            if (names.Text(node.Operator) != "Constant") folded[output] = node;
        }
    }

    // Text is known by its length alone, so two nodes may be taken for the same that are not.
    private void FindRepeated(Graph graph)
    {
        const int MostParts = 64; // of a node that is compared; what is multiplied has few
        Dictionary<string, Node> first = new(StringComparer.Ordinal);
        Dictionary<int, int> same = [];
        foreach (var node in graph.Nodes)
        {
            if (spared.Contains(node) || node.Inputs.Length + node.Attributes.Length > MostParts || node.Bodies.Length > 0 || !Array.TrueForAll(node.Attributes, IsPlain)) continue;
            var attributes = node.Attributes.Select(static attribute => $"{attribute.Name}={attribute.Int}/{attribute.Float}/{attribute.TextLength}/{attribute.Equation}/{attribute.Ints}/{attribute.Floats}/{attribute.Strings}/{string.Join('_', attribute.Placement ?? [])}");
            var key = string.Create(CultureInfo.InvariantCulture, $"{node.Domain} {node.Operator} {string.Join(',', node.Inputs.Select(input => same.GetValueOrDefault(input, input)))} {node.Outputs.Length} {string.Join(' ', attributes)}");
            if (first.TryAdd(key, node)) continue;
            repeated[node] = first[key];
            spared.Add(node);
            for (var index = 0; index < node.Outputs.Length; index++) same[node.Outputs[index]] = first[key].Outputs[index];
        }
    }

    private static bool IsPlain(NodeAttribute attribute) => attribute.Tensor is null && attribute.Sparse is null && attribute.Tensors is null && attribute.SparseTensors is null;

    private bool IsConstant(int name) => name == 0 || constants.Contains(name);

    // Nodes stand in the order in which they run.
    private void FindNeeded(Graph graph)
    {
        var needed = new HashSet<int>(graph.Outputs);
        for (var index = graph.Nodes.Count - 1; index >= 0; index--)
        {
            var node = graph.Nodes[index];
            if (repeated.TryGetValue(node, out var before) && node.Outputs.Any(needed.Contains)) needed.UnionWith(before.Outputs);
            if (spared.Contains(node)) continue;
            if (!node.Outputs.Any(needed.Contains))
            {
                spared.Add(node);
                continue;
            }
            var @operator = names.Text(node.Operator);
            if (@operator is "Shape" or "Size") continue; // may be known without the values
            needed.UnionWith(node.Inputs);
            needed.UnionWith(Captured(node));
            needed.Remove(0); // what is left out
            if (node.Bodies.Length > 0 || TakesParts(@operator)) continue;
            foreach (var input in node.Inputs) AddRead(input);
        }
    }

    private void AddRead(int name)
    {
        if (StoredOf(name) is var stored && stored != 0 && constants.Contains(stored)) read.Add(stored);
    }

    /// <summary>The stored tensor that a value is read from, as it is or converted. Of a constant that was computed beforehand only what converts tells how large it is: 0 for any other.</summary>
    public int StoredOf(int name)
    {
        while (folded.TryGetValue(name, out var node))
        {
            if (names.Text(node.Operator) is not ("Identity" or "Cast" or "DequantizeLinear" or "Transpose" or "Reshape" or "Flatten" or "Squeeze" or "Unsqueeze") || node.Inputs.Length == 0) return 0;
            name = node.Inputs[0];
        }
        return name;
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
