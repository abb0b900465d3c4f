using ModelGate.Models;

namespace ModelGate.Measuring;

/// <summary>
/// Measures what needs no execution, for one run: each model is read once and each file compressed once, however many budgets,
/// models and totals ask. Reads no more than the metrics need. Nothing is thrown: what cannot be measured is a failed measurement.
/// </summary>
public sealed class StaticMeasuring
{
    private readonly Dictionary<string, (ModelFile? Model, ModelException? Error)> models = new(StringComparer.Ordinal);
    private WireSizes? wireSizes;
    private WeightReading? weights;

    /// <summary>Told how much of the bytes that are to be read or compressed has been, as a fraction; called from several threads.</summary>
    public Action<double>? Progress { get; init; }

    /// <summary>The structure of a model.</summary>
    /// <exception cref="ModelException">It cannot be read.</exception>
    public ModelFile Read(string path)
    {
        if (!models.TryGetValue(path, out var read))
        {
            try
            {
                read = (ModelReader.Read(path), null);
            }
            catch (ModelException exception)
            {
                read = (null, exception);
            }
            models.Add(path, read);
        }
        return read.Model ?? throw new ModelException(read.Error!.Kind, read.Error.Message, read.Error);
    }

    /// <summary>Measures metrics of one model.</summary>
    /// <param name="path">Path of the model.</param>
    /// <param name="metrics">Metrics that need no running model.</param>
    /// <param name="package">The package that should hold the model; needed for <c>size.in_package</c>.</param>
    /// <param name="cancellation">Stops compressing.</param>
    /// <returns>One measurement for each metric, in the same order.</returns>
    public IReadOnlyList<Measurement> Measure(string path, IReadOnlyList<Metric> metrics, string? package = null, CancellationToken cancellation = default) =>
        Each(metrics, metric => Try(metric, null, () => Measure(metric, [Read(path)], package, metrics, cancellation))!);

    /// <summary>Measures metrics of all models together; one that cannot be read fails them all.</summary>
    /// <returns>One measurement for each metric, in the same order.</returns>
    public IReadOnlyList<Measurement> MeasureTotal(IReadOnlyList<string> paths, IReadOnlyList<Metric> metrics, CancellationToken cancellation = default) =>
        Each(metrics, metric =>
        {
            var read = new List<ModelFile>();
            foreach (var path in paths)
            {
                if (Try(metric, Path.GetFileName(path), () => { read.Add(Read(path)); return null; }) is { } failed) return failed;
            }
            return Try(metric, null, () => Measure(metric, read, null, metrics, cancellation))!;
        });

    /// <summary>Measures a metric of a package whose directory is whole.</summary>
    public static Measurement MeasurePackage(Metric metric, string package) => Try(metric, null, () =>
    {
        using var opened = PackageFile.Open(package);
        return new Measurement.Exact(metric, metric.Name switch
        {
            "package.native_runtime" => opened.NativeLibraries().Values.DefaultIfEmpty().Max(),
            "package.duplicate_models" => opened.DuplicateModels(),
            _ => opened.Length,
        });
    })!;

    private static Measurement[] Each(IReadOnlyList<Metric> metrics, Func<Metric, Measurement> measure)
    {
        var measured = new Measurement[metrics.Count];
        for (var index = 0; index < measured.Length; index++) measured[index] = measure(metrics[index]);
        return measured;
    }

    private Measurement Measure(Metric metric, List<ModelFile> of, string? package, IReadOnlyList<Metric> metrics, CancellationToken cancellation) => metric.Source switch
    {
        Source.Structure => WeightCensus.Measure(metric, of),
        Source.Content when WireSizes.Are(metric) => new Measurement.Exact(metric, (wireSizes ??= new()).Sum(metric, WeightCensus.FilesOf(of), metrics, Progress, cancellation)),
        Source.Content => (weights ??= new()).Measure(metric, of[0], Progress, cancellation),
        Source.Package => InPackage(metric, of[0], package ?? throw new ArgumentNullException(nameof(package), "size.in_package is measured only where there is a package.")),
        _ => throw new ArgumentException($"{metric} is not measured without running the model."),
    };

    private static Measurement InPackage(Metric metric, ModelFile model, string package)
    {
        using var opened = PackageFile.Open(package);
        var total = 0L;
        foreach (var file in WeightCensus.FilesOf([model]).Where(file => file.Length > 0))
        {
            if (opened.CompressedLengthOf(file.Path) is not { } length)
                return new Measurement.Failed(metric, Diagnostics.NotInPackage, $"no entry of {Path.GetFileName(package)} holds the bytes of {Path.GetFileName(file.Path)}");
            total += length;
        }
        return new Measurement.Exact(metric, total);
    }

    private static Measurement? Try(Metric metric, string? subject, Func<Measurement?> measure)
    {
        try
        {
            return measure();
        }
        catch (ModelException exception)
        {
            return new Measurement.Failed(metric, exception.Kind, Reason(subject, exception.Message));
        }
        catch (IOException exception)
        {
            return new Measurement.Failed(metric, Diagnostics.ModelUnreadable, Reason(subject, FileErrors.Reason(exception)));
        }
    }

    private static string Reason(string? subject, string why) => subject is null ? why : $"{subject}: {why}";
}
