using ModelGate.Measuring;
using ModelGate.Policies;

namespace ModelGate.Gating;

/// <summary>What the gate says of a budget on an increase, in one line: model, increase, what it was found from, limit, next step.</summary>
internal static class IncreaseMessage
{
    public static string Breach(BudgetResult result, Subject subject) =>
        $"{Measured(result)}, over its max_increase of {result.Budget.Limit.Text}. {GrowthMessage.Of(subject, result.Budget.Metric) ?? BudgetMessage.NextStep(subject, result.Budget.Metric)}";

    public static string Inconclusive(BudgetResult result, Subject subject, string whatWouldSettle) =>
        $"{Measured(result)}: cannot be told from its max_increase of {result.Budget.Limit.Text}. {whatWouldSettle} {BudgetMessage.NextStep(subject, result.Budget.Metric)}";

    public static string BelowFloor(Subject subject, Budget budget, Measurement.Compared compared, double floor) =>
        $"{subject.Name}: {budget.Metric} of two alike models differs by up to {Increase.Size(floor)} on this machine, as the {compared.LogRatios.Count} restarts of this comparison vary. {Increase.BelowFloor(budget.Limit.Value, floor)}";

    /// <summary>What would lead to a verdict where there is none, in a sentence.</summary>
    public static string WhatWouldSettle(Measurement.Compared compared, Benchmark benchmark) =>
        BudgetMessage.MoreTime(compared.NeededTime, compared.TimeRanOut, SequentialTTest.First, benchmark) ?? "The limit lies inside what this machine can tell apart: measure on a quieter machine, or allow more.";

    private static string Measured(BudgetResult result)
    {
        var (value, baseline) = result.Comparison!;
        var unit = result.Budget.Metric.Unit;
        string values = $"{Quantity.Format(value, unit, apartFrom: baseline)} against {Quantity.Format(baseline, unit, apartFrom: value)}";
        string increase = double.IsFinite(result.Measured!.Value) ? $"{Increase.Size(result.Measured.Value)} {(result.Measured < 0 ? "below" : "above")} its baseline" : "above a baseline of nothing";
        string range = result.Interval is { } interval ? $"between {Increase.Text(interval.Low)} and {Increase.Text(interval.High)} over {result.Restarts.Count} restarts; " : "";
        return $"{result.Subject}: {result.Budget.Metric} is {increase} ({range}{values})";
    }
}
