using ModelGate.Compressing;
using ModelGate.Gating;
using ModelGate.Measuring;

namespace ModelGate.Advising;

/// <summary>A form in which a model could ship: as it is, or compressed by a scheme. What was not measured is null.</summary>
/// <param name="Name">Name of the scheme; "as shipped" for the model itself.</param>
/// <param name="Scheme">The scheme; null for the model itself.</param>
public sealed record Candidate(string Name, Scheme? Scheme)
{
    /// <summary>What the model itself is called.</summary>
    public const string AsShipped = "as shipped";

    // Of two times, as far as a first look can tell them apart.
    private const double Equal = 1.05;

    /// <summary>Why the scheme cannot be applied; null where it can.</summary>
    public string? Obstacle { get; init; }

    /// <summary>Bytes on disk, external data included.</summary>
    public long Size { get; init; }

    /// <summary>Bytes once compressed with brotli.</summary>
    public double? OnWire { get; init; }

    /// <summary>Signal-to-quantization-noise ratio of the converted weights in dB; infinite where none changes.</summary>
    public double WeightSqnr { get; init; } = double.PositiveInfinity;

    /// <summary>What its outputs have in common with the model's; null where they were not compared.</summary>
    public ModelFidelity? Fidelity { get; init; }

    /// <summary>Why it could not be run or compared.</summary>
    public WorkerFailure? Failure { get; init; }

    /// <summary>Its time beside the model's, in turns.</summary>
    public Measurement.Compared? Time { get; init; }

    /// <summary>Seconds of an inference.</summary>
    public double? Latency { get; init; }

    /// <summary>Bytes of resident memory at most.</summary>
    public double? PeakMemory { get; init; }

    /// <summary>What it asks of any hardware; null where no target was asked about.</summary>
    public ModelDemand? Demand { get; init; }

    /// <summary>The budgets that could be judged of it.</summary>
    public IReadOnlyList<BudgetResult> Budgets { get; init; } = [];

    /// <summary>Fidelity in dB by which candidates are ranked: of the outputs where they were compared, else of the weights.</summary>
    public double Decibels => Scheme is null ? double.PositiveInfinity : Fidelity is { Obstacle: null } fidelity ? fidelity.Total.Sqnr : WeightSqnr;

    /// <summary>How many times as long as the model it takes; null where it was not timed.</summary>
    public double? TimeRatio => Scheme is null ? 1 : Time is { } time ? Math.Exp(time.LogRatios.Average()) : null;

    /// <summary>True where it could ship: it can be made, and what was run of it ran.</summary>
    public bool IsWhole => Obstacle is null && Failure is null && Fidelity?.Obstacle is null;

    /// <summary>True where it keeps every budget that could be judged.</summary>
    public bool MeetsBudgets => IsWhole && Budgets.All(static budget => budget.Verdict is Verdict.Pass or Verdict.Deferred);

    /// <summary>True where another one is at least as good in size, fidelity and time. Times that differ by less than a twentieth count as equal.</summary>
    public bool IsNoBetterThan(Candidate other) => other.IsWhole && other.Size <= Size && other.Decibels >= Decibels && !(TimeRatio * Equal < other.TimeRatio);
}
