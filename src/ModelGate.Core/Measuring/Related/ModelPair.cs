using System.Globalization;
using System.Security.Cryptography;

namespace ModelGate.Measuring;

/// <summary>A model and another one that it is measured beside, on the same inputs: outputs once, times in turns.</summary>
/// <param name="request">The model and how to run both.</param>
/// <param name="reference">The other model.</param>
/// <param name="host">How to start a worker.</param>
/// <param name="time">Times the two; null to do it in worker processes.</param>
/// <param name="settled">Asked of a speedup after every restart: true where more restarts would change nothing.</param>
/// <param name="progress">Told how timing goes; null for silence.</param>
internal sealed class ModelPair(
    LatencyRequest request, ReferenceModel reference, WorkerHost host, ModelTiming? time, Func<Measurement.Compared, bool> settled, Action<LatencyProgress>? progress)
{
    private readonly List<string> notes = [];
    private OutputResult? outputs;

    /// <summary>The runtime that ran both; null where none did.</summary>
    public RuntimeInfo? Runtime { get; private set; }

    /// <summary>What disturbed the timing, in plain words.</summary>
    public IReadOnlyList<string> Notes => notes;

    /// <summary>Measures one metric of <see cref="Source.Beside"/>.</summary>
    public Measurement Measure(Metric metric, CancellationToken cancellation) => metric.Quality == "speedup" ? Speedup(metric, cancellation) : OfOutputs(metric, cancellation);

    private Measurement OfOutputs(Metric metric, CancellationToken cancellation)
    {
        outputs ??= OutputMeasuring.Measure(request, reference, host, cancellation);
        Runtime ??= outputs.Runtime;
        return outputs.Failure is { } failure ? new Measurement.Failed(metric, failure.Kind, failure.Reason) : CompressedMetrics.Of(metric, outputs.Fidelity!);
    }

    private Measurement Speedup(Metric metric, CancellationToken cancellation)
    {
        int seed = RandomNumberGenerator.GetInt32(int.MaxValue);
        var timed = request with { Metrics = [MetricCatalogue.Find("latency.p50")!] };
        var baseline = new BaselineModel(reference.Path, reference.Structure, seed);
        bool Settled(Measurement.Compared compared) => settled(compared with { Metric = metric });
        var result = time is null ? ComparisonMeasuring.Measure(timed, baseline, host, Settled, progress, cancellation) : time(timed, baseline, Settled, progress, cancellation);
        Runtime ??= result.Runtime;
        notes.AddRange([.. result.Notes, $"which session was created first, restart by restart, was drawn from seed {seed.ToString(CultureInfo.InvariantCulture)}"]);
        return result.Measurements[0] with { Metric = metric };
    }
}
