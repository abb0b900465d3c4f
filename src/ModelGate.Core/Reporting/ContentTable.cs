using System.Globalization;
using ModelGate.Measuring;
using ModelGate.Policies;

namespace ModelGate.Reporting;

/// <summary>What the values of a model's weights tell: zeros, repeats, and how small they could become.</summary>
internal static class ContentTable
{
    private const int Most = 10;

    /// <summary>The tables.</summary>
    public static IEnumerable<ReportTable> Of(WeightContent content, IReadOnlyList<DuplicateWeight> duplicates)
    {
        yield return new("Values of the weights", [new("what"), new("count", true), new("share", true)],
        [
            ["floating-point weights looked at", Count(content.Values), ""],
            ["exact zeros (sparsity)", Count(content.Zeros), Share(content.Sparsity)],
            ["groups of four with two zeros (2:4)", Count(content.SparseGroups), Share(content.SparsityOfGroups)],
            ["denormal numbers", Count(content.Denormals), Share(content.Values == 0 ? 0 : (double)content.Denormals / content.Values)],
            ["elements not looked at: codes, or packed otherwise", Count(content.Unread), ""],
            ["entropy bound, byte by byte", Quantity.Format(content.EntropyBound, Unit.Bytes), Share(content.BytesRead == 0 ? 0 : content.EntropyBound / content.BytesRead)],
        ]);
        if (duplicates.Count == 0) yield break;
        yield return new("Weights stored more than once", [new("tensor"), new("again as"), new("elements", true), new("wasted bytes", true)],
            [.. duplicates.Take(Most).Select(static duplicate => (IReadOnlyList<string>)
            [
                duplicate.First.Name, duplicate.Repeats.Count == 1 ? duplicate.Repeats[0].Name : $"{duplicate.Repeats[0].Name} and {duplicate.Repeats.Count - 1} more",
                Count(duplicate.Repeats.Sum(static tensor => (double)tensor.LogicalElements)), Quantity.Format(duplicate.WastedBytes, Unit.Bytes),
            ])]);
    }

    /// <summary>What to warn of; null where there is nothing.</summary>
    public static string? Warning(WeightContent content) => content.Denormals == 0
        ? null
        : $"{Count(content.Denormals)} weights are denormal numbers, with which many processors calculate a hundred times slower: set them to zero, or let the runtime do so (session.set_denormal_as_zero)";

    private static string Count(double count) => count.ToString("#,0", CultureInfo.InvariantCulture);

    private static string Share(double share) => Quantity.Percent(share, "0.00");
}
