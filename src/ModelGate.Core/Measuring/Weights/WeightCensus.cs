using ModelGate.Models;

namespace ModelGate.Measuring;

/// <summary>What a model weighs, by its structure alone: every metric of <see cref="Source.Structure"/>. Reads no file.</summary>
public static class WeightCensus
{
    private const string BytesOfType = "size.weights.";
    private const string ShareOfKind = "parameters.share.";
    private const double BitsPerByte = 8;
    private const double BytesPerFloat32 = 4;

    /// <summary>Measures one structural metric of one model.</summary>
    public static Measurement Measure(Metric metric, ModelFile model) => Measure(metric, [model]);

    /// <summary>
    /// Measures one structural metric of several models together: tensors add up, and a file that two models share lies on disk once.
    /// A file that is a part of another of the models counts with that one.
    /// </summary>
    public static Measurement Measure(Metric metric, IReadOnlyList<ModelFile> models)
    {
        if (metric.Name == "size.on_disk")
            return new Measurement.Exact(metric, Total(FilesOf(models), file => file.Length));
        if (models.FirstOrDefault(model => !model.IsWeighable) is { } unknown)
            return new Measurement.Failed(metric, Diagnostics.FormatNotMeasurable, models.Count == 1 ? unknown.Notes[0].Message : $"{unknown.Path}: {unknown.Notes[0].Message}");
        if (IsOfLayers(metric)) return OfLayers(metric, models[0]);
        return new Measurement.Exact(metric, Value(metric, WeightTotals.Of(Whole(models))));
    }

    private static bool IsOfLayers(Metric metric) => metric.Name is "depth" or "width" || metric.Name.StartsWith(ShareOfKind, StringComparison.Ordinal);

    private static Measurement OfLayers(Metric metric, ModelFile model, KindTotals? known = null)
    {
        if (model.Layers is not { } layers) return Unknown("keeps no graph, and its names do not tell the layers");
        if (metric.Name is "depth" or "width")
            return (metric.Name == "depth" ? layers.Depth : layers.Width) is { } count ? new Measurement.Exact(metric, count) : Unknown("keeps no graph");
        return new Measurement.Exact(metric, (known ?? KindTotals.Of(model, layers)).Share(metric.Name.AsSpan(ShareOfKind.Length)));

        Measurement.Failed Unknown(string why) => new(metric, Diagnostics.FormatNotMeasurable, $"the format {why}");
    }

    private static IEnumerable<ModelFile> Whole(IReadOnlyList<ModelFile> models)
    {
        if (models.Count == 1) return models;
        var parts = new HashSet<string>(models.SelectMany(model => model.ExternalFiles).Select(file => file.Path), FilePaths.Comparer);
        return parts.Count == 0 ? models : models.Where(model => !parts.Contains(Path.GetFullPath(model.Path)));
    }

    /// <summary>Every structural metric of a model that can be read out of it, types and kinds that it has nothing of left out.</summary>
    public static IEnumerable<Measurement.Exact> All(ModelFile model)
    {
        // Added up once: there are dozens of metrics, and a model may have a million tensors.
        var totals = model.IsWeighable ? WeightTotals.Of([model]) : null;
        var kinds = model is { IsWeighable: true, Layers: { } layers } ? KindTotals.Of(model, layers) : null;
        return MetricCatalogue.All.Where(metric => metric.Source == Source.Structure)
            .Select(metric => totals is null || metric.Name == "size.on_disk" ? Measure(metric, model) : IsOfLayers(metric) ? OfLayers(metric, model, kinds) : new Measurement.Exact(metric, Value(metric, totals)))
            .OfType<Measurement.Exact>()
            .Where(exact => exact.Value > 0 || !exact.Metric.Name.StartsWith(BytesOfType, StringComparison.Ordinal) && !exact.Metric.Name.StartsWith(ShareOfKind, StringComparison.Ordinal));
    }

    /// <summary>The files that models lie in, external data included, each once.</summary>
    public static IReadOnlyList<ExternalFile> FilesOf(IReadOnlyList<ModelFile> models)
    {
        var seen = new HashSet<string>(FilePaths.Comparer);
        return [.. models.SelectMany(model => model.ExternalFiles.Prepend(new ExternalFile(Path.GetFullPath(model.Path), model.Length))).Where(file => seen.Add(file.Path))];
    }

    private static double Value(Metric metric, WeightTotals totals) => metric.Name switch
    {
        "parameters" => (double)totals.Parameters,
        "size.weights" => (double)totals.Bytes,
        "size.float32" => (double)totals.Parameters * BytesPerFloat32,
        "bits_per_weight" => totals.Parameters == 0 ? 0 : (double)totals.BytesWithScales * BitsPerByte / (double)totals.Parameters, // a model without parameters needs no bits for them
        var name when name.StartsWith(BytesOfType, StringComparison.Ordinal) => (double)totals.BytesOf(name[BytesOfType.Length..]),
        var name => throw new ArgumentException($"{name} is not told by the structure of a model."),
    };

    // Summed wide: external files may be sparse and declare more bytes than 64 bits count.
    private static double Total<T>(IReadOnlyList<T> items, Func<T, long> amount) where T : class
    {
        decimal total = 0;
        for (var index = 0; index < items.Count; index++) total += amount(items[index]);
        return (double)total;
    }
}
