using ModelGate.Gating;
using ModelGate.Measuring;
using ModelGate.Policies;

namespace ModelGate.Reporting;

/// <summary>The figures of a judged budget as people read them: values in units, increases with their sign.</summary>
internal static class Figures
{
    /// <summary>What was measured; null where nothing was.</summary>
    public static string? Measured(BudgetResult result) => result.Measured is not { } value ? null
        : result.Budget.OnIncrease ? Increase.Text(value)
        : Quantity.Format(value, result.Budget.Unit, result.Budget.Limit.Value);

    /// <summary>One end of an interval.</summary>
    public static string End(BudgetResult result, double value) => result.Budget.OnIncrease ? Increase.Text(value) : Quantity.Format(value, result.Budget.Unit);

    /// <summary>The limit as the policy writes it.</summary>
    public static string Limit(Budget budget) => (budget.OnIncrease ? "+" : "") + budget.Limit.Text;

    /// <summary>The limit's key in a policy.</summary>
    public static string Key(Budget budget) => budget.OnIncrease ? "max_increase" : budget.Metric.Direction == Direction.LowerIsBetter ? "max" : "min";

    /// <summary>The share of the limit that is used; null where that says nothing.</summary>
    public static double? Used(BudgetResult result) => result is { Measured: { } measured, Budget: { OnIncrease: false, Limit.Value: > 0 and var limit } } ? measured / limit : null;
}
