using ModelGate.Policies;

namespace ModelGate.Gating;

/// <summary>An interval, in a metric's base unit or of an increase, that holds the true value at the policy's confidence.</summary>
/// <param name="Low">Lower end.</param>
/// <param name="High">Upper end.</param>
public sealed record Interval(double Low, double High);

/// <summary>One budget, judged for one model, for all models together, or for a package.</summary>
/// <param name="Subject">The model (its entry's name, or path), <c>total</c>, or the package's file name.</param>
/// <param name="Path">Path of the model or package; null for the total.</param>
/// <param name="Budget">The budget.</param>
/// <param name="Measured">Measured value in the metric's base unit, or the increase as a share; null where there is none.</param>
/// <param name="Interval">Interval of the value or increase, for sampled metrics.</param>
/// <param name="Restarts">The values or increases behind it, one per restart; empty for exact metrics.</param>
/// <param name="Verdict">The verdict.</param>
/// <param name="Reason">Why the verdict is what it is, in a few words; empty for a plain pass.</param>
/// <param name="Diagnostic">What to tell the user; null for a plain pass. Points at the budget's own line.</param>
public sealed record BudgetResult(
    string Subject, string? Path, Budget Budget, double? Measured, Interval? Interval, IReadOnlyList<double> Restarts, Verdict Verdict,
    string Reason, Diagnostic? Diagnostic)
{
    /// <summary>What an increase was found from; null for budgets on a value.</summary>
    public Comparison? Comparison { get; init; }
}

/// <summary>A value beside its baseline's, in the metric's base unit.</summary>
/// <param name="Value">The model's.</param>
/// <param name="Baseline">The baseline's.</param>
public sealed record Comparison(double Value, double Baseline);
