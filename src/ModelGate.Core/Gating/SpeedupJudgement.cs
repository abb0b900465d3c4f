namespace ModelGate.Gating;

/// <summary>
/// What the restarts of a comparison say of how many times as fast a model is as another one. It is <see cref="IncreaseJudgement"/> read
/// the other way round: a speed-up of at least s is an increase of at most 1/s − 1.
/// </summary>
/// <param name="Verdict">Pass or breach; inconclusive while, or because, neither can be said.</param>
/// <param name="Restarts">Restarts it rests on.</param>
/// <param name="Estimate">The speed-up: the other model's time over this one's.</param>
/// <param name="Interval">Interval of the true speed-up; null before the first look.</param>
/// <param name="IsFinal">True where more restarts change nothing.</param>
public sealed record SpeedupJudgement(Verdict Verdict, int Restarts, double Estimate, Interval? Interval, bool IsFinal)
{
    /// <summary>Judges the restarts in the order they were taken.</summary>
    /// <param name="logRatios">One per restart: the logarithm of how many times longer the model takes; all finite.</param>
    /// <param name="limit">The speed-up that is asked for.</param>
    /// <param name="confidence">Confidence of the verdict, per side.</param>
    public static SpeedupJudgement Of(IReadOnlyList<double> logRatios, double limit, double confidence) => Of(IncreaseJudgement.Of(logRatios, (1 / limit) - 1, confidence));

    /// <summary>What the restarts say where nothing is asked for.</summary>
    public static SpeedupJudgement WithoutLimit(IReadOnlyList<double> logRatios, double confidence) => Of(IncreaseJudgement.WithoutLimit(logRatios, confidence));

    /// <summary>The speed-up of one restart.</summary>
    public static double Speedup(double logRatio) => Math.Exp(-logRatio);

    private static SpeedupJudgement Of(IncreaseJudgement increase) => new(
        increase.Verdict, increase.Restarts, Inverse(increase.Estimate), increase.Interval is { } interval ? new(Inverse(interval.High), Inverse(interval.Low)) : null, increase.IsFinal);

    private static double Inverse(double increase) => 1 / (1 + increase);
}
