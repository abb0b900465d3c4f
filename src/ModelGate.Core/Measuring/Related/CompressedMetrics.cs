using ModelGate.Compressing;

namespace ModelGate.Measuring;

/// <summary>The metrics of a compressed copy, read off what is known of it.</summary>
internal static class CompressedMetrics
{
    /// <summary>True of one that is told by the files of the copy, which have to be written for it.</summary>
    public static bool IsOfFiles(Metric metric) => metric.Relation == Relation.Compressed && WireSizes.Are(metric.Quality);

    /// <summary>Those that are told by the files of the copy.</summary>
    /// <param name="metrics">Metrics of <see cref="IsOfFiles"/>.</param>
    /// <param name="copy">Path of the copy.</param>
    /// <param name="weighing">Weighs it.</param>
    /// <param name="cancellation">Ends it.</param>
    public static IEnumerable<Measurement> OfFiles(IReadOnlyList<Metric> metrics, string copy, StaticMeasuring weighing, CancellationToken cancellation) =>
        weighing.Measure(copy, [.. metrics.Select(static metric => MetricCatalogue.Find(metric.Quality)!)], cancellation: cancellation).Zip(metrics, static (measurement, metric) => measurement with { Metric = metric });

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
