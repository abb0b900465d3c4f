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
    public static IEnumerable<ReportTable> Of(LatencyResult result)
    {
        foreach (var sweep in result.Sweeps)
            yield return SweepTable.Of(sweep);
        if (result.Macs is { } macs && macs.Operators.Count + macs.WithoutFormula.Count > 0)
            yield return Macs(macs);
        if (result.Operators is { } times)
        {
            yield return new("Time by operator (under the profiler)", [new("operator"), new("provider"), new("executions", true), new("time", true), new("share", true)],
                [.. times.Operators.Take(MostOperators).Select(one => (string[])[one.Operator, ExecutionProvider.NameOf(one.Provider), one.Executions.ToString("0.#", CultureInfo.InvariantCulture), Quantity.Format(one.Seconds, Unit.Seconds), Share(one.Seconds, times.Total)])]);
            yield return new("Nodes that take most", [new("node"), new("operator"), new("output"), new("time", true), new("share", true)],
                [.. times.Nodes.Take(MostNodes).Select(one => (string[])[one.Name, one.Operator, one.Output, Quantity.Format(one.Seconds, Unit.Seconds), Share(one.Seconds, times.Total)])]);
        }
    }

    private static ReportTable Macs(MacCount macs) => new("Multiply-accumulates by operator", [new("operator"), new("executions", true), new("macs", true), new("share", true)],
    [
        .. macs.Operators.Select(one => (string[])[one.Operator, Whole(one.Executions), Quantity.Format(one.Macs, Unit.Count), Share(one.Macs, macs.Total)]),
        .. macs.WithoutFormula.Select(static one => (string[])[one.Operator, Whole(one.Executions), "no formula", ""]),
    ]);

    private static string Whole(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Share(double part, double total) => total > 0 ? Quantity.Percent(part / total, "0.0") : "";
}
