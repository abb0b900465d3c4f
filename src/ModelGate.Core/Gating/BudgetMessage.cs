using System.Globalization;
using ModelGate.Measuring;
using ModelGate.Policies;

namespace ModelGate.Gating;

/// <summary>What the gate says of a budget, in one line: model, measured, limit, excess, next step. The same through every door.</summary>
internal static class BudgetMessage
{
    public static string Breach(Subject subject, Budget budget, double measured, Interval? interval = null, int restarts = 0)
    {
        double limit = budget.Limit.Value, excess = Math.Abs(measured - limit);
        string side = budget.Metric.Direction == Direction.LowerIsBetter ? "over" : "under";
        string share = limit > 0 ? $" ({Percent(excess / limit)})" : "";
        return $"{Measured(subject, budget, measured, interval, restarts)}, {Quantity.Format(excess, budget.Metric.Unit)}{share} {side} its limit of {budget.Limit.Text}. {NextStep(subject, budget.Metric)}";
    }

    public static string Near(Subject subject, Budget budget, double measured)
    {
        double limit = budget.Limit.Value;
        string used = limit > 0 ? $", {Percent(measured / limit)} of its limit of {budget.Limit.Text}" : "";
        return $"{Measured(subject, budget, measured, null, 0)}{used}: past the warning level of {budget.Warn!.Text}. {NextStep(subject, budget.Metric)}";
    }

    public static string Inconclusive(Subject subject, Budget budget, Measurement.Sampled sampled, RestartJudgement judgement) =>
        $"{Measured(subject, budget, judgement.Estimate, judgement.Interval, sampled.Restarts.Count)}: cannot be told from its limit of {budget.Limit.Text}. {WhatWouldSettle(sampled)}";

    public static string Deferred(Subject subject, Budget budget, string reason) => $"{subject.Name}: {budget.Metric} is deferred: {reason}.";

    public static string Unmeasured(Subject subject, Budget budget, string reason) => $"{subject.Name}: {budget.Metric} was not measured: {reason}";

    private static string Measured(Subject subject, Budget budget, double measured, Interval? interval, int restarts)
    {
        var unit = budget.Metric.Unit;
        string shown = Quantity.Format(measured, unit, apartFrom: budget.Limit.Value), value = $"{subject.Name}: {budget.Metric} is {shown}";
        if (interval is not null)
            return $"{value} (between {Quantity.Format(interval.Low, unit)} and {Quantity.Format(interval.High, unit)} over {restarts} restarts)";
        return unit is Unit.Bytes or Unit.Count && Quantity.FormatExact(measured, unit) is var exact && exact != shown ? $"{value} ({exact})" : value;
    }

    private static string Percent(double share) => (share * 100).ToString(share < 0.1 ? "0.0" : "0", CultureInfo.InvariantCulture) + " %";

    private static string NextStep(Subject subject, Metric metric) => (metric.Source, subject.Path) switch
    {
        (Source.Worker, { } path) => $"Next: `modelgate bench {path}` times it alone.",
        (Source.Structure or Source.Content, { } path) => $"Next: `modelgate inspect {path}` shows where the weight is.",
        (_, null) => "Next: `modelgate inspect` on each model shows where the weight is.",
        _ => "Next: leave out what users do not need, or compress the models.",
    };

    private static string WhatWouldSettle(Measurement.Sampled sampled) => sampled switch
    {
        { NeededTime: { } needed } => $"A verdict needs about {needed.ToString("0", CultureInfo.InvariantCulture)} s: raise `benchmark.max_time`.",
        { TimeRanOut: true } => "Time ran out: raise `benchmark.max_time`, or measure on a quieter machine.",
        _ => "The limit lies inside what this machine can tell apart: measure on a quieter machine, or move the limit away from the measured value.",
    };
}
