namespace ModelGate.Gating;

/// <summary>One look at the restarts so far.</summary>
/// <param name="Restarts">Restarts that must have been taken.</param>
/// <param name="Slack">Restarts that may lie on the other side of the limit without changing the verdict.</param>
public readonly record struct Look(int Restarts, int Slack);

/// <summary>
/// When to look, and how much slack each look has, so that a sequence of looks errs on a side at most about 1 − confidence of the time.
/// </summary>
/// <remarks>
/// A restart's percentile lies beyond the median over restarts with probability one half, so with K restarts at most j beyond the limit
/// while the true median is beyond it has probability 2^-K · Σ C(K, i) for i ≤ j: the sign test. Restarts are independent where
/// inferences of one process are not.
/// </remarks>
public static class LookTable
{
    private static readonly Look[] For95 = [new(6, 0), new(10, 1), new(13, 2), new(16, 3)];
    private static readonly Look[] For99 = [new(8, 0), new(12, 1), new(16, 2), new(20, 3), new(28, 5), new(40, 10)];
    private static readonly Look[] For999 = [new(12, 0), new(16, 1), new(20, 2), new(24, 3)];

    /// <summary>The values of confidence that have a table.</summary>
    public static IReadOnlyList<double> Confidences { get; } = [0.95, 0.99, 0.999];

    /// <summary>The looks of a confidence, in order.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no table for it.</exception>
    public static IReadOnlyList<Look> Of(double confidence) => confidence switch
    {
        0.95 => For95,
        0.99 => For99,
        0.999 => For999,
        _ => throw new ArgumentOutOfRangeException(nameof(confidence), confidence, "Confidence is 95%, 99% or 99.9%."),
    };
}
