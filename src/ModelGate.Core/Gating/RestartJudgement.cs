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
    /// How far all of the first three restarts must be from the limit to be a clear case, as a factor. Medians of restarts differ less than
    /// tails, but a machine may run one restart in five a quarter faster than the others: 1.6 would take those for unclear at twice the limit.
    /// </summary>
    private const double ClearFactorOfMedian = 1.4, ClearFactorOfTail = 1.6;

    /// <summary>Restarts that a clear case takes.</summary>
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
    /// Clear cases need three restarts: with a chance p that one restart lies beyond that factor of the true median, the early stop adds at
    /// most p³ to the table's error, so the two together stay within 1 % at 99 % as long as p is at most 12 %.
    /// </remarks>
    public static RestartJudgement Of(Measurement.Sampled sampled, double limit, double confidence)
    {
        var restarts = sampled.Restarts;
        if (restarts.Count >= ClearRestarts && IsLatency(sampled.Metric) && sampled.RunsPerRestart >= RunsForClearCase(sampled.Metric)
            && Clear(restarts, limit, sampled.Metric) is { } clear)
            return new(clear, ClearRestarts, Median(restarts, ClearRestarts), null, null);

        var table = LookTable.Of(confidence);
        foreach (var look in table.Looks)
        {
            if (restarts.Count < look.Restarts)
                break;
            var interval = IntervalAt(restarts, look);
            if (Judge(interval, limit, sampled.Metric.Direction) is { } verdict)
                return new(verdict, look.Restarts, Median(restarts, look.Restarts), interval, null);
        }

        return Undecided(restarts, table);
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
        return new(Verdict.Inconclusive, used, Median(restarts, used), look is null ? null : IntervalAt(restarts, look), table.NextAfter(restarts.Count));
    }

    private static Verdict? Judge(Interval interval, double limit, Direction direction) => direction == Direction.LowerIsBetter
        ? interval.High <= limit ? Verdict.Pass : interval.Low > limit ? Verdict.Breach : null
        : interval.Low >= limit ? Verdict.Pass : interval.High < limit ? Verdict.Breach : null;

    private static Verdict? Clear(IReadOnlyList<double> restarts, double limit, Metric metric)
    {
        double factor = Percentile.Of(metric)!.Fraction <= 0.5 ? ClearFactorOfMedian : ClearFactorOfTail;
        double least = restarts.Take(ClearRestarts).Min(), most = restarts.Take(ClearRestarts).Max();
        bool low = most <= limit / factor, high = least >= limit * factor;
        return metric.Direction == Direction.LowerIsBetter
            ? low ? Verdict.Pass : high ? Verdict.Breach : null
            : high ? Verdict.Pass : low ? Verdict.Breach : null;
    }

    private static Interval IntervalAt(IReadOnlyList<double> restarts, Look look)
    {
        double[] sorted = Sorted(restarts, look.Restarts);
        return new(sorted[look.Slack], sorted[^(look.Slack + 1)]);
    }

    private static double Median(IReadOnlyList<double> restarts, int count)
    {
        double[] sorted = Sorted(restarts, count);
        return (sorted[(count - 1) / 2] + sorted[count / 2]) / 2;
    }

    private static double[] Sorted(IReadOnlyList<double> restarts, int count)
    {
        double[] sorted = [.. restarts.Take(count)];
        Array.Sort(sorted);
        return sorted;
    }

    // Metrics with one value per restart (start-up, memory) have no runs to be clear by.
    private static bool IsLatency(Metric metric) => Percentile.Of(metric) is not null;

    private static int RunsForClearCase(Metric metric) => Percentile.Of(metric)!.Fraction <= 0.5 ? 7 : 20;
}
