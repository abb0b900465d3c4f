using System.Globalization;
using ModelGate.Measuring;
using ModelGate.Policies;

namespace ModelGate.Reporting;

/// <summary>What a model costs over a dimension, as a table with the curve drawn beside it.</summary>
internal static class SweepTable
{
    private const int Widest = 24;

    /// <summary>The table.</summary>
    /// <param name="sweep">The costs.</param>
    /// <param name="model">Name of the model; null where the report is of one alone.</param>
    public static ReportTable Of(SweepResult sweep, string? model = null)
    {
        double most = sweep.Points.Max(static point => point.Latency);
        List<string[]> rows = [];
        SweepPoint? before = null;
        foreach (var point in sweep.Points)
        {
            rows.Add(
            [
                Whole(point.Size), Quantity.Format(point.Latency, Unit.Seconds),
                before is null ? "" : Exponent(Growth.Exponent([before.Size, point.Size], [before.Latency, point.Latency])),
                point.Activations is { } activations ? Quantity.Format(activations, Unit.Bytes) : "", point.Macs is { } macs ? Quantity.Format(macs, Unit.Count) : "",
                // The time itself, not its logarithm: what grows as the square looks like it.
                new string('#', Math.Max(1, (int)Math.Round(Widest * point.Latency / most))),
            ]);
            before = point;
        }

        rows.Add(["growth", "", "", Exponent(sweep.GrowthOfActivations), Exponent(sweep.GrowthOfMacs), ""]);
        return new($"{(model is null ? "Over" : $"{model} over")} {sweep.Dimension} (growth: the exponent; 1 is linear, 2 quadratic)",
            [new(sweep.Dimension, true), new("latency.p50", true), new("growth", true), new("activations", true), new("macs", true), new("latency")], rows);
    }

    private static string Exponent(double? exponent) => exponent?.ToString("0.00", CultureInfo.InvariantCulture) ?? "";

    private static string Whole(int number) => number.ToString(CultureInfo.InvariantCulture);
}
