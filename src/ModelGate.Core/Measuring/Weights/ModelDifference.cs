using ModelGate.Comparing;
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
    /// <summary>
    /// The tensors that differ in what they weigh, those that add most first; which is which, <see cref="TensorPairs"/> tells. One that only goes
    /// by another name adds nothing.
    /// </summary>
    public static IReadOnlyList<TensorDifference> Of(ModelFile before, ModelFile after)
    {
        var pairs = new TensorPairs(before.Tensors, after.Tensors).ByName().ByUse();
        TensorDifference[] changes =
        [
            .. pairs.Pairs.Select(static pair => new TensorDifference(pair.Before, pair.After)).Where(static change => change.Bytes != 0 || change.Parameters != 0 || change.IsResized || change.IsRetyped),
            .. pairs.Gone.Select(static tensor => new TensorDifference(tensor, null)),
            .. pairs.Come.Select(static tensor => new TensorDifference(null, tensor)),
        ];
        return [.. changes.OrderByDescending(static change => change.Bytes).ThenBy(static change => change.Tensor.Name, StringComparer.Ordinal)];
    }
}
