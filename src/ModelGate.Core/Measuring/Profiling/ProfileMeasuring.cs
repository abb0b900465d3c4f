using System.Globalization;
using ModelGate.Models;
using ModelGate.Policies;

namespace ModelGate.Measuring;

/// <summary>The metrics that a profile tells. They are exact: the same model on the same inputs has the same ones on every machine that runs it alike.</summary>
/// <param name="Measurements">One per metric that a profile tells.</param>
/// <param name="Macs">The count by operator; null where none was asked for or it failed.</param>
/// <param name="Loaded">What the worker said of the runtime; null where none was loaded.</param>
internal sealed record ProfileMeasuring(IReadOnlyList<Measurement> Measurements, MacCount? Macs, WorkerMessage? Loaded)
{
    /// <summary>Measures what a request asks of its profile.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static ProfileMeasuring Of(LatencyRequest request, WorkerHost host, RuntimeLocation location, CancellationToken cancellation)
    {
        List<Measurement> measurements = [];
        MacCount? macs = null;
        WorkerMessage? loaded = null;
        foreach (var metric in request.Metrics.Where(static metric => metric.Source == Source.Profile))
        {
            // Without optimizations: an optimized graph has padded channels, fused nodes, and indices that the file does not have.
            var counted = WorkerProfiling.Take(request, host, location, new("", Optimized: false, Seconds: 0), request.Benchmark.MaxTime, profile => MacCount.Of(profile, GraphOf(request.Model)), cancellation);
            loaded ??= counted.Runtime;
            macs = counted.Value;
            measurements.Add(counted.Failure is { } failure ? new Measurement.Failed(metric, failure.Kind, failure.Reason) : Counted(metric, macs!));
        }

        return new(measurements, macs, loaded);
    }

    // What the formulas do not cover could be most of the work: a sum without it is no measurement.
    private static Measurement Counted(Metric metric, MacCount macs) => macs.WithoutFormula.Count == 0
        ? new Measurement.Exact(metric, macs.Total)
        : new Measurement.Failed(metric, Diagnostics.MacsUnknown, string.Create(CultureInfo.InvariantCulture,
            $"there is no formula for {string.Join(", ", macs.WithoutFormula.Select(static one => one.Operator))}; the rest of the model takes {Quantity.Format(macs.Total, Unit.Count)}."));

    private static ModelGraph? GraphOf(string model)
    {
        try
        {
            return ModelGraph.Read(model);
        }
        catch (ModelException)
        {
            return null; // the runtime read it all the same; operators that need their attributes are named as unknown
        }
    }
}
