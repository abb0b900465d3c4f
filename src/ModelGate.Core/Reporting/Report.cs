using ModelGate.Gating;
using ModelGate.Measuring;

namespace ModelGate.Reporting;

/// <summary>A model that was run at several sizes.</summary>
/// <param name="Model">Its name.</param>
/// <param name="Sweep">What it costs at each.</param>
public sealed record SweptModel(string Model, SweepResult Sweep);

/// <summary>Everything a report may tell of one run of the gate. Reporters decide nothing: each is a pure function of this.</summary>
public sealed record Report
{
    /// <summary>Version of ModelGate.</summary>
    public required string ToolVersion { get; init; }

    /// <summary>Path of the policy, as it was asked for.</summary>
    public required string PolicyPath { get; init; }

    /// <summary>The verdict of the whole run: the worst of its budgets and diagnostics.</summary>
    public required Verdict Verdict { get; init; }

    /// <summary>Every budget, judged, in the order of the policy.</summary>
    public IReadOnlyList<BudgetResult> Budgets { get; init; } = [];

    /// <summary>What else there is to say: errors of the policy, entries that matched nothing, models without a budget.</summary>
    public IReadOnlyList<Diagnostic> Diagnostics { get; init; } = [];

    /// <summary>True where there is an error, of a budget or of none, in a class of diagnostics such as <c>MG2</c>.</summary>
    public bool HasError(string classOfCodes) =>
        Diagnostics.Concat(Budgets.Select(static budget => budget.Diagnostic).OfType<Diagnostic>())
            .Any(diagnostic => diagnostic.Severity == Severity.Error && diagnostic.Kind.Code.StartsWith(classOfCodes, StringComparison.Ordinal));

    /// <summary>The machine; null where nothing was timed.</summary>
    public Machine? Machine { get; init; }

    /// <summary>What disturbed the timing, in plain words.</summary>
    public IReadOnlyList<string> TimingNotes { get; init; } = [];

    /// <summary>What models cost over the dimensions that were swept.</summary>
    public IReadOnlyList<SweptModel> Sweeps { get; init; } = [];

    /// <summary>The runtime that was timed; null where nothing was timed.</summary>
    public RuntimeInfo? Runtime { get; init; }

    /// <summary>The machine and the runtime of the timings in one line; null where nothing was timed.</summary>
    public string? TimedOn => Summary.TimedOn(Machine, Runtime);
}
