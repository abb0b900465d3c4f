namespace ModelGate.Models.Onnx.Layers;

/// <summary>
/// The layers of a model: every node that multiplies with a weight or looks rows of it up. A weight that several nodes share makes a layer of
/// each, also where one takes it turned or in another type, as the last layer of a language model takes the table of the first.
/// </summary>
internal sealed class WeightUsers(NameTable names, ValueFlow flow)
{
    private readonly HashSet<int> followed = [];
    private readonly HashSet<Node> passed = [];
    private readonly Dictionary<int, Node[]> passing = []; // a hundred thousand weights may reach their layer through one value
    private readonly Queue<int> pending = new();
    private Reached? reaching; // the last: a million layers may take one weight

    /// <summary>The nodes.</summary>
    public HashSet<Node> Layers { get; } = [];

    /// <summary>Output channels of the widest.</summary>
    public long Width { get; private set; }

    /// <summary>Adds the layers of a weight.</summary>
    /// <param name="tensor">The weight.</param>
    /// <param name="layer">The node that tells what it is for.</param>
    /// <param name="input">Number of that node's input.</param>
    public void Add(Tensor tensor, Node layer, int input)
    {
        Take(tensor, layer, input);
        if (input < 0 || input >= layer.InputValues.Length || !followed.Add(Source(layer.InputValues[input]))) return;
        pending.Enqueue(Source(layer.InputValues[input]));
        while (pending.TryDequeue(out var value))
        {
            foreach (var (user, place) in flow.UsesOf(value))
            {
                if (user is null) continue;
                if (flow.PassesOn(user, place)) Follow(user); // also a lookup, where it picks the weight of an expert
                else if (LayerGraph.IsWeighted(LayerOperators.KindOf(names.Text(user.Operator)))) Take(tensor, user, place);
            }
        }
    }

    private void Follow(Node node)
    {
        if (!passed.Add(node)) return; // once, whatever it takes: a hostile node has as many inputs as outputs
        for (var output = 0; output < node.Outputs.Length; output++)
        {
            if (followed.Add(node.FirstOutput + output)) pending.Enqueue(node.FirstOutput + output);
        }
    }

    private void Take(Tensor tensor, Node layer, int input)
    {
        if (LayerOperators.Multiplies(names.Text(layer.Operator)) && flow.IsOfStored(layer)) return; // the arithmetic of a weight, and no layer
        Layers.Add(layer);
        var value = input >= 0 && input < layer.InputValues.Length ? layer.InputValues[input] : -1;
        if (reaching is null || !ReferenceEquals(reaching.Tensor, tensor) || reaching.Value != value) reaching = new(tensor, value, OutputChannels.Reaching(names, flow, tensor.Dims, value, Passing(value)));
        Width = Math.Max(Width, OutputChannels.Of(names, tensor.Type, reaching.Dims, layer, input));
    }

    private int Source(int value) => Passing(value) is [var first, ..] ? first.InputValues[0] : value;

    private Node[] Passing(int value) => passing.TryGetValue(value, out var known) ? known : passing[value] = OutputChannels.Passing(flow, value);

    private sealed class Reached(Tensor tensor, int value, IReadOnlyList<long> dims)
    {
        public Tensor Tensor => tensor;

        public int Value => value;

        public IReadOnlyList<long> Dims => dims;
    }
}
