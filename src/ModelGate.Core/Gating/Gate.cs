using ModelGate.Measuring;
using ModelGate.Policies;

namespace ModelGate.Gating;

/// <summary>Judges budgets. Reads no file and no clock: the same measurements give the same verdicts.</summary>
public static class Gate
{
    /// <summary>Judges every budget of a subject, in the order of the policy.</summary>
    public static IEnumerable<BudgetResult> Judge(Subject subject, Benchmark benchmark) =>
        subject.Budgets.Select(budget => Judge(subject, budget, benchmark));

    /// <summary>
    /// The verdict of a run: the worst of its budgets; unmeasured where a diagnostic is an error or there was nothing to judge.
    /// </summary>
    public static Verdict Overall(IReadOnlyList<BudgetResult> budgets, IReadOnlyList<Diagnostic> diagnostics)
    {
        var worst = Verdict.Deferred;
        foreach (var budget in budgets)
            worst = Worse(worst, budget.Verdict);
        if (diagnostics.Any(diagnostic => diagnostic.Severity == Severity.Error))
            worst = Worse(worst, Verdict.Unmeasured);
        return worst;
    }

    // A pass beside something deferred is still a pass of what was judged.
    private static Verdict Worse(Verdict one, Verdict other) => Rank(one) >= Rank(other) ? one : other;

    private static int Rank(Verdict verdict) => verdict switch
    {
        Verdict.Deferred => 0,
        Verdict.Pass => 1,
        Verdict.Inconclusive => 2,
        Verdict.Unmeasured => 3,
        _ => 4,
    };

    private static BudgetResult Judge(Subject subject, Budget budget, Benchmark benchmark) =>
        subject.Measurements.First(measurement => measurement.Metric == budget.Metric) switch
        {
            Measurement.Exact exact => JudgeExact(subject, budget, exact),
            Measurement.Sampled sampled => JudgeSampled(subject, budget, sampled, benchmark),
            Measurement.Failed failed => JudgeFailed(subject, budget, failed),
            Measurement.Postponed postponed => Result(subject, budget, Verdict.Deferred, Diagnostics.Deferred, BudgetMessage.Deferred(subject, budget, postponed.Reason)),
            var other => throw new ArgumentException($"A measurement of a kind the gate does not know: {other}."),
        };

    private static BudgetResult JudgeExact(Subject subject, Budget budget, Measurement.Exact exact)
    {
        var result = new BudgetResult(subject.Name, subject.Path, budget, exact.Value, null, [], Verdict.Pass, null);
        if (!IsWithin(exact.Value, budget.Limit.Value, budget.Metric.Direction))
            return result with { Verdict = Verdict.Breach, Diagnostic = new(Diagnostics.BudgetBreached, budget.At, BudgetMessage.Breach(subject, budget, exact.Value)) };
        return WarnWhereNear(result, subject);
    }

    private static BudgetResult JudgeSampled(Subject subject, Budget budget, Measurement.Sampled sampled, Benchmark benchmark)
    {
        var judgement = RestartJudgement.Of(sampled, budget.Limit.Value, benchmark.Confidence);
        var result = new BudgetResult(subject.Name, subject.Path, budget, judgement.Estimate, judgement.Interval, sampled.Restarts, judgement.Verdict, null);
        return judgement.Verdict switch
        {
            Verdict.Breach => result with { Diagnostic = new(Diagnostics.BudgetBreached, budget.At, BudgetMessage.Breach(subject, budget, judgement.Estimate, judgement.Interval, judgement.Restarts)) },
            Verdict.Inconclusive => result with { Diagnostic = JudgeOpen(subject, budget, sampled, judgement, benchmark) },
            _ => WarnWhereNear(result, subject),
        };
    }

    private static Diagnostic? JudgeOpen(Subject subject, Budget budget, Measurement.Sampled sampled, RestartJudgement judgement, Benchmark benchmark)
    {
        Severity? severity = benchmark.OnInconclusive switch { Reaction.Error => Severity.Error, Reaction.Warn => Severity.Warning, _ => Severity.Note };
        return new(Diagnostics.Inconclusive, budget.At, BudgetMessage.Inconclusive(subject, budget, sampled, judgement)) { Severity = severity.Value };
    }

    private static BudgetResult JudgeFailed(Subject subject, Budget budget, Measurement.Failed failed) => budget.Optional
        ? Result(subject, budget, Verdict.Deferred, Diagnostics.Deferred, BudgetMessage.Deferred(subject, budget, "optional, and " + failed.Reason))
        : Result(subject, budget, Verdict.Unmeasured, failed.Kind, BudgetMessage.Unmeasured(subject, budget, failed.Reason));

    private static BudgetResult WarnWhereNear(BudgetResult result, Subject subject) =>
        result.Budget.Warn is { } warn && !IsWithin(result.Measured!.Value, warn.Value, result.Budget.Metric.Direction)
            ? result with { Diagnostic = new(Diagnostics.NearLimit, result.Budget.At, BudgetMessage.Near(subject, result.Budget, result.Measured.Value)) }
            : result;

    // Written so that NaN is never within.
    private static bool IsWithin(double measured, double limit, Direction direction) =>
        direction == Direction.LowerIsBetter ? measured <= limit : measured >= limit;

    private static BudgetResult Result(Subject subject, Budget budget, Verdict verdict, DiagnosticKind kind, string message) =>
        new(subject.Name, subject.Path, budget, null, null, [], verdict, new(kind, budget.At, message));
}
