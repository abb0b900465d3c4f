using ModelGate.Measuring;
using ModelGate.Policies;

namespace ModelGate.Gating;

/// <summary>Judges budgets. Reads no file and no clock: the same measurements give the same verdicts.</summary>
public static class Gate
{
    /// <summary>Judges every budget of a subject, in the order of the policy.</summary>
    public static IEnumerable<BudgetResult> Judge(Subject subject, Benchmark benchmark) =>
        subject.Budgets.Select(budget => Judge(subject, budget, benchmark));

    /// <summary>What there is to say of a subject's budgets before they are judged: increases that nothing here can tell from none.</summary>
    public static IEnumerable<Diagnostic> Remarks(Subject subject, Benchmark benchmark)
    {
        foreach (var budget in subject.Budgets)
        {
            if (budget.OnIncrease && Of(budget.Metric, subject.Increases) is Measurement.Compared compared
                && IncreaseJudgement.NoiseFloor(compared.LogRatios, benchmark.Confidence) is { } floor && floor > budget.Limit.Value)
                yield return new(Diagnostics.BelowNoiseFloor, budget.At, IncreaseMessage.BelowFloor(subject, budget, compared, floor));
        }
    }

    /// <summary>
    /// The verdict of a run: the worst of its budgets, and no better than unmeasured where a diagnostic is an error. Nothing at all counts
    /// as deferred: whoever finds nothing to judge has to say so with a diagnostic.
    /// </summary>
    public static Verdict Overall(IReadOnlyList<BudgetResult> budgets, IReadOnlyList<Diagnostic> diagnostics)
    {
        var worst = Verdict.Deferred;
        foreach (var budget in budgets)
            worst = Worse(worst, budget.Verdict);
        foreach (var diagnostic in diagnostics)
            worst = diagnostic.Severity == Severity.Error ? Worse(worst, Verdict.Unmeasured) : worst;
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
        Of(budget.Metric, budget.OnIncrease ? subject.Increases : subject.Measurements) switch
        {
            Measurement.Changed changed => JudgeChanged(subject, budget, changed),
            Measurement.Compared compared when !budget.OnIncrease => JudgeSpeedup(subject, budget, compared, benchmark),
            Measurement.Compared compared => JudgeCompared(subject, budget, compared, benchmark),
            Measurement.Exact exact => JudgeExact(subject, budget, exact),
            Measurement.Sampled sampled => JudgeSampled(subject, budget, sampled, benchmark),
            Measurement.Failed failed => JudgeFailed(subject, budget, failed),
            Measurement.Postponed postponed => Deferred(subject, budget, postponed.Reason),
            var other => throw new ArgumentException($"A measurement of a kind the gate does not know: {other}."),
        };

    private static Measurement Of(Metric metric, IReadOnlyList<Measurement> measurements)
    {
        foreach (var measurement in measurements)
        {
            if (measurement.Metric == metric)
                return measurement;
        }

        throw new ArgumentException($"{metric} has a budget and was not measured.");
    }

    private static BudgetResult JudgeExact(Subject subject, Budget budget, Measurement.Exact exact)
    {
        var result = new BudgetResult(subject.Name, subject.Path, budget, exact.Value, null, [], Verdict.Pass, "", null);
        if (!IsWithin(exact.Value, budget.Limit.Value, budget.Metric.Direction))
            return Breach(result, subject);
        return WarnWhereNear(result, subject);
    }

    private static BudgetResult JudgeSampled(Subject subject, Budget budget, Measurement.Sampled sampled, Benchmark benchmark)
    {
        var judgement = RestartJudgement.Of(sampled, budget.Limit.Value, benchmark.Confidence);
        var result = new BudgetResult(subject.Name, subject.Path, budget, judgement.Estimate, judgement.Interval, [.. sampled.Restarts.Take(judgement.Restarts)], judgement.Verdict, "", null);
        return judgement.Verdict switch
        {
            Verdict.Breach => Breach(result, subject),
            Verdict.Inconclusive => Open(result, BudgetMessage.WhatWouldSettle(sampled, benchmark), reason => BudgetMessage.Inconclusive(result, subject, reason), benchmark.OnInconclusive),
            _ => WarnWhereNear(result, subject),
        };
    }

    private static BudgetResult JudgeChanged(Subject subject, Budget budget, Measurement.Changed changed)
    {
        double increase = changed.Value == changed.Baseline ? 0 : (changed.Value - changed.Baseline) / changed.Baseline;
        var result = new BudgetResult(subject.Name, subject.Path, budget, increase, null, [], Verdict.Pass, "", null) { Comparison = new(changed.Value, changed.Baseline) };
        bool isIgnored = changed.Value - changed.Baseline < budget.IgnoreBelow;
        return isIgnored || IsWithin(increase, budget.Limit.Value, Direction.LowerIsBetter) ? result : Beyond(result, subject);
    }

    private static BudgetResult JudgeCompared(Subject subject, Budget budget, Measurement.Compared compared, Benchmark benchmark)
    {
        var judgement = IncreaseJudgement.Of(compared.LogRatios, budget.Limit.Value, benchmark.Confidence);
        var result = new BudgetResult(subject.Name, subject.Path, budget, judgement.Estimate, judgement.Interval, [.. compared.LogRatios.Take(judgement.Restarts).Select(each => Math.Exp(each) - 1)], judgement.Verdict, "", null)
        {
            Comparison = new(compared.Value, compared.Baseline),
        };
        return judgement.Verdict switch
        {
            Verdict.Breach => Beyond(result, subject),
            Verdict.Inconclusive => Open(result, IncreaseMessage.WhatWouldSettle(compared, benchmark), reason => IncreaseMessage.Inconclusive(result, subject, reason), benchmark.OnInconclusive),
            _ => result,
        };
    }

    private static BudgetResult JudgeSpeedup(Subject subject, Budget budget, Measurement.Compared compared, Benchmark benchmark)
    {
        var judgement = SpeedupJudgement.Of(compared.LogRatios, budget.Limit.Value, benchmark.Confidence);
        var result = new BudgetResult(subject.Name, subject.Path, budget, judgement.Estimate, judgement.Interval, [.. compared.LogRatios.Take(judgement.Restarts).Select(SpeedupJudgement.Speedup)], judgement.Verdict, "", null)
        {
            Comparison = new(compared.Value, compared.Baseline),
        };
        return judgement.Verdict switch
        {
            Verdict.Breach => Breach(result, subject),
            Verdict.Inconclusive => Open(result, IncreaseMessage.WhatWouldSettle(compared, benchmark), reason => BudgetMessage.Inconclusive(result, subject, reason), benchmark.OnInconclusive),
            _ => WarnWhereNear(result, subject),
        };
    }

    private static BudgetResult Beyond(BudgetResult result, Subject subject) => result with
    {
        Verdict = Verdict.Breach,
        Reason = "more than its baseline by " + Increase.Size(result.Measured!.Value),
        Diagnostic = new(Diagnostics.BudgetBreached, result.Budget.At, IncreaseMessage.Breach(result, subject)),
    };

    private static BudgetResult JudgeFailed(Subject subject, Budget budget, Measurement.Failed failed) => budget.Optional
        ? Deferred(subject, budget, "optional, and could not be measured: " + failed.Reason)
        : Unvalued(subject, budget, Verdict.Unmeasured, failed.Reason, new(failed.Kind, budget.At, BudgetMessage.Unmeasured(subject, budget, failed.Kind, failed.Reason)));

    private static BudgetResult Deferred(Subject subject, Budget budget, string reason) =>
        Unvalued(subject, budget, Verdict.Deferred, reason, new(Diagnostics.Deferred, budget.At, BudgetMessage.Deferred(subject, budget, reason)));

    private static BudgetResult Breach(BudgetResult result, Subject subject)
    {
        string reason = BudgetMessage.Excess(result);
        return result with { Verdict = Verdict.Breach, Reason = reason, Diagnostic = new(Diagnostics.BudgetBreached, result.Budget.At, BudgetMessage.Breach(result, subject, reason)) };
    }

    private static BudgetResult Open(BudgetResult result, string reason, Func<string, string> message, Reaction reaction)
    {
        var severity = reaction switch { Reaction.Error => Severity.Error, Reaction.Warn => Severity.Warning, _ => Severity.Note };
        return result with { Reason = reason, Diagnostic = new(Diagnostics.Inconclusive, result.Budget.At, message(reason)) { Severity = severity } };
    }

    private static BudgetResult WarnWhereNear(BudgetResult result, Subject subject) =>
        result.Budget.Warn is { } warn && !IsWithin(result.Measured!.Value, warn.Value, result.Budget.Metric.Direction)
            ? result with { Reason = $"past the warning level of {warn.Text}", Diagnostic = new(Diagnostics.NearLimit, result.Budget.At, BudgetMessage.Near(result, subject)) }
            : result;

    // Written so that NaN is never within.
    private static bool IsWithin(double measured, double limit, Direction direction) =>
        direction == Direction.LowerIsBetter ? measured <= limit : measured >= limit;

    private static BudgetResult Unvalued(Subject subject, Budget budget, Verdict verdict, string reason, Diagnostic diagnostic) =>
        new(subject.Name, subject.Path, budget, null, null, [], verdict, reason, diagnostic);
}
