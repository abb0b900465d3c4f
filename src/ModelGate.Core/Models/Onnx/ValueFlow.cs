namespace ModelGate.Models.Onnx;

/// <summary>What a stored tensor is for: its role, and the node and input that say so.</summary>
internal sealed record Purpose(Role Role, Node? Consumer, int Input);

/// <summary>
/// Who uses what: every value of a model (stored tensor, node output, formal input) with its uses, across the scopes of subgraphs.
/// A role is found by following a tensor through nodes that only pass it on, into the bodies of If, Loop and Scan and into local functions.
/// </summary>
internal sealed class ValueFlow
{
    // A tensor used more often than this, or passed on as more values, has shown what it is for; the bounds keep hostile graphs from costing quadratic time.
    private const int UsesFollowed = 256, ValuesFollowed = 256;
    private const int FewSteps = 4;

    private readonly OnnxModel model;
    private readonly Dictionary<Callee, Function> functions = [];
    private readonly List<Node> nodes;
    private readonly List<Graph> graphs = [];
    private readonly int[] scope;
    private readonly NodeSlots slots;
    private readonly Steps steps = new("to follow its tensors to their uses");

    // Plain arrays: there are as many as a model has edges, and an object for each would cost more than all else that is done with it.
    private Use[] uses;
    private ValueUses[] values;
    private Shadowed[] shadowed;
    private int useCount, valueCount, shadowedCount, stepCount;
    private Step[] toFollow = new Step[FewSteps];
    private int searches;
    private int followed;

    private ValueFlow(OnnxModel model)
    {
        this.model = model;
        slots = new NodeSlots(model.Names, this);
        var (inputs, outputs) = Edges(model.Graph);
        nodes = new List<Node>(model.Graph?.Nodes.Count ?? 0);
        uses = new Use[inputs];
        values = new ValueUses[outputs];
        shadowed = new Shadowed[outputs];
        scope = new int[model.Names.Count];
        for (var name = 0; name < scope.Length; name++) scope[name] = -1;
        foreach (var function in model.Functions)
            functions[new(function.Domain, function.Name, function.Overload)] = function;
    }

    // As many uses and values as the main graph has; of few models its bodies and functions have more.
    private static (int Inputs, int Outputs) Edges(Graph? graph)
    {
        if (graph is null) return (0, 0);
        var (inputs, outputs) = (graph.Outputs.Count, graph.Inputs.Count + graph.Initializers.Count);
        foreach (var node in graph.Nodes)
        {
            inputs += node.Inputs.Length;
            outputs += node.Outputs.Length;
        }
        return (inputs, outputs);
    }

    /// <summary>Links every value of a model to its uses.</summary>
    public static ValueFlow Of(OnnxModel model)
    {
        var flow = new ValueFlow(model);
        if (model.Graph is not null) flow.Link(model.Graph, null);
        foreach (var function in model.Functions) flow.Link(function.Body, null);
        foreach (var training in model.Training) flow.Link(training, null);
        return flow;
    }

    /// <summary>What a stored tensor is for, told by its uses and, where they leave it open, by its type.</summary>
    public Purpose PurposeOf(int value, DataType type, long elements, int rank)
    {
        Purpose? best = null;
        var precedence = int.MaxValue;
        var left = UsesFollowed;
        searches++;
        followed = 0;
        stepCount = 0;
        if (value >= 0) Follow(value, false);
        while (left > 0 && stepCount > 0)
        {
            var next = toFollow[--stepCount];
            for (var index = values[next.Value].First; index >= 0 && left > 0; index = uses[index].Next, left--)
            {
                if (Judge(ref uses[index], next.Dequantized, type, elements, rank) is not { } purpose) continue;
                var own = SlotRules.Precedence(purpose.Role);
                if (own == 0) return purpose;
                if (own < precedence) (best, precedence) = (purpose, own);
            }
        }
        return best ?? new Purpose(SlotRules.RoleOf(Slot.Unknown, false, type, elements, rank), null, 0);
    }

    /// <summary>True where an operator takes a value for a weight, a bias, a scale of a normalization or an embedding table by the number of its input, and not by its type.</summary>
    public bool FeedsWeight(int value)
    {
        var left = UsesFollowed;
        foreach (var (node, input) in UsesOf(value))
        {
            if (left-- == 0) break;
            if (node is null) continue;
            var slot = slots.Of(node, model.Names.Text(node.Operator), input);
            if (slot is Slot.Weight or Slot.Bias or Slot.Normalization && input > 0 || slot == Slot.Embedding) return true; // the first factor of a product mostly flows
        }
        return false;
    }

    /// <summary>Every node of the model, bodies and functions included.</summary>
    public IReadOnlyList<Node> Nodes => nodes;

    /// <summary>The node that gives a value; null where it is fed or stored.</summary>
    public Node? ProducerOf(int value) => value >= 0 && values[value].Producer is >= 0 and var producer ? nodes[producer] : null;

    /// <summary>What the file stores of a value: an initializer, or the tensor of a Constant node; null where it is computed or fed.</summary>
    public StoredTensor? StoredOf(int value) => value < 0 ? null
        : values[value].Stored ?? (ProducerOf(value) is { Attributes: [var only] } producer && model.Names.Text(producer.Operator) == "Constant" ? only.Tensor : null);

    /// <summary>True where a node only passes on what one of its inputs holds, in another shape, order or type.</summary>
    public bool PassesOn(Node node, int input) => FunctionOf(node) is null && slots.Of(node, model.Names.Text(node.Operator), input) is Slot.Through or Slot.Dequantized;

    /// <summary>True of a node whose results are the same each time, since all it takes is stored or computed of that.</summary>
    public bool IsOfStored(Node node) => FunctionOf(node) is null && slots.IsOfStored(node);

    /// <summary>The local function that a node calls; null where it calls none.</summary>
    public Function? FunctionOf(Node node) => functions.Count > 0 ? functions.GetValueOrDefault(new(node.Domain, node.Operator, node.Overload)) : null;

    /// <summary>The first node that takes a value as it is, with the number of its input; null where that is a graph that returns it, or nothing.</summary>
    public (Node Node, int Input)? FirstUseOf(int value) =>
        values[value].First is >= 0 and var first && uses[first].Node is >= 0 and var node ? (nodes[node], uses[first].Input) : null;

    /// <summary>The nodes that take a value as it is, each with the number of its input, and null for every graph that returns it.</summary>
    public IEnumerable<(Node? Node, int Input)> UsesOf(int value)
    {
        for (var index = value < 0 ? -1 : values[value].First; index >= 0; index = uses[index].Next)
            yield return (uses[index].Node < 0 ? null : nodes[uses[index].Node], uses[index].Input);
    }

    // Null where the use only passes the tensor on: then its further uses are on the stack.
    private Purpose? Judge(ref Use use, bool dequantized, DataType type, long elements, int rank)
    {
        steps.Take();
        if (use.Node < 0)
        {
            Return(graphs[-1 - use.Node], use.Input, dequantized);
            return null;
        }
        var node = nodes[use.Node];
        if (FunctionOf(node) is { } function)
        {
            if (use.Input < function.Body.Inputs.Count) Follow(function.Body.FirstInput + use.Input, dequantized);
            return null;
        }
        var @operator = model.Names.Text(node.Operator);
        if (@operator is "Loop" && use.Input >= 2 || @operator is "Scan" or "SequenceMap")
        {
            foreach (var body in node.Bodies.AsSpan(0, Math.Clamp(ValuesFollowed - followed, 0, node.Bodies.Length)))
            {
                if (use.Input < body.Inputs.Count) Follow(body.FirstInput + use.Input, dequantized);
            }
            return null;
        }
        var slot = use.Slot ??= slots.Of(node, @operator, use.Input);
        if (slot is not (Slot.Through or Slot.Dequantized))
            return new Purpose(SlotRules.RoleOf(slot, dequantized, type, elements, rank), node, use.Input);
        for (var output = Math.Min(node.Outputs.Length, ValuesFollowed - followed) - 1; output >= 0; output--)
            Follow(node.FirstOutput + output, dequantized || slot == Slot.Dequantized);
        return null;
    }

    // The result of a body is a result of the node that holds it; a Loop's first result is its condition.
    private void Return(Graph graph, int output, bool dequantized)
    {
        if (graph.Owner is not { } owner) return;
        var index = model.Names.Text(owner.Operator) == "Loop" ? output - 1 : output;
        if (index >= 0 && index < owner.Outputs.Length) Follow(owner.FirstOutput + index, dequantized);
    }

    private void Follow(int value, bool dequantized)
    {
        ref var known = ref values[value].FollowedIn;
        if (known == searches) return;
        known = searches;
        followed++;
        steps.Take();
        Room(ref toFollow, stepCount);
        toFollow[stepCount++] = new() { Value = value, Dequantized = dequantized };
    }

    // Names are bound for the whole graph before its nodes are linked, then taken back: inner names hide outer ones.
    private void Link(Graph graph, Node? owner)
    {
        graph.Owner = owner;
        var number = graphs.Count;
        graphs.Add(graph);
        var outer = shadowedCount;
        graph.FirstInput = valueCount;
        foreach (var input in graph.Inputs) Bind(input.Name, NewValue());
        var firstTensor = valueCount;
        foreach (var tensor in graph.Initializers) BindTensor(tensor, firstTensor);
        foreach (var sparse in graph.SparseInitializers)
        {
            if (sparse.Values is not null) BindTensor(sparse.Values, firstTensor);
        }
        var firstNode = nodes.Count;
        foreach (var node in graph.Nodes)
        {
            node.FirstOutput = valueCount;
            foreach (var output in node.Outputs) Bind(output, NewValue(nodes.Count));
            node.Number = nodes.Count;
            nodes.Add(node);
        }
        for (var index = 0; index < graph.Nodes.Count; index++)
        {
            var node = graph.Nodes[index];
            var inputs = node.Inputs;
            for (var input = 0; input < inputs.Length; input++)
            {
                var value = inputs[input] == 0 ? -1 : scope[inputs[input]];
                node.SetInputValue(input, value);
                AddUse(value, firstNode + index, input);
            }
            foreach (var attribute in node.Attributes)
            {
                foreach (var body in attribute.AllBodies) Link(body, node);
            }
        }
        for (var output = 0; output < graph.Outputs.Count; output++) AddUse(scope[graph.Outputs[output]], -1 - number, output);
        while (shadowedCount > outer)
        {
            ref readonly var binding = ref shadowed[--shadowedCount];
            scope[binding.Name] = binding.Before;
        }
    }

    private void BindTensor(StoredTensor tensor, int firstTensor)
    {
        var known = scope[tensor.Name];
        tensor.Value = known >= firstTensor ? known : NewValue(); // a name that stands twice is one value with two tensors
        values[tensor.Value].Stored = tensor;
        Bind(tensor.Name, tensor.Value);
    }

    private void Bind(int name, int value)
    {
        if (name == 0) return; // an empty name stands for nothing
        Room(ref shadowed, shadowedCount);
        shadowed[shadowedCount++] = new() { Name = name, Before = scope[name] };
        scope[name] = value;
    }

    private int NewValue(int producer = -1)
    {
        Room(ref values, valueCount);
        values[valueCount] = new() { Producer = producer, First = -1, Last = -1 };
        return valueCount++;
    }

    private void AddUse(int value, int node, int input)
    {
        if (value < 0) return;
        Room(ref uses, useCount);
        uses[useCount] = new() { Node = node, Input = input, Next = -1 };
        ref var list = ref values[value];
        if (list.First < 0) list.First = useCount;
        else uses[list.Last].Next = useCount;
        list.Last = useCount++;
    }

    // Without Array.Resize: of a structure, the runtime would compile it at each start.
    private static void Room<T>(ref T[] array, int count)
    {
        if (count < array.Length) return;
        var larger = new T[Math.Max(count * 2, 4)];
        Array.Copy(array, larger, count);
        array = larger;
    }

    // Classes where tuples would do: of structures in a generic collection, the runtime would compile every method it needs at each start.
    private sealed record Callee(int Domain, int Name, int Overload);

    private struct Shadowed
    {
        public int Name;
        public int Before;
    }

    private struct Step
    {
        public int Value;
        public bool Dequantized;
    }

    private struct ValueUses
    {
        public int Producer;
        public int First;
        public int Last;
        public int FollowedIn;

        /// <summary>What the file stores of it; null of what is computed or fed.</summary>
        public StoredTensor? Stored;
    }

    // Node: its number, or -1 minus the number of the graph whose output it is.
    private struct Use
    {
        public int Node;
        public int Input;
        public int Next;

        /// <summary>What the node does with it, once somebody has asked: many tensors may reach one use.</summary>
        public Slot? Slot;
    }
}
