using System.Diagnostics;
using System.Globalization;
using ModelGate.Models;
using ModelGate.Policies;

namespace ModelGate.Measuring;

/// <summary>What profiles of a model tell. Each is taken in a process of its own, apart from any timed run.</summary>
internal sealed record ProfileMeasuring
{
    private const double SecondsOfOperators = 1, ShortestTry = 1;

    /// <summary>One per metric that is settled here: exact ones, and those that need a profile and did not get it.</summary>
    public required IReadOnlyList<Measurement> Measurements { get; init; }

    /// <summary>The count by operator; null where none was asked for or it failed.</summary>
    public MacCount? Macs { get; init; }

    /// <summary>Which operators the time goes to; null where that was not asked for or failed.</summary>
    public OperatorTimes? Operators { get; init; }

    /// <summary>What bounds the model; null where it was not asked for or failed.</summary>
    public Roofline? Roofline { get; init; }

    /// <summary>What the worker said of the runtime; null where none was loaded.</summary>
    public WorkerMessage? Loaded { get; init; }

    /// <summary>What could not be told although it was asked for, in plain words.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Takes the profiles that a request needs.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static ProfileMeasuring Of(LatencyRequest request, WorkerHost host, RuntimeLocation location, CancellationToken cancellation)
    {
        List<Measurement> measurements = [];
        var spent = Stopwatch.StartNew();
        var told = new ProfileMeasuring { Measurements = measurements };
        var elsewhere = Elsewhere(request.Benchmark);
        if (Asked("macs") is not null || (Asked("latency.bound") is not null && elsewhere is null))
        {
            // Without optimizations: an optimized graph has padded channels, fused nodes, and indices that the file does not have.
            var counted = Take(new("", Optimized: false, Seconds: 0), profile => MacCount.Of(profile, GraphOf(request.Model)));
            var failure = counted.Failure ?? Unknown(counted.Value!);
            if (Asked("macs") is { } metric)
                measurements.Add(failure is null ? new Measurement.Exact(metric, counted.Value!.Total) : Failed(metric, failure));
            failure ??= request.Structure is null ? new(Diagnostics.FormatNotMeasurable, "the structure of the model was not read, and with it how many bytes of weights an inference reads.") : null;
            if (Asked("latency.bound") is { } bound && failure is not null && elsewhere is null)
                measurements.Add(Failed(bound, failure));
            told = told with { Macs = counted.Value, Loaded = counted.Runtime, Roofline = failure is null ? Roofline.Of(counted.Value!, request.Structure!) : null };
        }

        if (elsewhere is not null)
            measurements.AddRange(request.Metrics.Where(MetricCatalogue.IsOfProcessor).Select(metric => Failed(metric, elsewhere)));
        else if (Asked("memory.activations") is { } activations)
        {
            var profiled = Take(new("", Optimized: true, Seconds: 0), static profile => new Held(ActivationMemory.Of(profile)));
            var failure = profiled.Failure ?? (profiled.Value!.Bytes is null ? new(Diagnostics.ProfileUnusable, "the profile of this runtime does not tell memory; that of newer ones does.") : null);
            measurements.Add(failure is null ? new Measurement.Exact(activations, profiled.Value!.Bytes!.Value) : Failed(activations, failure));
            told = told with { Loaded = told.Loaded ?? profiled.Runtime };
        }

        if (request.ProfilesOperators)
        {
            var profiled = Take(new("", Optimized: true, SecondsOfOperators), OperatorTimes.Of);
            told = told with { Operators = profiled.Value, Notes = profiled.Failure is { } failure ? [$"which operators take the time cannot be told: {failure.Reason.TrimEnd('.')}"] : [] };
        }

        return told;

        Metric? Asked(string name) => request.Metrics.FirstOrDefault(metric => metric.Name == name);

        Profiled<T> Take<T>(WorkerProfile kind, Func<IEnumerable<(int Run, ProfiledNode Node)>, T> read) where T : class =>
            // All on one account: a model that hangs would take it anew for each.
            WorkerProfiling.Take(request, host, location, kind, Math.Max(ShortestTry, request.Benchmark.MaxTime - spent.Elapsed.TotalSeconds), read, cancellation);
    }

    private static Measurement.Failed Failed(Metric metric, WorkerFailure failure) => new(metric, failure.Kind, failure.Reason);

    // What the formulas do not cover could be most of the work: a sum without it is no measurement.
    private static WorkerFailure? Unknown(MacCount macs) => macs.WithoutFormula.Count == 0 ? null : new(Diagnostics.MacsUnknown, string.Create(CultureInfo.InvariantCulture,
        $"there is no formula for {string.Join(", ", macs.WithoutFormula.Select(static one => one.Operator))}; the rest of the model takes {Quantity.Format(macs.Total, Unit.Count)}."));

    private static WorkerFailure? Elsewhere(Benchmark benchmark) => benchmark.IsOfProcessor ? null
        : new(Diagnostics.OtherProcessor, $"it is known of the processor, and the model runs on {Benchmark.Text(benchmark.Providers)}.");

    /// <summary>The nodes of a model's file; null where they are not read.</summary>
    public static ModelGraph? GraphOf(string model)
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

    private sealed record Held(double? Bytes);
}
