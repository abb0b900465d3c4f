using ModelGate.Measuring;

namespace ModelGate.Gating;

/// <summary>
/// What the restarts of the worker say of a limit on the median over restarts: within it, beyond it, or not yet to be told.
/// Measuring asks it after every restart whether to go on; the gate asks it for the verdict. It is the same answer.
/// </summary>
/// <param name="Verdict">Pass, breach or inconclusive.</param>
/// <param name="Estimate">Median over restarts, in the metric's base unit.</param>
/// <param name="Interval">The median over restarts lies in it at the confidence asked for; null before the first look.</param>
public sealed record RestartJudgement(Verdict Verdict, double Estimate, Interval? Interval)
{
    // Clear cases: three restarts that all lie this far beyond or within the limit decide at once.
    private const int ClearRestarts = 3;
    private const double ClearFactor = 1.6;

    /// <summary>Judges a limit.</summary>
    /// <param name="sampled">One value per restart, in the order they were taken.</param>
    /// <param name="limit">The limit, in the metric's base unit.</param>
    /// <param name="confidence">A confidence of <see cref="LookTable.Confidences"/>.</param>
    public static RestartJudgement Of(Measurement.Sampled sampled, double limit, double confidence)
    {
        bool lowerIsBetter = sampled.Metric.Direction == Direction.LowerIsBetter;
        var looks = LookTable.Of(confidence);
        double[] all = Sorted(sampled.Restarts, sampled.Restarts.Count);
        var open = new RestartJudgement(Verdict.Inconclusive, Median(all), IntervalAt(sampled.Restarts, looks));

        if (sampled.Restarts.Count >= ClearRestarts)
        {
            double[] first = Sorted(sampled.Restarts, ClearRestarts);
            if (first[^1] <= limit / ClearFactor)
                return open with { Verdict = lowerIsBetter ? Verdict.Pass : Verdict.Breach };
            if (first[0] >= limit * ClearFactor)
                return open with { Verdict = lowerIsBetter ? Verdict.Breach : Verdict.Pass };
        }

        foreach (var look in looks)
        {
            if (sampled.Restarts.Count < look.Restarts)
                break;
            double[] values = Sorted(sampled.Restarts, look.Restarts);
            bool below = values[^(look.Slack + 1)] <= limit, above = values[look.Slack] > limit;
            if (below || above)
                return open with { Verdict = below == lowerIsBetter ? Verdict.Pass : Verdict.Breach };
        }

        return open;
    }

    private static double Median(double[] sorted) => (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;

    // The order statistics that the last look reached compares with the limit are a confidence interval of the median.
    private static Interval? IntervalAt(IReadOnlyList<double> restarts, IReadOnlyList<Look> looks)
    {
        Interval? interval = null;
        foreach (var look in looks)
        {
            if (restarts.Count < look.Restarts)
                break;
            double[] values = Sorted(restarts, look.Restarts);
            interval = new(values[look.Slack], values[^(look.Slack + 1)]);
        }

        return interval;
    }

    private static double[] Sorted(IReadOnlyList<double> values, int count)
    {
        double[] sorted = [.. values.Take(count)];
        Array.Sort(sorted);
        return sorted;
    }
}
