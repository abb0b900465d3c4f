using ModelGate.Models;

namespace ModelGate.Measuring;

/// <summary>The metrics for which the values of weights are read: each model once, however many budgets ask.</summary>
internal sealed class WeightReading
{
    private readonly Dictionary<string, WeightContent> contents = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> duplicates = new(StringComparer.Ordinal);

    /// <summary>Measures a metric of a model.</summary>
    /// <param name="metric">The metric.</param>
    /// <param name="model">The model.</param>
    /// <param name="progress">Told how much has been read, as a fraction; called from several threads.</param>
    /// <param name="cancellation">Stops the reading.</param>
    /// <exception cref="ModelException">A file cannot be read, or changed while it was.</exception>
    public Measurement Measure(Metric metric, ModelFile model, Action<double>? progress, CancellationToken cancellation)
    {
        if (!model.IsWeighable) return new Measurement.Failed(metric, Diagnostics.FormatNotMeasurable, model.Notes[0].Message);
        if (metric.Name == "parameters.duplicate")
        {
            if (!duplicates.TryGetValue(model.Path, out var elements)) duplicates.Add(model.Path, elements = DuplicateWeights.Elements(DuplicateWeights.Of(model, cancellation)));
            return new Measurement.Exact(metric, elements);
        }
        if (!contents.TryGetValue(model.Path, out var content)) contents.Add(model.Path, content = WeightContent.Of(model, entropy: false, progress, cancellation));
        if (content.Values == 0) return new Measurement.Failed(metric, Diagnostics.FormatNotMeasurable, "the model has no floating-point weights that are stored as they are: the zeros of codes are not counted");
        return new Measurement.Exact(metric, metric.Name == "sparsity" ? content.Sparsity : content.SparsityOfGroups);
    }
}
