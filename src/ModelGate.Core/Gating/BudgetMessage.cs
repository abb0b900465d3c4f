using System.Globalization;
using ModelGate.Compressing;
using ModelGate.Measuring;
using ModelGate.Policies;

namespace ModelGate.Gating;

/// <summary>What the gate says of a budget, in one line: model, measured, limit, excess, next step. The same through every door.</summary>
internal static class BudgetMessage
{
    public static string Breach(BudgetResult result, Subject subject, string excess) =>
        $"{Measured(result)}, {excess} its limit of {result.Budget.Limit.Text}. {NextStep(subject, result.Budget.Metric)}{RemedyOf(subject, result.Budget.Metric)}";

    public static string Near(BudgetResult result, Subject subject)
    {
        double limit = result.Budget.Limit.Value;
        string used = limit > 0 ? $", {Quantity.Percent(result.Measured!.Value / limit)} of its limit of {result.Budget.Limit.Text}" : "";
        return $"{Measured(result)}{used}: past the warning level of {result.Budget.Warn!.Text}. {NextStep(subject, result.Budget.Metric)}";
    }

    public static string Inconclusive(BudgetResult result, Subject subject, string whatWouldSettle) =>
        $"{Measured(result)}: cannot be told from its limit of {result.Budget.Limit.Text}. {whatWouldSettle} {NextStep(subject, result.Budget.Metric)}";

    public static string Deferred(Subject subject, Budget budget, string reason) => $"{subject.Name}: {What(budget)} is deferred: {reason.TrimEnd('.')}.";

    public static string Unmeasured(Subject subject, Budget budget, DiagnosticKind kind, string reason) =>
        $"{subject.Name}: {What(budget)} was not measured: {reason.TrimEnd('.')}.{NextStep(kind)}";

    // From here on nobody pictures a percentage.
    private const double ManyTimes = 10;

    /// <summary>How far beyond its limit, such as "2.21 MB (4.3 %) over" or "36.7 MB (367 times the limit) over".</summary>
    public static string Excess(BudgetResult result)
    {
        double limit = result.Budget.Limit.Value, excess = Math.Abs(result.Measured!.Value - limit);
        string share = limit <= 0 ? "" : excess < ManyTimes * limit ? $" ({Quantity.Percent(excess / limit)})" : string.Create(CultureInfo.InvariantCulture, $" ({result.Measured.Value / limit:N0} times the limit)");
        // A share is a percentage already, and one per cent of it is another amount.
        string amount = result.Budget.Metric.Unit == Unit.Share ? $"{Quantity.Format(excess * 100, Unit.Ratio)} percentage points" : Quantity.Format(excess, result.Budget.Metric.Unit);
        return $"{amount}{share} {(result.Budget.Metric.Direction == Direction.LowerIsBetter ? "over" : "under")}";
    }

    /// <summary>What would lead to a verdict where there is none, in a sentence.</summary>
    public static string WhatWouldSettle(Measurement.Sampled sampled, Benchmark benchmark) =>
        MoreTime(sampled.NeededTime, sampled.TimeRanOut, LookTable.Of(benchmark.Confidence).First, benchmark) ?? "The limit lies inside what this machine can tell apart: measure on a quieter machine, or move the limit away from the measured value.";

    /// <summary>Says that time is what a verdict lacks; null where it is not.</summary>
    /// <param name="needed">Seconds that it would take, where that is known.</param>
    /// <param name="ranOut">True where time ended the measuring.</param>
    /// <param name="restarts">Restarts that a verdict needs at least.</param>
    /// <param name="benchmark">How much time there is.</param>
    public static string? MoreTime(double? needed, bool ranOut, int restarts, Benchmark benchmark) =>
        needed is { } seconds ? string.Create(CultureInfo.InvariantCulture, $"The {restarts} restarts that a verdict needs take about {seconds:0} s, and `benchmark.max_time` is {benchmark.MaxTime:0.#} s: raise it.")
            : ranOut ? "Time ran out: raise `benchmark.max_time`, or measure on a quieter machine."
            : null;

    private static string What(Budget budget) => budget.OnIncrease ? $"the increase of {budget.Metric}" : budget.Metric.Name;

    private static string Measured(BudgetResult result)
    {
        var unit = result.Budget.Metric.Unit;
        double measured = result.Measured!.Value;
        string shown = Quantity.Format(measured, unit, apartFrom: result.Budget.Limit.Value), value = $"{result.Subject}: {result.Budget.Metric} is {shown}";
        if (result.Interval is { } interval)
            return $"{value} (between {Quantity.Format(interval.Low, unit)} and {Quantity.Format(interval.High, unit)} over {result.Restarts.Count} restarts)";
        if (result.Restarts.Count > 0)
            return $"{value} (over {result.Restarts.Count} {(result.Restarts.Count == 1 ? "restart" : "restarts")})";
        return unit is Unit.Bytes or Unit.Count && Quantity.FormatExact(measured, unit) is var exact && exact != shown ? $"{value} ({exact})" : value;
    }

    // Where a runtime was sought, the next step depends on where: the reason itself says it.
    private static string NextStep(DiagnosticKind kind) => kind == Diagnostics.RuntimeMissing || kind == Diagnostics.RuntimeUnusable ? "" : $" Next: {kind.Fix}";

    /// <summary>Where to look next, in a sentence.</summary>
    public static string NextStep(Subject subject, Metric metric) => (metric.Source, subject.Argument ?? subject.Path) switch
    {
        (_, { } path) when metric.Relation == Relation.Target => $"Next: `modelgate advise {ShellArgument.Of(path)} --targets {metric.Subject}` shows at which precision it fits.",
        (Source.Worker, { } path) => $"Next: `modelgate bench {ShellArgument.Of(path)}` times it alone.",
        (Source.Profile, { } path) => $"Next: `modelgate bench {ShellArgument.Of(path)}` shows which operators it goes to.",
        (Source.Structure or Source.Content, { } path) => $"Next: `modelgate inspect {ShellArgument.Of(path)}` shows where the weight is.",
        (_, { } path) when metric.Relation == Relation.Compressed && Schemes.Find(metric.Subject) is { IsPruning: true } scheme =>
            $"Next: `modelgate compress {ShellArgument.Of(path)} --to {scheme.Name} -o {ShellArgument.Of(CompressedCopy.NameFor(path, scheme))}` shows what it gains and what it does to each weight.",
        (Source.Beside or Source.Related, { } path) when metric.Relation == Relation.Compressed => $"Next: `modelgate advise {ShellArgument.Of(path)}` shows every scheme.",
        (Source.Beside or Source.Related, { } path) => $"Next: `modelgate compare OTHER {ShellArgument.Of(path)}` shows where the two differ.",
        (_, null) => "Next: `modelgate inspect` on each model shows where the weight is.",
        _ => "Next: leave out what users do not need, or compress the models.",
    };

    // The smallest change that fits where it is known, and how to find one where it is not.
    private static string RemedyOf(Subject subject, Metric metric)
    {
        foreach (var remedy in subject.Remedies)
        {
            if (remedy.Metric != metric)
                continue;
            string path = ShellArgument.Of((subject.Argument ?? subject.Path)!);
            return remedy.Scheme is { } scheme
                ? $" With {scheme} it would be {Quantity.Format(remedy.Size, Unit.Bytes)}{(remedy.IsOfFinite ? ", if no weight is NaN or infinite" : "")}: `modelgate compress {path} --to {scheme} -o {ShellArgument.Of(remedy.Output)}`."
                : $" `modelgate advise {path}` measures what would make it smaller.";
        }

        return "";
    }
}
