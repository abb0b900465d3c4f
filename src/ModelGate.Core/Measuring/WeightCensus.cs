using ModelGate.Models;

namespace ModelGate.Measuring;

/// <summary>What a model weighs, by its structure alone: every metric of <see cref="Source.Structure"/>. Reads no file.</summary>
public static class WeightCensus
{
    private const string BytesOfType = "size.weights.";
    private const double BitsPerByte = 8;
    private const double BytesPerFloat32 = 4;

    /// <summary>Measures one structural metric of one model.</summary>
    public static Measurement Measure(Metric metric, ModelFile model) => Measure(metric, [model]);

    /// <summary>Measures one structural metric of several models together: tensors add up, and a file that two models share lies on disk once.</summary>
    public static Measurement Measure(Metric metric, IReadOnlyList<ModelFile> models)
    {
        if (metric.Name == "size.on_disk")
            return new Measurement.Exact(metric, Total(FilesOf(models), file => file.Length));
        if (models.FirstOrDefault(model => !model.IsWeighable) is { } unknown)
            return new Measurement.Failed(metric, Diagnostics.FormatNotMeasurable, models.Count == 1 ? unknown.Notes[0].Message : $"{unknown.Path}: {unknown.Notes[0].Message}");
        return new Measurement.Exact(metric, Value(metric, [.. models.SelectMany(model => model.Tensors)]));
    }

    /// <summary>Every structural metric of a model that can be read out of it, zero bytes of a type left out.</summary>
    public static IEnumerable<Measurement.Exact> All(ModelFile model) =>
        MetricCatalogue.All.Where(metric => metric.Source == Source.Structure)
            .Select(metric => Measure(metric, model))
            .OfType<Measurement.Exact>()
            .Where(exact => exact.Value > 0 || !exact.Metric.Name.StartsWith(BytesOfType, StringComparison.Ordinal));

    /// <summary>The files that models lie in, external data included, each once.</summary>
    public static IReadOnlyList<ExternalFile> FilesOf(IReadOnlyList<ModelFile> models)
    {
        var seen = new HashSet<string>(OperatingSystem.IsWindows() || OperatingSystem.IsMacOS() ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal);
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
