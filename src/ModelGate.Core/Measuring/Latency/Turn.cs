using System.Diagnostics;
using System.Globalization;
using ModelGate.Models;
using ModelGate.Policies;
using NuGet.Versioning;

namespace ModelGate.Measuring;

/// <summary>
/// One measuring's turn on this machine: a runtime that may be used, the machine to itself as far as that can be had, and an account of
/// what disturbed it.
/// </summary>
internal sealed class Turn : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(30);

    /// <summary>The oldest runtime whose API the worker needs.</summary>
    private static readonly NuGetVersion Oldest = new(1, 16, 0);

    private readonly LatencyRequest request;
    private readonly MachineLock machine;
    private readonly List<string> notes = [];
    private MachineLoad load = MachineLoad.Now();
    private long allocated;

    private Turn(LatencyRequest request)
    {
        this.request = request;
        machine = new(request.LockFile);
    }

    /// <summary>Why nothing can be measured; null where the turn is had.</summary>
    public WorkerFailure? Failure { get; private set; }

    /// <summary>The runtime's files, where the turn is had.</summary>
    public RuntimeLocation Location => request.Runtime.Location!;

    /// <summary>The runtime as it describes itself, once a worker has loaded it.</summary>
    public RuntimeInfo? Runtime { get; private set; }

    /// <summary>Seconds that other benchmarks were waited for.</summary>
    public double Waited { get; private set; }

    /// <summary>Waits for the machine, where what is asked can be measured at all.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static Turn Take(LatencyRequest request, Action<LatencyProgress>? progress, CancellationToken cancellation)
    {
        var turn = new Turn(request) { Failure = Obstacle(request) };
        try
        {
            if (turn.Failure is null)
                turn.Wait(progress, cancellation);
            return turn;
        }
        catch
        {
            turn.Dispose();
            throw;
        }
    }

    /// <summary>Takes down which runtime a restart loaded, and how much managed memory its timed loop allocated.</summary>
    /// <returns>Why the runtime may not be used; null where it may.</returns>
    public WorkerFailure? Note(Restart restart)
    {
        allocated = Math.Max(allocated, restart.Done?.Allocated ?? 0);
        if (restart.Runtime is not { } loaded)
            return null;
        Note(loaded);
        return NuGetVersion.TryParse(loaded.Version, out var version) ? Refusal(version, request) : null;
    }

    /// <summary>Takes down which runtime a worker loaded.</summary>
    public void Note(WorkerMessage loaded) => Runtime ??= LoadedRuntime.Of(loaded, Location, request.Benchmark);

    /// <summary>Looks whether a model runs on the providers that are asked for, where that is not the CPU's alone.</summary>
    /// <returns>Why it may not be timed; null where it may.</returns>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public WorkerFailure? LookAtPlacement(LatencyRequest model, WorkerHost host, CancellationToken cancellation)
    {
        var placement = PlacementMeasuring.Of(model, host, Location, cancellation);
        if (placement.Runtime is { } loaded)
            Note(loaded);
        if (placement.Note is { } note)
            notes.Add(note);
        return placement.Failure;
    }

    /// <summary>Takes something down that is worth a note.</summary>
    public void Remark(string note) => notes.Add(note);

    /// <summary>Waits for other programs to leave the processors, as long as the request allows; from here on disturbances are counted.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public void WaitForQuiet(Action<LatencyProgress>? progress, CancellationToken cancellation)
    {
        if (Quiet.Wait(Processors.Busy, request.QuietWait, seconds => progress?.Invoke(new(true, seconds, [])), cancellation) is { } busy)
            notes.Add(busy);
        load = MachineLoad.Now();
    }

    /// <summary>What it led to.</summary>
    public LatencyResult End(IReadOnlyList<Measurement> measurements)
    {
        if (allocated > 0)
            notes.Add($"the timed loop allocated up to {allocated.ToString(CultureInfo.InvariantCulture)} bytes of managed memory in a restart, so a garbage collection may stand in the times");
        if (load.Since() is { } disturbance)
            notes.Add(disturbance);
        return new(measurements, Runtime, Waited, notes);
    }

    /// <summary>What it led to where one reason stands in the way of all of some metrics.</summary>
    public LatencyResult End(WorkerFailure failure, IReadOnlyList<Metric> metrics) =>
        new([.. metrics.Select(metric => new Measurement.Failed(metric, failure.Kind, failure.Reason))], Runtime, Waited, notes);

    /// <inheritdoc/>
    public void Dispose() => machine.Dispose();

    private static WorkerFailure? Obstacle(LatencyRequest request)
    {
        if (request.Runtime.Location is not { } location)
            return request.Runtime.Failure!;
        if (location.Version is { } version && Refusal(version, request) is { } refusal)
            return refusal;
        if (request.Structure is { Format: not (ModelFormat.Onnx or ModelFormat.OrtFormat) })
            return new(Diagnostics.FormatNotMeasurable, "ONNX Runtime runs .onnx and .ort models, and this file is another kind.");
        return request.Structure?.ForeignOperator is { } foreign
            ? new(Diagnostics.ModelAsksForCode, $"the operator {foreign} needs code that no runtime brings along, and ModelGate loads none for a model.")
            : null;
    }

    private static WorkerFailure? Refusal(NuGetVersion version, LatencyRequest request)
    {
        string package = request.Runtime.Location!.Package;
        if (version < Oldest)
            return new(Diagnostics.RuntimeUnusable, $"{package} is ONNX Runtime {version}; models can be timed with {Oldest} or later.");
        return request.Benchmark.Runtime is { } range && !range.Value.Satisfies(version)
            ? new(Diagnostics.RuntimeUnusable, $"{package} is ONNX Runtime {version}, which `runtime: \"{range.Text}\"` does not accept.")
            : null;
    }

    private void Wait(Action<LatencyProgress>? progress, CancellationToken cancellation)
    {
        if (TooManyThreads() is { } crowded)
            notes.Add(crowded);
        var waiting = Stopwatch.StartNew();
        try
        {
            if (!machine.Acquire(Patience, waited => progress?.Invoke(new(true, waited.TotalSeconds, [])), cancellation))
                Failure = new(Diagnostics.WorkerTimedOut, $"other benchmarks held this machine for {Duration.Text(waiting.Elapsed.TotalSeconds)}.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            notes.Add($"'{request.LockFile}' cannot be locked, so another benchmark may have run at the same time");
        }

        Waited = waiting.Elapsed.TotalSeconds;
    }

    private string? TooManyThreads() => request.Benchmark.IntraOpThreads > request.UsableCores
        ? $"{request.Benchmark.IntraOpThreads.ToString(CultureInfo.InvariantCulture)} intra-op {(request.Benchmark.IntraOpThreads == 1 ? "thread" : "threads")} had to share "
            + $"{request.UsableCores.ToString("0.##", CultureInfo.InvariantCulture)} usable {(request.UsableCores <= 1 ? "core" : "cores")} (affinity mask or container quota), which ONNX Runtime does not know: times vary more and mean less"
        : null;
}
