using ModelGate.Comparing;
using ModelGate.Compressing;
using ModelGate.Models;

namespace ModelGate.Measuring;

/// <summary>Times a model against another one; the measurement that comes back is of the request's one metric.</summary>
public delegate LatencyResult ModelTiming(
    LatencyRequest request, BaselineModel baseline, Func<Measurement.Compared, bool> settled, Action<LatencyProgress>? progress, CancellationToken cancellation);

/// <summary>
/// Measures a model beside something else: compressed copies of it, its teacher, its base, targets. Nothing is thrown but a cancellation: what
/// cannot be measured is a failed measurement.
/// </summary>
public sealed class RelatedMeasuring
{
    private readonly List<string> notes = [];

    /// <summary>Full path of the model.</summary>
    public required string Model { get; init; }

    /// <summary>How the model is run; asked only where it has to be.</summary>
    public required Func<LatencyRequest> Request { get; init; }

    /// <summary>How to start a worker.</summary>
    public required WorkerHost Host { get; init; }

    /// <summary>Full path of a .npz file of samples to compare outputs on; null to make inputs.</summary>
    public string? Samples { get; init; }

    /// <summary>Full path of the teacher; null where there is none.</summary>
    public string? Teacher { get; init; }

    /// <summary>Full path of the base; null where there is none.</summary>
    public string? Base { get; init; }

    /// <summary>The target of a name that a metric has in its own.</summary>
    public Func<string, Target?> TargetOf { get; init; } = TargetPresets.Find;

    /// <summary>Times the model against its teacher; null to do it in worker processes, as it is always done with compressed copies.</summary>
    public ModelTiming? TimeAgainst { get; init; }

    /// <summary>Asked of each speedup after every restart: true where more restarts would change nothing.</summary>
    public Func<Measurement.Compared, bool> Settled { get; init; } = static _ => false;

    /// <summary>Told how timing goes; null for silence.</summary>
    public Action<LatencyProgress>? Progress { get; init; }

    /// <summary>The runtime that ran models; null where none did.</summary>
    public RuntimeInfo? Runtime { get; private set; }

    /// <summary>What disturbed the measuring, in plain words.</summary>
    public IReadOnlyList<string> Notes => notes;

    /// <summary>Measures metrics that are about the model and something else.</summary>
    /// <returns>One measurement for each metric.</returns>
    /// <exception cref="OperationCanceledException">It was cancelled; no process and no file is left behind.</exception>
    public IReadOnlyList<Measurement> Measure(IReadOnlyList<Metric> metrics, CancellationToken cancellation) =>
    [
        .. metrics.Where(static metric => metric.Relation == Relation.Compressed).GroupBy(static metric => metric.Subject).SelectMany(group => BesideCopy(Schemes.Find(group.Key)!, [.. group], cancellation)),
        .. BesideTeacher([.. metrics.Where(static metric => metric.Relation == Relation.Teacher)], cancellation),
        .. BesideBase([.. metrics.Where(static metric => metric.Relation == Relation.Base)], cancellation),
        .. OnTargets([.. metrics.Where(static metric => metric.Relation == Relation.Target)], cancellation),
    ];

    private IReadOnlyList<Measurement> BesideCopy(Scheme scheme, Metric[] metrics, CancellationToken cancellation) => Try(metrics, () =>
    {
        if (!Array.Exists(metrics, static metric => metric.RunsTheModel || CompressedMetrics.IsOfFiles(metric)))
        {
            string name = CompressedCopy.NameFor(Model, scheme);
            var compression = Array.Exists(metrics, static metric => metric.Quality == "sqnr")
                ? ModelCompressor.Weigh(Model, scheme, name, cancellation)
                : ModelCompressor.Predict(Model, scheme, name);
            return [.. metrics.Select(metric => CompressedMetrics.Of(metric, compression))];
        }

        using var copy = CompressedCopy.Write(Model, scheme, cancellation);
        ModelPair? pair = null;
        Measurement[] measured =
        [
            .. CompressedMetrics.OfFiles([.. metrics.Where(CompressedMetrics.IsOfFiles)], copy.Path, new(), cancellation),
            .. metrics.Where(static metric => !CompressedMetrics.IsOfFiles(metric)).Select(metric => metric.Source == Source.Beside ? (pair ??= BesideModel(copy.Path)).Measure(metric, cancellation) : CompressedMetrics.Of(metric, copy.Compression)),
        ];
        Note(pair);
        return measured;
    });

    private ModelPair BesideModel(string copy)
    {
        var request = Request();
        return new(request with { Model = copy, Structure = ModelReader.Read(copy) }, new(request.Model, request.Structure) { Samples = Samples }, Host, null, Settled, Progress);
    }

    private IReadOnlyList<Measurement> BesideTeacher(Metric[] metrics, CancellationToken cancellation) => Try(metrics, () =>
    {
        if (metrics.Length == 0)
            return [];
        var teacher = ReadRelated(Teacher!);
        ModelPair? pair = null;
        Measurement[] measured = [.. metrics.Select(metric => metric.Source == Source.Beside
            ? (pair ??= new ModelPair(Request(), new(Teacher!, teacher) { Samples = Samples }, Host, TimeAgainst, Settled, Progress)).Measure(metric, cancellation)
            : new Measurement.Exact(metric, (double)ModelReader.Read(Model).SizeOnDisk / teacher.SizeOnDisk))];
        Note(pair);
        return measured;
    });

    private IReadOnlyList<Measurement> BesideBase(Metric[] metrics, CancellationToken cancellation) => Try(metrics, () =>
    {
        if (metrics.Length == 0)
            return [];
        var (before, after) = (ReadRelated(Base!), ModelReader.Read(Model));
        if ((before.WhyNotWeighable ?? after.WhyNotWeighable) is { } unread)
            return Failed(metrics, Diagnostics.FormatNotMeasurable, unread);
        var comparison = TensorComparison.Of(before, after, cancellation);
        return [.. metrics.Select(metric => new Measurement.Exact(metric, metric.Quality switch
        {
            "changed_parameters" => comparison.ChangedParameters,
            "shared_share" => comparison.SharedShare,
            _ => comparison.DeltaSize,
        }))];
    });

    private IReadOnlyList<Measurement> OnTargets(Metric[] metrics, CancellationToken cancellation) => Try(metrics, () =>
    {
        ModelDemand? demand = null;
        var weighing = new StaticMeasuring();
        return [.. metrics.Select(metric =>
        {
            var target = TargetOf(metric.Subject) ?? throw new ArgumentException($"{metric} is of a target that is not there.");
            return metric.RunsTheModel ? (demand ??= ModelDemand.Of(Request(), Host, cancellation)).Measure(metric, target) : DownloadTime(metric, target, weighing, cancellation);
        })];
    });

    private Measurement DownloadTime(Metric metric, Target target, StaticMeasuring weighing, CancellationToken cancellation) =>
        weighing.Measure(Model, [MetricCatalogue.Find("size.on_wire." + target.Codec)!], cancellation: cancellation)[0] switch
        {
            Measurement.Exact size => new Measurement.Exact(metric, size.Value * 8 / target.Downlink!.Value),
            Measurement other => other with { Metric = metric },
        };

    private void Note(ModelPair? pair)
    {
        Runtime ??= pair?.Runtime;
        notes.AddRange(pair?.Notes ?? []);
    }

    private ModelFile ReadRelated(string path)
    {
        // As a baseline may not be: a path that was copied, or a glob that matches its own teacher, would be a pass of nothing.
        if (FileIdentity.AreSame(path, Model))
            throw new ModelException(Diagnostics.RelatedModelMissing, $"{Path.GetFileName(path)} is the model itself, beside which nothing is lost or changed");
        try
        {
            return ModelReader.Read(path);
        }
        catch (ModelException e)
        {
            throw new ModelException(Diagnostics.RelatedModelMissing, $"{Path.GetFileName(path)} cannot be read: {e.Message}", e);
        }
    }

    private static Measurement[] Failed(Metric[] metrics, DiagnosticKind kind, string reason) => [.. metrics.Select(metric => new Measurement.Failed(metric, kind, reason))];

    private static IReadOnlyList<Measurement> Try(Metric[] metrics, Func<IReadOnlyList<Measurement>> measure)
    {
        try
        {
            return measure();
        }
        catch (ModelException e)
        {
            return Failed(metrics, e.Kind, e.Message);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Failed(metrics, Diagnostics.ModelUnreadable, FileErrors.Reason(e));
        }
    }
}
