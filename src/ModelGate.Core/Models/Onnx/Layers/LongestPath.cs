namespace ModelGate.Models.Onnx.Layers;

/// <summary>The longest path through a model, counted in layers with weights. A call of a local function is as long as the function.</summary>
internal sealed class LongestPath
{
    private const int InputsOfBody = 64; // as many inputs of a loop are looked at for each of its body's

    private readonly ValueFlow flow;
    private readonly HashSet<Node> weighted;
    private readonly Dictionary<Node, int> lengths = [];
    private readonly Dictionary<int, Node> owners = [];
    private readonly Dictionary<Function, int> functions = [];
    private int calls;

    private LongestPath(ValueFlow flow, HashSet<Node> weighted)
    {
        this.flow = flow;
        this.weighted = weighted;
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
        foreach (var attribute in node.Attributes)
        {
            foreach (var body in attribute.AllBodies)
            {
                for (var input = 0; input < body.Inputs.Count; input++) owners[body.FirstInput + input] = node;
            }
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
        const int Waiting = -1;
        if (lengths.TryGetValue(root, out var known)) return Math.Max(known, 0);
        var stack = new Stack<Node>();
        stack.Push(root);
        while (stack.TryPeek(out var node))
        {
            if (!lengths.TryGetValue(node, out var state))
            {
                lengths[node] = Waiting;
                foreach (var before in Before(node))
                {
                    if (!lengths.ContainsKey(before)) stack.Push(before);
                }
                continue;
            }
            stack.Pop();
            if (state != Waiting) continue;
            var longest = 0;
            foreach (var before in Before(node)) longest = Math.Max(longest, lengths[before]);
            lengths[node] = longest + Own(node);
        }
        return lengths[root];
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

    private IEnumerable<Node> Before(Node node)
    {
        foreach (var value in node.InputValues)
        {
            foreach (var source in Sources(value)) yield return source;
        }
        foreach (var attribute in node.Attributes)
        {
            foreach (var body in attribute.AllBodies)
            {
                foreach (var inner in body.Nodes) yield return inner;
            }
        }
    }

    private IEnumerable<Node> Sources(int value)
    {
        if (flow.ProducerOf(value) is { } producer)
        {
            yield return producer;
        }
        else if (owners.TryGetValue(value, out var owner))
        {
            for (var input = 0; input < owner.InputValues.Length && input < InputsOfBody; input++)
            {
                if (flow.ProducerOf(owner.InputValues[input]) is { } source) yield return source;
            }
        }
    }
}
