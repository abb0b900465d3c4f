using ModelGate.Models;

namespace ModelGate.Comparing;

/// <summary>
/// Which tensor of one model is which of another, by what their headers say: one rule, whether their values are read besides or not. Each of
/// its steps pairs what those before it left over.
/// </summary>
internal sealed class TensorPairs
{
    private readonly Dictionary<Tensor, Tensor> partners = new(ReferenceEqualityComparer.Instance); // by those of the second model
    private List<Tensor> gone, come;

    /// <summary>Takes the tensors of two models, none of them paired yet.</summary>
    public TensorPairs(IEnumerable<Tensor> before, IEnumerable<Tensor> after) => (gone, come) = ([.. before], [.. after]);

    /// <summary>Those of the first model that have no partner, in file order.</summary>
    public IReadOnlyList<Tensor> Gone => gone;

    /// <summary>Those of the second model that have no partner, in file order.</summary>
    public IReadOnlyList<Tensor> Come => come;

    /// <summary>The partners, in no order.</summary>
    public IEnumerable<(Tensor Before, Tensor After)> Pairs => partners.Select(static pair => (pair.Value, pair.Key));

    /// <summary>The tensor of the first model that one of the second has become; null where there is none.</summary>
    public Tensor? Before(Tensor after) => partners.GetValueOrDefault(after);

    /// <summary>Pairs those of one graph and name; where several have one, the first with the first.</summary>
    public TensorPairs ByName() => Pair(static tensor => (tensor.Graph, tensor.Name, ""), alone: false);

    /// <summary>
    /// Pairs those of unlike names: first what weighs the same as the same kind of thing, as all do after an export that has numbered them anew;
    /// then what alone has the role it has in a layer, as a weight that was quantized or widened. What is left has come or gone.
    /// </summary>
    public TensorPairs ByUse() => Pair(WeightOf, alone: false).Pair(static tensor => tensor.Layer.Length == 0 ? null : (tensor.Graph, tensor.Layer, tensor.Role.ToString()), alone: true);

    private static (string, string, string)? WeightOf(Tensor tensor) =>
        (tensor.Operator, $"{tensor.Role} {tensor.Type}", $"{string.Join(',', tensor.Dims)} {tensor.Bytes} {tensor.LogicalElements} {tensor.IsParameter}");

    private TensorPairs Pair(Func<Tensor, (string, string, string)?> key, bool alone)
    {
        var old = ByKey(gone, key);
        var counts = alone ? ByKey(come, key) : null;
        HashSet<Tensor> paired = new(ReferenceEqualityComparer.Instance);
        foreach (var tensor in come)
        {
            if (key(tensor) is not { } own || !old.TryGetValue(own, out var candidates) || candidates.Count == 0 || counts is not null && (counts[own].Count > 1 || candidates.Count > 1))
                continue;
            var before = candidates.Dequeue();
            partners.Add(tensor, before);
            paired.Add(before);
        }

        gone = gone.FindAll(tensor => !paired.Contains(tensor));
        come = come.FindAll(tensor => !partners.ContainsKey(tensor));
        return this;
    }

    private static Dictionary<(string, string, string), Queue<Tensor>> ByKey(List<Tensor> tensors, Func<Tensor, (string, string, string)?> key)
    {
        var found = new Dictionary<(string, string, string), Queue<Tensor>>();
        foreach (var tensor in tensors)
        {
            if (key(tensor) is not { } own)
                continue;
            if (!found.TryGetValue(own, out var same))
                found.Add(own, same = []);
            same.Enqueue(tensor);
        }

        return found;
    }
}
