using System.Globalization;
using ModelGate.Measuring;
using ModelGate.Policies;

namespace ModelGate.Reporting;

/// <summary>The tables of a bench report: where a model's arithmetic and its time go.</summary>
internal static class BenchTables
{
    /// <summary>Nodes that are shown at most.</summary>
    public const int MostNodes = 10;

    private const int MostOperators = 15;

    /// <summary>Those that a result has something for.</summary>
    public static IEnumerable<InspectionTable> Of(LatencyResult result)
    {
        foreach (var sweep in result.Sweeps)
            yield return Sweep(sweep);
        if (result.Macs is { } macs && macs.Operators.Count + macs.WithoutFormula.Count > 0)
            yield return Macs(macs);
        if (result.Operators is { } times)
        {
            yield return new("Time by operator (under the profiler)", [new("operator"), new("provider"), new("executions", true), new("time", true), new("share", true)],
                [.. times.Operators.Take(MostOperators).Select(one => (string[])[one.Operator, ExecutionProvider.NameOf(one.Provider), one.Executions.ToString("0.#", CultureInfo.InvariantCulture), Quantity.Format(one.Seconds, Unit.Seconds), Percent(one.Seconds / times.Total)])]);
            yield return new("Nodes that take most", [new("node"), new("operator"), new("output"), new("time", true), new("share", true)],
                [.. times.Nodes.Take(MostNodes).Select(one => (string[])[one.Name, one.Operator, one.Output, Quantity.Format(one.Seconds, Unit.Seconds), Percent(one.Seconds / times.Total)])]);
        }
    }

    // The bar is the time itself, not its logarithm: what grows as the square looks like it.
    private static InspectionTable Sweep(SweepResult sweep)
    {
        const int Widest = 24;
        double most = sweep.Points.Max(static point => point.Latency ?? 0);
        List<string[]> rows = [];
        SweepPoint? before = null;
        foreach (var point in sweep.Points)
        {
            rows.Add(
            [
                Whole(point.Size), point.Latency is { } latency ? Quantity.Format(latency, Unit.Seconds) : "",
                before is { Latency: { } earlier } && point.Latency is { } later ? Exponent(Growth.Exponent([before.Size, point.Size], [earlier, later])) : "",
                point.Activations is { } activations ? Quantity.Format(activations, Unit.Bytes) : "", point.Macs is { } macs ? Quantity.Format(macs, Unit.Count) : "",
                new string('#', Math.Max(1, (int)Math.Round(Widest * (point.Latency ?? 0) / most))),
            ]);
            before = point;
        }

        rows.Add(["growth", "", "", Exponent(sweep.GrowthOfActivations), Exponent(sweep.GrowthOfMacs), ""]);
        return new($"Over {sweep.Dimension} (growth: the exponent; 1 is linear, 2 quadratic)",
            [new(sweep.Dimension, true), new("latency.p50", true), new("growth", true), new("activations", true), new("macs", true), new("latency")], rows);
    }

    private static string Exponent(double? exponent) => exponent?.ToString("0.00", CultureInfo.InvariantCulture) ?? "";

    private static InspectionTable Macs(MacCount macs) => new("Multiply-accumulates by operator", [new("operator"), new("executions", true), new("macs", true), new("share", true)],
    [
        .. macs.Operators.Select(one => (string[])[one.Operator, Whole(one.Executions), Quantity.Format(one.Macs, Unit.Count), Percent(one.Macs / macs.Total)]),
        .. macs.WithoutFormula.Select(static one => (string[])[one.Operator, Whole(one.Executions), "no formula", ""]),
    ]);

    private static string Whole(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Percent(double share) => double.IsFinite(share) ? (share * 100).ToString("0.0", CultureInfo.InvariantCulture) + " %" : "";
}
