using ModelGate.Policies;

namespace ModelGate.Measuring;

/// <summary>Looks where the nodes of a model run, before anything is timed under the name of a provider.</summary>
/// <param name="Failure">Why nothing may be timed; null where it may.</param>
/// <param name="Note">What is worth knowing of where nodes ran; null for nothing.</param>
/// <param name="Runtime">What the worker said of the runtime; null where none was needed or loaded.</param>
internal sealed record PlacementMeasuring(WorkerFailure? Failure, string? Note, WorkerMessage? Runtime)
{
    private const double Seconds = 0.2;

    /// <summary>Profiles the session of a model where another provider than the CPU's is asked for. On the CPU there is nothing to look for.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static PlacementMeasuring Of(LatencyRequest request, WorkerHost host, RuntimeLocation location, CancellationToken cancellation)
    {
        var benchmark = request.Benchmark;
        if (benchmark.Providers is [var only] && only == ExecutionProvider.Cpu)
            return new(null, null, null);
        var profiled = WorkerProfiling.Take(request, host, location, new("", Optimized: true, Seconds), benchmark.MaxTime, OperatorTimes.Of, cancellation);
        if (profiled.Failure is { } failure)
            return new(failure, null, profiled.Runtime);
        var placement = Placement.Of(profiled.Value!, benchmark.Providers);
        return new(placement.Failure(benchmark.AllowsFallback), placement.Note, profiled.Runtime);
    }
}
