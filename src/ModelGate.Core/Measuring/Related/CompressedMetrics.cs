using ModelGate.Compressing;

namespace ModelGate.Measuring;

/// <summary>The metrics of a compressed copy, read off what is known of it.</summary>
internal static class CompressedMetrics
{
    /// <summary>One that is told without running anything.</summary>
    public static Measurement.Exact Of(Metric metric, Compression compression) => new(metric, metric.Quality switch
    {
        "size" => compression.SizeAfter,
        "ratio" => compression.Ratio,
        "sqnr" => compression.Total().Sqnr,
        "remainder" => compression.Left.Sum(static left => left.Bytes),
        var quality => throw new ArgumentException($"{quality} is not told by a compressed copy alone."),
    });

    /// <summary>One that is told by outputs; what a model has in common with its teacher is told in the same way.</summary>
    public static Measurement Of(Metric metric, ModelFidelity fidelity)
    {
        if (fidelity.Obstacle is { } obstacle)
            return new Measurement.Failed(metric, Diagnostics.OutputsDiffer, obstacle);
        return metric.Quality switch
        {
            "cosine" => new Measurement.Exact(metric, fidelity.Total.Cosine),
            "max_error" => new Measurement.Exact(metric, fidelity.Total.MaxError),
            _ when fidelity.Total.Top1 is { } agreement => new Measurement.Exact(metric, agreement),
            _ => new Measurement.Failed(metric, Diagnostics.OutputsDiffer, "no output looks like class scores: floating-point rows of two and more, [classes] or [batch, classes], or any of a name with `logits`, `prob` or `score` in it"),
        };
    }
}
