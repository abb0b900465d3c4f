namespace ModelGate.Measuring;

/// <summary>A percentile of the time of one inference.</summary>
/// <param name="Metric">The metric that is this percentile.</param>
/// <param name="Fraction">Share of the runs at or below it, between 0 and 1.</param>
public sealed record Percentile(Metric Metric, double Fraction)
{
    /// <summary>The percentile that a metric is; null for other metrics.</summary>
    public static Percentile? Of(Metric metric) => metric.Name switch
    {
        "latency.p50" => new(metric, 0.50),
        "latency.p90" => new(metric, 0.90),
        "latency.p95" => new(metric, 0.95),
        "latency.p99" => new(metric, 0.99),
        _ => null,
    };

    /// <summary>
    /// Runs before an upper bound of this percentile exists at a confidence: the smallest n whose largest value exceeds the percentile
    /// with that confidence, 1 − fractionⁿ ≥ confidence. Below that it is refused, never guessed.
    /// </summary>
    public int RunsNeeded(double confidence) => (int)Math.Ceiling(Math.Log(1 - confidence) / Math.Log(Fraction));

    /// <summary>The percentile of sorted values by nearest rank: the smallest value with that share of the runs at or below it.</summary>
    public double Of(ReadOnlySpan<double> sorted) => sorted[Math.Max(0, (int)Math.Ceiling(Fraction * sorted.Length) - 1)];
}
