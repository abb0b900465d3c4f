using System.Security.Cryptography;
using ModelGate.Compressing;
using ModelGate.Gating;
using ModelGate.Measuring;
using ModelGate.Models;
using ModelGate.Policies;

namespace ModelGate.Advising;

/// <summary>Writes, weighs, runs and times each candidate, one after the other; no copy outlives its turn.</summary>
public sealed class AdviceMeasuring
{
    private const string OnWire = "size.on_wire.brotli";

    private readonly StaticMeasuring weighing = new();
    private readonly HashSet<string> notJudged = [];
    private RuntimeInfo? runtime;

    /// <summary>The model, and how to run it and its copies.</summary>
    public required LatencyRequest Request { get; init; }

    /// <summary>The model's structure.</summary>
    public required ModelFile Model { get; init; }

    /// <summary>How to start a worker.</summary>
    public required WorkerHost Host { get; init; }

    /// <summary>False to weigh only.</summary>
    public bool Runs { get; init; } = true;

    /// <summary>Full path of a .npz file of samples to compare outputs on; null to make inputs.</summary>
    public string? Samples { get; init; }

    /// <summary>Inputs to make where there are no samples.</summary>
    public int Inputs { get; init; } = 16;

    /// <summary>The budgets that candidates are to meet; empty where there are none.</summary>
    public IReadOnlyList<Budget> Budgets { get; init; } = [];

    /// <summary>Hardware to hold every candidate against; empty where none is asked about.</summary>
    public IReadOnlyList<Target> Targets { get; init; } = [];

    /// <summary>Told which candidate is measured, and how its timing goes.</summary>
    public Action<string, LatencyProgress>? Progress { get; init; }

    /// <summary>Measures candidates.</summary>
    /// <param name="schemes">The schemes to try.</param>
    /// <param name="cancellation">Ends it; no process and no file is left behind.</param>
    /// <exception cref="ModelException">The model is quantized already, or a copy cannot be written.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public Advice Measure(IReadOnlyList<Scheme> schemes, CancellationToken cancellation)
    {
        // Of a scheme that is not tried nothing is known.
        notJudged.UnionWith(Budgets.Where(budget => budget.Metric.Relation == Relation.Compressed && !schemes.Any(scheme => scheme.Name == budget.Metric.Subject)).Select(static budget => budget.Metric.Name));
        List<Candidate> compressed = [.. schemes.Select(scheme => Compressed(scheme, cancellation))];
        return new(Model.Path, [AsShipped(compressed, cancellation), .. compressed], Request.Benchmark.Confidence) { HasBudgets = Budgets.Count > 0, NotJudged = [.. notJudged], Targets = Targets, Runtime = runtime };
    }

    private Candidate AsShipped(List<Candidate> compressed, CancellationToken cancellation)
    {
        // Each pair of turns timed the model as well.
        double[] times = [.. compressed.Select(static one => one.Time).OfType<Measurement.Compared>().Select(static time => time.Baseline)];
        return Judged(Request.Model, new Candidate(Candidate.AsShipped, null)
        {
            Size = Model.SizeOnDisk,
            OnWire = OnWireOf(Request.Model, cancellation),
            Latency = times.Length > 0 ? Median.Of(times) : null,
            PeakMemory = Runs ? PeakMemoryOf(Request, cancellation) : null,
            Demand = Runs ? DemandOf(Request, cancellation) : null,
        }, null, cancellation);
    }

    private Candidate Compressed(Scheme scheme, CancellationToken cancellation)
    {
        Progress?.Invoke(scheme.Name, new(false, 0, []));
        var candidate = new Candidate(scheme.Name, scheme);
        try
        {
            using var copy = CompressedCopy.Write(Request.Model, scheme, cancellation);
            candidate = candidate with { Size = copy.Compression.SizeAfter, WeightSqnr = copy.Compression.Total().Sqnr, OnWire = OnWireOf(copy.Path, cancellation) };
            if (Runs)
                candidate = Run(candidate, Request with { Model = copy.Path, Structure = ModelReader.Read(copy.Path) }, cancellation);
            return Judged(copy.Path, candidate, copy.Compression, cancellation);
        }
        catch (ModelException e) when (e.Kind != Diagnostics.AlreadyQuantized && e.Kind != Diagnostics.CopyNotWritten)
        {
            return candidate with { Obstacle = e.Message };
        }
    }

    private Candidate Run(Candidate candidate, LatencyRequest request, CancellationToken cancellation)
    {
        var outputs = OutputMeasuring.Measure(request, new(Request.Model, Model) { Samples = Samples, Count = Inputs }, Host, cancellation);
        runtime ??= outputs.Runtime;
        if (outputs.Failure is not null)
            return candidate with { Failure = outputs.Failure };
        var result = ComparisonMeasuring.Measure(
            request with { Metrics = [MetricCatalogue.Find("latency.p50")!] }, new(Request.Model, Model, RandomNumberGenerator.GetInt32(int.MaxValue)), Host,
            static compared => compared.LogRatios.Count >= SequentialTTest.First, state => Progress?.Invoke(candidate.Name, state), cancellation);
        var time = result.Measurements[0] as Measurement.Compared;
        return candidate with { Fidelity = outputs.Fidelity, Time = time, Latency = time?.Value, PeakMemory = PeakMemoryOf(request, cancellation), Demand = DemandOf(request, cancellation) };
    }

    private double? PeakMemoryOf(LatencyRequest request, CancellationToken cancellation) =>
        LatencyMeasuring.Measure(request with { Metrics = [MetricCatalogue.Find("memory.peak_rss")!], QuietWait = 0 }, Host, static _ => true, null, cancellation).Measurements[0] is Measurement.Sampled sampled ? sampled.Restarts[0] : null;

    private ModelDemand? DemandOf(LatencyRequest request, CancellationToken cancellation) => Targets.Count > 0 ? ModelDemand.Of(request with { QuietWait = 0 }, Host, cancellation) : null;

    private double? OnWireOf(string path, CancellationToken cancellation) =>
        weighing.Measure(path, [MetricCatalogue.Find(OnWire)!], cancellation: cancellation)[0] is Measurement.Exact exact ? exact.Value : null;

    private Candidate Judged(string path, Candidate candidate, Compression? compression, CancellationToken cancellation)
    {
        List<Budget> judged = [];
        List<Measurement> measurements = [];
        foreach (var budget in Budgets)
        {
            // A scheme's own budgets say nothing of other schemes.
            if (budget.Metric.Relation == Relation.Compressed && budget.Metric.Subject != candidate.Scheme?.Name)
                continue;
            if (budget.OnIncrease || Known(budget.Metric, path, candidate, compression, cancellation) is not { } measurement)
            {
                notJudged.Add(budget.Metric.Name);
                continue;
            }

            judged.Add(budget);
            measurements.Add(measurement);
        }

        return candidate with { Budgets = [.. Gate.Judge(new(candidate.Name, path, judged, measurements), Request.Benchmark)] };
    }

    // Latency and memory are first looks, taken for what they are: a check judges them with its error rate.
    private Measurement? Known(Metric metric, string path, Candidate candidate, Compression? compression, CancellationToken cancellation) => metric switch
    {
        _ when CompressedMetrics.IsOfFiles(metric) => CompressedMetrics.OfFiles([metric], path, weighing, cancellation).Single(),
        { Relation: Relation.None, Source: Source.Structure or Source.Content } => weighing.Measure(path, [metric], cancellation: cancellation)[0],
        { Name: "latency.p50" } => Exact(metric, candidate.Latency),
        { Name: "memory.peak_rss" } => Exact(metric, candidate.PeakMemory),
        { Relation: Relation.Compressed, Source: Source.Related } => CompressedMetrics.Of(metric, compression!),
        { Relation: Relation.Compressed, Quality: "speedup" } => candidate.Time is { } time ? time with { Metric = metric } : null,
        { Relation: Relation.Compressed } => candidate.Fidelity is { } fidelity ? CompressedMetrics.Of(metric, fidelity) : null,
        _ => null,
    };

    private static Measurement.Exact? Exact(Metric metric, double? value) => value is { } known ? new(metric, known) : null;
}
