using ModelGate.Measuring;

namespace ModelGate.Gating;

/// <summary>
/// What the restarts of a comparison say of how much more a model takes than its baseline: within an allowed increase, beyond it, or
/// not yet to be told. Increases are shares: 0.05 is 5 % more.
/// </summary>
/// <param name="Verdict">Pass or breach; inconclusive while, or because, neither can be said.</param>
/// <param name="Restarts">Restarts it rests on: those up to the look that decided, or up to the last look reached, or all of them before the first.</param>
/// <param name="Estimate">The increase, from the mean of the restarts' log-ratios.</param>
/// <param name="Interval">Interval of the true increase at that look; null before the first.</param>
/// <param name="NextLook">Restarts at which more could be said; null when the verdict is final.</param>
public sealed record IncreaseJudgement(Verdict Verdict, int Restarts, double Estimate, Interval? Interval, int? NextLook)
{
    /// <summary>True where more restarts change nothing.</summary>
    public bool IsFinal => NextLook is null;

    /// <summary>Judges the restarts in the order they were taken; the first look that decides is the verdict, and later restarts do not change it.</summary>
    /// <param name="logRatios">One per restart; all finite.</param>
    /// <param name="limit">The increase that is allowed, as a share.</param>
    /// <param name="confidence">Confidence of the verdict, per side.</param>
    public static IncreaseJudgement Of(IReadOnlyList<double> logRatios, double limit, double confidence)
    {
        foreach (var look in SequentialTTest.Of(confidence).Looks)
        {
            if (logRatios.Count < look.Restarts)
                break;
            var at = At(logRatios, look, null);
            if (at.Interval!.High <= limit)
                return at with { Verdict = Verdict.Pass };
            if (at.Interval.Low > limit)
                return at with { Verdict = Verdict.Breach };
        }

        return WithoutLimit(logRatios, confidence);
    }

    /// <summary>What the restarts say where there is no limit: increase and interval at the last look reached.</summary>
    public static IncreaseJudgement WithoutLimit(IReadOnlyList<double> logRatios, double confidence)
    {
        var table = SequentialTTest.Of(confidence);
        int? next = table.Looks.FirstOrDefault(look => look.Restarts > logRatios.Count)?.Restarts;
        return table.Looks.LastOrDefault(look => look.Restarts <= logRatios.Count) is { } look
            ? At(logRatios, look, next)
            : new(Verdict.Inconclusive, logRatios.Count, Share(logRatios.Average()), null, next);
    }

    /// <summary>
    /// The smallest distance from a limit that comparisons with restarts like these tell apart 95 times in 100: at it the end of the last
    /// look's interval lies beyond the limit by 1.65 of its own standard deviations. Null before the first look.
    /// </summary>
    public static double? NoiseFloor(IReadOnlyList<double> logRatios, double confidence)
    {
        if (logRatios.Count < SequentialTTest.First)
            return null;
        var last = SequentialTTest.Of(confidence).Last;
        const double Normal95 = 1.645;
        // An end of the interval is the mean and so many standard deviations, and both are estimates: 1/K and h²/(2(K − 1)) of the variance of a restart.
        double ofTheEnd = Math.Sqrt((1.0 / last.Restarts) + (last.HalfWidth * last.HalfWidth / (2 * (last.Restarts - 1))));
        return Share(StandardDeviation(logRatios, logRatios.Count) * (last.HalfWidth + (Normal95 * ofTheEnd)));
    }

    private static IncreaseJudgement At(IReadOnlyList<double> logRatios, TTestLook look, int? next)
    {
        double mean = logRatios.Take(look.Restarts).Average(), half = look.HalfWidth * StandardDeviation(logRatios, look.Restarts);
        return new(Verdict.Inconclusive, look.Restarts, Share(mean), new(Share(mean - half), Share(mean + half)), next);
    }

    private static double StandardDeviation(IReadOnlyList<double> values, int count)
    {
        double mean = values.Take(count).Average();
        return Math.Sqrt(values.Take(count).Sum(value => (value - mean) * (value - mean)) / (count - 1));
    }

    private static double Share(double logRatio) => Math.Exp(logRatio) - 1;
}
