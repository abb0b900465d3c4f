using ModelGate.Models;

namespace ModelGate.Measuring;

/// <summary>The model whose outputs are taken to be right, and what both models are run on.</summary>
/// <param name="Path">Full path.</param>
/// <param name="Structure">Its structure; null where its format is not read.</param>
public sealed record ReferenceModel(string Path, ModelFile? Structure)
{
    /// <summary>Full path of a .npz file of samples; null to make inputs.</summary>
    public string? Samples { get; init; }

    /// <summary>Inputs to make where there are no samples.</summary>
    public int Count { get; init; } = 16;
}

/// <summary>What running two models on the same inputs led to: one of the first two is set.</summary>
/// <param name="Fidelity">What their outputs have in common.</param>
/// <param name="Failure">Why that is not known.</param>
/// <param name="Runtime">The runtime that ran them; null where none was loaded.</param>
public sealed record OutputResult(ModelFidelity? Fidelity, WorkerFailure? Failure, RuntimeInfo? Runtime)
{
    /// <summary>What is to be known of the inputs that they were run on, in plain words.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}

/// <summary>Runs two models on the same inputs in a worker process and tells what their outputs have in common. The same request gives the same figures.</summary>
public static class OutputMeasuring
{
    /// <summary>Compares the outputs of a model with those of another one. Whatever the models do, this returns.</summary>
    /// <param name="request">The model, and how to feed both; its metrics are of no account.</param>
    /// <param name="reference">The other model.</param>
    /// <param name="host">How to start a worker.</param>
    /// <param name="cancellation">Ends it; no process is left behind.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static OutputResult Measure(LatencyRequest request, ReferenceModel reference, WorkerHost host, CancellationToken cancellation)
    {
        using var turn = Turn.Take(request, progress: null, cancellation);
        if ((turn.Failure ?? Obstacle(reference)) is { } failure)
            return new(null, failure, null);
        var order = WorkerOrders.Of(request, turn.Location) with
        {
            Inputs = WorkerInputs.Of(request, reference.Structure),
            Fidelity = new(reference.Path, reference.Count) { Samples = reference.Samples },
        };
        var restart = WorkerProcess.Run(host, order, new(request.Benchmark.MaxTime, request.MemoryCap, static (_, _) => null), cancellation);
        string? open = restart.Fidelity is null || reference.Samples is not null ? null : OpenDimensions.Note(request, reference.Structure);
        return new(restart.Fidelity, turn.Note(restart) ?? restart.Failure, turn.Runtime) { Notes = open is null ? [] : [open] };
    }

    private static WorkerFailure? Obstacle(ReferenceModel reference) => reference.Structure switch
    {
        { Format: not (ModelFormat.Onnx or ModelFormat.OrtFormat) } => new(Diagnostics.FormatNotMeasurable, "ONNX Runtime runs .onnx and .ort models, and the other model is another kind."),
        { ForeignOperator: { } foreign } => new(Diagnostics.ModelAsksForCode, $"the operator {foreign} of the other model needs code that no runtime brings along, and ModelGate loads none for a model."),
        _ => null,
    };
}
