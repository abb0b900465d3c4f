using ModelGate.Measuring;
using ModelGate.Policies;

namespace ModelGate.Tool.Checking;

/// <summary>What a door asks of a run of the gate. Limits are the policy's; a door passes paths and switches only.</summary>
internal sealed record CheckOptions
{
    /// <summary>The package to judge as well; null where there is none at hand.</summary>
    public string? Package { get; init; }

    /// <summary>False to run no model: budgets that need it are deferred.</summary>
    public bool RunsModels { get; init; } = true;

    /// <summary>The model files that a build deploys; null to look for the policy's patterns on disk.</summary>
    public IReadOnlyList<ModelCandidate>? Deployed { get; init; }

    /// <summary>Finds the runtime to time models with; asked only where one must be timed.</summary>
    public required Func<RuntimeSearch> FindRuntime { get; init; }

    /// <summary>Told how timing a model goes: its name, the policy's confidence, how far it is.</summary>
    public Action<string, double, LatencyProgress>? Progress { get; init; }

    /// <summary>Told how much of the bytes that are to be read or compressed has been, as a fraction; called from several threads.</summary>
    public Action<double>? Compressing { get; init; }

    /// <summary>Times a model; by default in worker processes. A door that keeps what was timed answers from there.</summary>
    public Func<LatencyRequest, Func<Measurement.Sampled, bool>, Action<LatencyProgress>?, CancellationToken, LatencyResult> TimeModel { get; init; } =
        (request, settled, progress, cancellation) => LatencyMeasuring.Measure(request, ToolFiles.WorkerHost(), settled, progress, cancellation);

    /// <summary>Times a model against its baseline; by default in worker processes.</summary>
    public Func<LatencyRequest, BaselineModel, Func<Measurement.Compared, bool>, Action<LatencyProgress>?, CancellationToken, LatencyResult> CompareModels { get; init; } =
        (request, baseline, settled, progress, cancellation) => ComparisonMeasuring.Measure(request, baseline, ToolFiles.WorkerHost(), settled, progress, cancellation);
}
