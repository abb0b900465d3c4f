using ModelGate.Models;
using ModelGate.Policies;

namespace ModelGate.Measuring;

/// <summary>What is to be measured by running a model.</summary>
public sealed record LatencyRequest
{
    /// <summary>Full path of the model.</summary>
    public required string Model { get; init; }

    /// <summary>The model's structure: what it may not ask for, and how large its indices may be. Null where its format is not read.</summary>
    public ModelFile? Structure { get; init; }

    /// <summary>The metrics; all of them need the model to run.</summary>
    public required IReadOnlyList<Metric> Metrics { get; init; }

    /// <summary>The runtime to time it with, or why there is none: then every metric fails for that reason.</summary>
    public required RuntimeSearch Runtime { get; init; }

    /// <summary>Threads, time and confidence.</summary>
    public required Benchmark Benchmark { get; init; }

    /// <summary>How inputs are to be made, where the policy says.</summary>
    public IReadOnlyList<WorkerInput> Inputs { get; init; } = [];

    /// <summary>Sizes of open dimensions, by name.</summary>
    public IReadOnlyList<WorkerDimension> Dimensions { get; init; } = [];

    /// <summary>The dimensions that a growth is asked of; one for each metric <c>latency.growth.DIMENSION</c>.</summary>
    public IReadOnlyList<Sweep> Sweeps { get; init; } = [];

    /// <summary>Seed of random inputs.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Bytes of resident memory past which the worker is ended.</summary>
    public long MemoryCap { get; init; } = DefaultMemoryCap;

    /// <summary>Processors this process may use, by affinity mask and quota; more threads than that are noted.</summary>
    public double UsableCores { get; init; } = MachineReader.UsableCores();

    /// <summary>Seconds to wait at most for other programs to leave the processors; 0 to measure whatever they do. Not part of <c>max_time</c>.</summary>
    public double QuietWait { get; init; } = 10;

    /// <summary>True to tell as well which operators the time goes to.</summary>
    public bool ProfilesOperators { get; init; }

    /// <summary>Bytes of the model's files.</summary>
    public long FileSize => Structure?.SizeOnDisk ?? new FileInfo(Model).Length;

    /// <summary>Sessions that the usable cores have room for at once.</summary>
    public int Sessions => Math.Max(1, (int)(UsableCores / Benchmark.IntraOpThreads));

    /// <summary>The file that is locked while models are timed on this machine.</summary>
    public string LockFile { get; init; } = MachineLock.DefaultPath;

    /// <summary>Three quarters of the memory of the machine, or of the container where that has less.</summary>
    private static long DefaultMemoryCap => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4 * 3;
}

/// <summary>The model that another one is compared with.</summary>
/// <param name="Path">Full path.</param>
/// <param name="Structure">Its structure; null where its format is not read.</param>
/// <param name="Seed">Seed of the coin that decides, restart by restart, which of the two sessions is created first.</param>
public sealed record BaselineModel(string Path, ModelFile? Structure, int Seed);

/// <summary>How far measuring has come, told after every restart.</summary>
/// <param name="WaitsForMachine">True while another benchmark holds the machine or other programs keep it busy; nothing is measured yet.</param>
/// <param name="Elapsed">Seconds since the machine was had (or since waiting began).</param>
/// <param name="Measured">What is known so far, by metric: sampled or compared.</param>
public sealed record LatencyProgress(bool WaitsForMachine, double Elapsed, IReadOnlyList<Measurement> Measured);

/// <summary>What running a model led to.</summary>
/// <param name="Measurements">One per metric asked for, in that order.</param>
/// <param name="Runtime">The runtime that was timed; null where none was loaded.</param>
/// <param name="Waited">Seconds that other benchmarks on this machine were waited for.</param>
/// <param name="Notes">What disturbed the measuring, in plain words.</param>
public sealed record LatencyResult(IReadOnlyList<Measurement> Measurements, RuntimeInfo? Runtime, double Waited, IReadOnlyList<string> Notes)
{
    /// <summary>Multiply-accumulates by operator; null where they were not asked for or could not be counted.</summary>
    public MacCount? Macs { get; init; }

    /// <summary>Which operators the time goes to; null where that was not asked for or could not be told.</summary>
    public OperatorTimes? Operators { get; init; }

    /// <summary>What the model costs over each dimension that was swept.</summary>
    public IReadOnlyList<SweepResult> Sweeps { get; init; } = [];

    /// <summary>The least time that the model can take here; null where it was not asked for.</summary>
    public BoundHere? Bound { get; init; }
}
