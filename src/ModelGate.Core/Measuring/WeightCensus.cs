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
        return new Measurement.Exact(metric, Value(metric, [.. Whole(models).SelectMany(model => model.Tensors)]));
    }

    private static bool IsOfLayers(Metric metric) => metric.Name is "depth" or "width" || metric.Name.StartsWith(ShareOfKind, StringComparison.Ordinal);

    private static Measurement OfLayers(Metric metric, ModelFile model)
    {
        if (model.Layers is not { } layers) return Unknown("keeps no graph, and its names do not tell the layers");
        if (metric.Name is "depth" or "width")
            return (metric.Name == "depth" ? layers.Depth : layers.Width) is { } count ? new Measurement.Exact(metric, count) : Unknown("keeps no graph");
        decimal counted = 0, total = 0;
        for (var index = 0; index < model.Tensors.Count; index++)
        {
            if (!model.Tensors[index].IsParameter) continue;
            total += model.Tensors[index].LogicalElements;
            if (metric.Name.AsSpan(ShareOfKind.Length).SequenceEqual(LayerGraph.Name(layers.Kinds[index]))) counted += model.Tensors[index].LogicalElements;
        }
        return new Measurement.Exact(metric, total == 0 ? 0 : (double)(counted / total));

        Measurement.Failed Unknown(string why) => new(metric, Diagnostics.FormatNotMeasurable, $"the format {why}");
    }

    private static IEnumerable<ModelFile> Whole(IReadOnlyList<ModelFile> models)
    {
        if (models.Count == 1) return models;
        var parts = new HashSet<string>(models.SelectMany(model => model.ExternalFiles).Select(file => file.Path), Siblings.PathComparer);
        return parts.Count == 0 ? models : models.Where(model => !parts.Contains(Path.GetFullPath(model.Path)));
    }

    /// <summary>Every structural metric of a model that can be read out of it, types and kinds that it has nothing of left out.</summary>
    public static IEnumerable<Measurement.Exact> All(ModelFile model) =>
        MetricCatalogue.All.Where(metric => metric.Source == Source.Structure)
            .Select(metric => Measure(metric, model))
            .OfType<Measurement.Exact>()
            .Where(exact => exact.Value > 0 || !exact.Metric.Name.StartsWith(BytesOfType, StringComparison.Ordinal) && !exact.Metric.Name.StartsWith(ShareOfKind, StringComparison.Ordinal));

    /// <summary>The files that models lie in, external data included, each once.</summary>
    public static IReadOnlyList<ExternalFile> FilesOf(IReadOnlyList<ModelFile> models)
    {
        var seen = new HashSet<string>(Siblings.PathComparer);
        return [.. models.SelectMany(model => model.ExternalFiles.Prepend(new ExternalFile(Path.GetFullPath(model.Path), model.Length))).Where(file => seen.Add(file.Path))];
    }

    private static double Value(Metric metric, IReadOnlyList<Tensor> tensors) => metric.Name switch
    {
        "parameters" => Parameters(tensors),
        "size.weights" => Total(tensors, tensor => tensor.IsParameter ? tensor.Bytes : 0),
        "size.float32" => Parameters(tensors) * BytesPerFloat32,
        "bits_per_weight" => BitsPerWeight(tensors),
        var name when name.StartsWith(BytesOfType, StringComparison.Ordinal) =>
            Total(tensors, tensor => tensor.IsParameter && name.AsSpan(BytesOfType.Length).SequenceEqual(tensor.Type.Name) ? tensor.Bytes : 0),
        var name => throw new ArgumentException($"{name} is not told by the structure of a model."),
    };

    private static double Parameters(IReadOnlyList<Tensor> tensors) => Total(tensors, tensor => tensor.IsParameter ? tensor.LogicalElements : 0);

    // A model without parameters needs no bits for them.
    private static double BitsPerWeight(IReadOnlyList<Tensor> tensors) => Parameters(tensors) is > 0 and var parameters
        ? Total(tensors, tensor => tensor.Place != Place.Training && (tensor.IsParameter || tensor.Role is Role.Scale or Role.ZeroPoint) ? tensor.Bytes : 0) * BitsPerByte / parameters
        : 0;

    // Summed wide: external files may be sparse and declare more bytes than 64 bits count.
    private static double Total<T>(IReadOnlyList<T> items, Func<T, long> amount) where T : class
    {
        decimal total = 0;
        for (var index = 0; index < items.Count; index++) total += amount(items[index]);
        return (double)total;
    }
}
