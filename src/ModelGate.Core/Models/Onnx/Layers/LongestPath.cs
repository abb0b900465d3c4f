namespace ModelGate.Models.Onnx.Layers;

/// <summary>The longest path through a model, counted in layers with weights. A call of a local function is as long as the function.</summary>
internal sealed class LongestPath
{
    private const int InputsOfBody = 64; // as many inputs of a loop are looked at for each of its body's
    private const int Unknown = 0, Waiting = 1, Known = 2; // a length stands as itself and Known

    private readonly ValueFlow flow;
    private readonly HashSet<Node> weighted;
    private readonly int[] lengths; // of the path that ends with each node, by its number
    private readonly List<Node> before = [];
    private readonly Dictionary<int, Node> owners = [];
    private readonly int[] lastTaken; // of owners, by their numbers: in which round
    private readonly Dictionary<Function, int> functions = [];
    private int calls;
    private int round;

    private LongestPath(ValueFlow flow, HashSet<Node> weighted)
    {
        this.flow = flow;
        this.weighted = weighted;
        lengths = new int[flow.Nodes.Count];
        lastTaken = new int[flow.Nodes.Count];
    }

    /// <summary>Its length.</summary>
    public static int Of(OnnxModel model, ValueFlow flow, HashSet<Node> weighted)
    {
        var path = new LongestPath(flow, weighted);
        foreach (var node in flow.Nodes) path.AddOwner(node);
        return path.Through(model.Graph!.Nodes);
    }

    // What a body is fed comes from where its node's inputs come from.
    private void AddOwner(Node node)
    {
        foreach (var body in node.Bodies)
        {
            for (var input = 0; input < body.Inputs.Count; input++) owners[body.FirstInput + input] = node;
        }
    }

    private int Through(List<Node> nodes)
    {
        var longest = 0;
        foreach (var node in nodes) longest = Math.Max(longest, Measure(node));
        return longest;
    }

    // Depth first with a stack of its own, since nodes need not be in order and chains may be long. A node that waits for itself counts as nothing.
    private int Measure(Node root)
    {
        if (lengths[root.Number] != Unknown) return Math.Max(lengths[root.Number] - Known, 0);
        var stack = new Stack<Node>();
        stack.Push(root);
        while (stack.TryPeek(out var node))
        {
            if (lengths[node.Number] == Unknown)
            {
                lengths[node.Number] = Waiting;
                foreach (var source in Before(node))
                {
                    if (lengths[source.Number] == Unknown) stack.Push(source);
                }
                continue;
            }
            stack.Pop();
            if (lengths[node.Number] != Waiting) continue;
            var longest = -1;
            foreach (var source in Before(node)) longest = Math.Max(longest, lengths[source.Number] - Known);
            lengths[node.Number] = Math.Max(longest, 0) + Own(node) + Known;
        }
        return lengths[root.Number] - Known;
    }

    private int Own(Node node) => (weighted.Contains(node) ? 1 : 0) + (flow.FunctionOf(node) is { } function ? LengthOf(function) : 0);

    // A function that calls itself, or calls others deeper than any model does, counts as nothing there.
    private int LengthOf(Function function)
    {
        if (functions.TryGetValue(function, out var known)) return known;
        functions[function] = 0;
        if (calls == Limits.Depth) return 0;
        calls++;
        functions[function] = Through(function.Body.Nodes);
        calls--;
        return functions[function];
    }

    // One list for all: valid until the next call.
    private List<Node> Before(Node node)
    {
        before.Clear();
        round++;
        foreach (var value in node.InputValues) AddSources(value);
        foreach (var body in node.Bodies) before.AddRange(body.Nodes);
        return before;
    }

    private void AddSources(int value)
    {
        if (flow.ProducerOf(value) is { } producer)
        {
            before.Add(producer);
        }
        else if (owners.TryGetValue(value, out var owner) && lastTaken[owner.Number] != round)
        {
            lastTaken[owner.Number] = round; // once: a hostile node takes as many of its body's inputs as it likes
            for (var input = 0; input < owner.InputValues.Length && input < InputsOfBody; input++)
            {
                if (flow.ProducerOf(owner.InputValues[input]) is { } source) before.Add(source);
            }
        }
    }
}
