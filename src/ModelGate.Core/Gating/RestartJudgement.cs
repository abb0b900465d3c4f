using ModelGate.Measuring;
using ModelGate.Policies;

namespace ModelGate.Gating;

/// <summary>
/// What the restarts of the worker say of a limit on the median over restarts: within it, beyond it, or not yet to be told.
/// Measuring asks it after every restart whether to go on; the gate asks it for the verdict. It is the same answer.
/// </summary>
/// <param name="Verdict">Pass or breach; inconclusive while, or because, neither can be said.</param>
/// <param name="Restarts">Restarts it rests on: those up to the look that decided, or up to the last look reached, or all of them before the first.</param>
/// <param name="Estimate">Median over those restarts, in the metric's base unit.</param>
/// <param name="Interval">Interval of the true median at that look; null before the first look and for a clear case.</param>
/// <param name="NextLook">Restarts at which more could be said; null when the verdict is final.</param>
public sealed record RestartJudgement(Verdict Verdict, int Restarts, double Estimate, Interval? Interval, int? NextLook)
{
    /// <summary>
    /// Share of the time of timed runs, over the restarts looked at, that others may have taken where these decide a clear case. A quiet virtual
    /// machine has one restart in a hundred of which a quarter is taken, a program that spins on the same processor takes half of each. Found on
    /// the recordings of the study: at 12 % clear cases of a quiet machine miss their time, and beyond 13 % three restarts of a busy one agree by
    /// chance more and more often.
    /// </summary>
    public const double MostTakenByOthers = 0.13;

    /// <summary>
    /// How far restarts that decide a clear case are from the limit, each of them, as a factor. It keeps what disturbs one restart in ten from
    /// making a case clear; that they lie further away on average keeps out models whose runs have two levels a third apart.
    /// </summary>
    private const double EachAway = 1.3;

    /// <summary>When a clear case is seen: all of three restarts are far from the limit, or four of five.</summary>
    private static readonly ClearLook[] ClearLooks = [new(ClearRestarts, 0, 1.6), new(5, 1, 1.5)];

    /// <summary>The fewest restarts that a clear case takes.</summary>
    public const int ClearRestarts = 3;

    /// <summary>True where more restarts change nothing.</summary>
    public bool IsFinal => NextLook is null;

    /// <summary>
    /// Judges the restarts in the order they were taken; the first look that decides is the verdict, and later restarts do not change it.
    /// </summary>
    /// <param name="sampled">The restarts; all values finite.</param>
    /// <param name="limit">The limit, in the metric's base unit.</param>
    /// <param name="confidence">One that <see cref="LookTable"/> has.</param>
    /// <remarks>
    /// Clear cases end early: with a chance p that one restart lies that far beyond the true median on one side, three of three or four of
    /// five do with p³ + 3 p⁴ (1 − p). Exact, the looks included: at most 1 % per side as long as p is at most 11 %, and where restarts differ by
    /// a quarter (standard deviation) because of how far all lie away together. A machine that the model has to share makes more of them than
    /// that twice as long, so only calm restarts decide. But a tail of five that is within its limit in spite of others is so all the more:
    /// they lengthen the tail of nearly every restart, and the median of some only.
    /// </remarks>
    public static RestartJudgement Of(Measurement.Sampled sampled, double limit, double confidence)
    {
        var restarts = sampled.Restarts;
        bool mayBeClear = IsLatency(sampled.Metric) && sampled.RunsPerRestart >= RunsForClearCase(sampled.Metric);
        if (mayBeClear && Clear(sampled, limit) is var (clear, used))
            return new(clear, used, Median.Of(restarts.Take(used)), null, null);

        var table = LookTable.Of(confidence);
        foreach (var look in table.Looks)
        {
            if (restarts.Count < look.Restarts)
                break;
            var interval = IntervalAt(restarts, look);
            if (Judge(interval, limit, sampled.Metric.Direction) is { } verdict)
                return new(verdict, look.Restarts, Median.Of(restarts.Take(look.Restarts)), interval, null);
        }

        var open = Undecided(restarts, table);
        return mayBeClear && ClearLooks.FirstOrDefault(look => look.Restarts > restarts.Count) is { } next ? open with { NextLook = next.Restarts } : open;
    }

    /// <summary>True of a metric's restarts once every budget on it has its final verdict: then measuring may stop.</summary>
    public static Func<Measurement.Sampled, bool> Settles(IReadOnlyList<Budget> budgets, double confidence) => sampled =>
        budgets.Where(budget => budget.Metric == sampled.Metric).All(budget => Of(sampled, budget.Limit.Value, confidence).IsFinal);

    /// <summary>What the restarts say where there is no limit: value and interval at the last look reached.</summary>
    public static RestartJudgement WithoutLimit(IReadOnlyList<double> restarts, double confidence) => Undecided(restarts, LookTable.Of(confidence));

    private static RestartJudgement Undecided(IReadOnlyList<double> restarts, LookTable table)
    {
        var look = table.LastAt(restarts.Count);
        int used = look?.Restarts ?? restarts.Count;
        return new(Verdict.Inconclusive, used, Median.Of(restarts.Take(used)), look is null ? null : IntervalAt(restarts, look), table.NextAfter(restarts.Count));
    }

    private static Verdict? Judge(Interval interval, double limit, Direction direction) => direction == Direction.LowerIsBetter
        ? interval.High <= limit ? Verdict.Pass : interval.Low > limit ? Verdict.Breach : null
        : interval.Low >= limit ? Verdict.Pass : interval.High < limit ? Verdict.Breach : null;

    private static (Verdict, int Restarts)? Clear(Measurement.Sampled sampled, double limit)
    {
        foreach (var look in ClearLooks.Where(look => look.Restarts <= sampled.Restarts.Count))
        {
            double[] restarts = [.. sampled.Restarts.Take(look.Restarts)];
            bool isCalm = sampled.TakenByOthers.Take(look.Restarts).DefaultIfEmpty(0).Average() <= MostTakenByOthers;
            bool mayPass = isCalm || (look.Slack > 0 && !IsMedian(sampled.Metric));
            if (mayPass && look.IsClear(Array.ConvertAll(restarts, restart => limit / restart)))
                return (Verdict.Pass, look.Restarts);
            if (isCalm && look.IsClear(Array.ConvertAll(restarts, restart => restart / limit)))
                return (Verdict.Breach, look.Restarts);
        }

        return null;
    }

    private static Interval IntervalAt(IReadOnlyList<double> restarts, Look look)
    {
        double[] sorted = Sorted(restarts, look.Restarts);
        return new(sorted[look.Slack], sorted[^(look.Slack + 1)]);
    }

    private static double[] Sorted(IReadOnlyList<double> restarts, int count)
    {
        double[] sorted = [.. restarts.Take(count)];
        Array.Sort(sorted);
        return sorted;
    }

    // Metrics with one value per restart (start-up, memory) have no runs to be clear by.
    private static bool IsLatency(Metric metric) => Percentile.Of(metric) is not null;

    private static int RunsForClearCase(Metric metric) => IsMedian(metric) ? 7 : 20;

    private static bool IsMedian(Metric metric) => Percentile.Of(metric)!.Fraction <= 0.5;

    // How many of the restarts may be nearer to the limit than each should be, and how far all are together: the geometric mean.
    private sealed record ClearLook(int Restarts, int Slack, double Away)
    {
        public bool IsClear(double[] factors) =>
            factors.Count(static factor => factor >= EachAway) >= Restarts - Slack && factors.Average(Math.Log) >= Math.Log(Away);
    }
}
