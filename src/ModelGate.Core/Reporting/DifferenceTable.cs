using System.Globalization;
using ModelGate.Measuring;
using ModelGate.Models;
using ModelGate.Policies;

namespace ModelGate.Reporting;

/// <summary>Why a model weighs more or less than another, the worst first.</summary>
internal static class DifferenceTable
{
    private const int Most = 25;

    /// <summary>The table.</summary>
    public static ReportTable Of(InspectedDifferences comparison)
    {
        var changes = comparison.Changes;
        var rows = changes.Take(Most).Select(Row).ToList();
        if (changes.Count > Most)
        {
            var others = changes.Skip(Most).ToArray();
            rows.Add([$"{others.Length} others", "", "", "", Signed(others.Sum(static change => (double)change.Parameters)), SignedBytes(others.Sum(static change => (double)change.Bytes))]);
        }
        rows.Add(["together", "", "", "", Signed(changes.Sum(static change => (double)change.Parameters)), SignedBytes(changes.Sum(static change => (double)change.Bytes))]);
        return new($"Against {comparison.Path}", [new("tensor"), new("change"), new("before"), new("after"), new("parameters", true), new("bytes", true)], rows);
    }

    private static string[] Row(TensorDifference change) =>
        [change.Tensor.Graph.Length == 0 ? change.Tensor.Name : $"{change.Tensor.Graph}/{change.Tensor.Name}", change.Change, Shape(change.Before), Shape(change.After), Signed(change.Parameters), SignedBytes(change.Bytes)];

    private static string Shape(Tensor? tensor) => tensor is null ? "" : $"{tensor.Type} {(tensor.Dims.Count == 0 ? "scalar" : string.Join('x', tensor.Dims))}";

    private static string Signed(double count) => count.ToString("+#,0;-#,0;0", CultureInfo.InvariantCulture);

    private static string SignedBytes(double bytes) => (bytes < 0 ? "-" : bytes > 0 ? "+" : "") + Quantity.Format(Math.Abs(bytes), Unit.Bytes);
}
