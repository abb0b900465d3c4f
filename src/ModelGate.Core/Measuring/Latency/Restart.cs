namespace ModelGate.Measuring;

/// <summary>What bounds one restart.</summary>
/// <param name="Deadline">Seconds after which the worker is ended.</param>
/// <param name="MemoryCap">Bytes of resident memory past which it is ended.</param>
/// <param name="Runs">How many runs to time, told the seconds a run takes and the seconds spent so far; null to end there.</param>
internal sealed record RestartBounds(double Deadline, long MemoryCap, Func<double, double, int?> Runs);

/// <summary>What one worker process led to. Exactly one of the first three is set; none for one that wrote a profile, ran a sweep or compared outputs.</summary>
/// <param name="Done">Its last message, with start-up figures and runs.</param>
/// <param name="Failure">Why there is none.</param>
/// <param name="Declined">Seconds a run takes, where the bounds declined to time any.</param>
internal sealed record Restart(RestartFigures? Done, WorkerFailure? Failure, double? Declined)
{
    /// <summary>Version and build of the native library, once it was loaded.</summary>
    public WorkerMessage? Runtime { get; init; }

    /// <summary>Seconds of an inference at each size of a sweep; null where none was asked for.</summary>
    public IReadOnlyList<double>? Swept { get; init; }

    /// <summary>What the outputs of two models have in common; null where that was not asked for.</summary>
    public ModelFidelity? Fidelity { get; init; }

    /// <summary>True where it was ended because its deadline passed.</summary>
    public bool TimedOut { get; init; }
}

/// <summary>The figures of one restart.</summary>
/// <param name="SessionCreation">Seconds.</param>
/// <param name="FirstInference">Seconds.</param>
/// <param name="Ready">Seconds from the start of the process to its first result.</param>
/// <param name="PeakRss">Bytes.</param>
/// <param name="RunTime">Seconds of a run at the end of the warm-up; 0 where none was timed.</param>
/// <param name="Runs">Seconds of each timed run, in order.</param>
/// <param name="Allocated">Bytes of managed memory that the timed loop allocated.</param>
internal sealed record RestartFigures(double SessionCreation, double FirstInference, double Ready, long PeakRss, double RunTime, IReadOnlyList<double> Runs, long Allocated)
{
    /// <summary>Seconds of each timed run of the baseline, beside those of the model; empty where the model was timed alone.</summary>
    public IReadOnlyList<double> BaselineRuns { get; init; } = [];

    /// <summary>Seconds of each timed run for which its thread had a processor; empty where the model was timed alone or the system does not tell.</summary>
    public IReadOnlyList<double> ProcessorRuns { get; init; } = [];

    /// <summary>The same of the baseline's runs.</summary>
    public IReadOnlyList<double> ProcessorBaselineRuns { get; init; } = [];

    /// <summary>How often that thread gave its processor away by itself meanwhile, where those are known.</summary>
    public long GivenAway { get; init; }

    /// <summary>Seconds of all processors together that the hypervisor took while runs were timed; 0 where the system does not tell.</summary>
    public double Stolen { get; init; }

    /// <summary>Seconds that threads of the worker waited for a processor while runs were timed; 0 where the system does not tell.</summary>
    public double Waited { get; init; }

    /// <summary>Share of the time of the timed runs that others took.</summary>
    public double TakenByOthers => ShareTaken(Stolen, Waited, Runs.Sum());

    /// <summary>Inferences per second of all sessions together; 0 where not asked for.</summary>
    public double Throughput { get; init; }

    /// <summary>Float32 operations per second that the machine reached; 0 where not asked for.</summary>
    public double Peak { get; init; }

    /// <summary>Bytes per second that the machine read; 0 where not asked for.</summary>
    public double Bandwidth { get; init; }

    /// <summary>Share of the time of timed runs that others took; 0 where none were timed.</summary>
    /// <param name="stolen">Seconds that the hypervisor took meanwhile.</param>
    /// <param name="waited">Seconds of waiting for a processor meanwhile.</param>
    /// <param name="timed">Seconds of the runs.</param>
    public static double ShareTaken(double stolen, double waited, double timed) => timed > 0 ? (stolen + waited) / timed : 0;

    /// <summary>The value of a metric that a process has one of; null for any other.</summary>
    /// <param name="metric">The metric.</param>
    /// <param name="request">The request for the model that ran.</param>
    public double? Of(Metric metric, LatencyRequest request) => metric.Name switch
    {
        "startup.session_creation" => SessionCreation,
        "startup.first_inference" => FirstInference,
        "startup.ready" => Ready,
        "memory.peak_rss" => PeakRss,
        "memory.load_amplification" => PeakRss / (double)request.FileSize,
        "throughput" => Throughput,
        _ => null,
    };
}
