using ModelGate.Models;

namespace ModelGate.Measuring;

/// <summary>A tensor that two models do not share.</summary>
/// <param name="Before">As the one model has it; null where it was added.</param>
/// <param name="After">As the other has it; null where it was removed.</param>
public sealed record TensorDifference(Tensor? Before, Tensor? After)
{
    /// <summary>The tensor, as the newer model has it where it does.</summary>
    public Tensor Tensor => After ?? Before!;

    /// <summary>Bytes that it adds.</summary>
    public long Bytes => (After?.Bytes ?? 0) - (Before?.Bytes ?? 0);

    /// <summary>Parameters that it adds.</summary>
    public long Parameters => Counted(After) - Counted(Before);

    /// <summary>True where its shape is another.</summary>
    public bool IsResized => Before is not null && After is not null && !Before.Dims.SequenceEqual(After.Dims);

    /// <summary>True where its element type is another.</summary>
    public bool IsRetyped => Before is not null && After is not null && Before.Type != After.Type;

    /// <summary>What happened to it, in a word or two.</summary>
    public string Change => this switch
    {
        { Before: null } => "added",
        { After: null } => "removed",
        { IsResized: true, IsRetyped: true } => "resized, retyped",
        { IsResized: true } => Parameters >= 0 ? "widened" : "narrowed",
        { IsRetyped: true } => "retyped",
        _ => "stored otherwise",
    };

    private static long Counted(Tensor? tensor) => tensor is { IsParameter: true } ? tensor.LogicalElements : 0;
}

/// <summary>Why one model weighs more than another: tensor by tensor, by what their headers say.</summary>
public static class ModelDifference
{
    /// <summary>The tensors that differ, those that add most first. Tensors are told by graph and name, and where that fails by the one layer and role they have.</summary>
    public static IReadOnlyList<TensorDifference> Of(ModelFile before, ModelFile after)
    {
        List<TensorDifference> changes = [];
        var (gone, come) = Pair(before.Tensors, after.Tensors, static tensor => (tensor.Graph, tensor.Name, ""), changes);
        (gone, come) = Pair(gone, come, static tensor => tensor.Layer.Length == 0 ? null : (tensor.Graph, tensor.Layer, tensor.Role.ToString()), changes);
        changes.AddRange(gone.Select(static tensor => new TensorDifference(tensor, null)));
        changes.AddRange(come.Select(static tensor => new TensorDifference(null, tensor)));
        return [.. changes.OrderByDescending(static change => change.Bytes).ThenBy(static change => change.Tensor.Name, StringComparer.Ordinal)];
    }

    // Pairs what has one key, and a key that several have not at all: such tensors come and go as they are, one for one.
    private static (List<Tensor> Gone, List<Tensor> Come) Pair(IReadOnlyList<Tensor> before, IReadOnlyList<Tensor> after, Func<Tensor, (string, string, string)?> key, List<TensorDifference> changes)
    {
        var (old, pairs) = (ByKey(before, key), ByKey(after, key));
        List<Tensor> gone = [], come = [];
        foreach (var tensor in before)
        {
            if (!(key(tensor) is { } own && old[own].Count == 1 && pairs.TryGetValue(own, out var partners) && partners.Count == 1)) gone.Add(tensor);
        }
        foreach (var tensor in after)
        {
            if (!(key(tensor) is { } own && pairs[own].Count == 1 && old.TryGetValue(own, out var partners) && partners is [var partner])) come.Add(tensor);
            else if (new TensorDifference(partner, tensor) is var change && (change.Bytes != 0 || change.Parameters != 0 || change.IsResized || change.IsRetyped)) changes.Add(change);
        }
        return (gone, come);
    }

    private static Dictionary<(string, string, string), List<Tensor>> ByKey(IReadOnlyList<Tensor> tensors, Func<Tensor, (string, string, string)?> key)
    {
        var found = new Dictionary<(string, string, string), List<Tensor>>();
        foreach (var tensor in tensors)
        {
            if (key(tensor) is not { } own) continue;
            if (!found.TryGetValue(own, out var same)) found.Add(own, same = []);
            same.Add(tensor);
        }
        return found;
    }
}
