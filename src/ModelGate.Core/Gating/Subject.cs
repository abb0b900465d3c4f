using ModelGate.Measuring;
using ModelGate.Policies;

namespace ModelGate.Gating;

/// <summary>Something that has budgets, with what was measured of it: a model, all models together, or a package.</summary>
/// <param name="Name">What reports call it.</param>
/// <param name="Path">Path relative to the policy's folder, with forward slashes; null for the total.</param>
/// <param name="Budgets">Its budgets, in the order of the policy.</param>
/// <param name="Measurements">One per metric whose value a budget limits.</param>
public sealed record Subject(string Name, string? Path, IReadOnlyList<Budget> Budgets, IReadOnlyList<Measurement> Measurements)
{
    /// <summary>The path as a command in the user's current folder takes it; null where that is not known, and the path from the policy's folder has to do.</summary>
    public string? Argument { get; init; }

    /// <summary>What it is beside its baseline: one per metric whose increase a budget limits.</summary>
    public IReadOnlyList<Measurement> Increases { get; init; } = [];

    /// <summary>Why it weighs more than its baseline, tensor by tensor; null where the two were not weighed against each other.</summary>
    public WeightGrowth? Growth { get; init; }

    /// <summary>Of all models together, those that weigh more than their baselines; empty where the total does not, or of a single model.</summary>
    public IReadOnlyList<ModelGrowth> Grown { get; init; } = [];

    /// <summary>What would make it smaller, for budgets on its size that it is over; empty where none is, or nothing would.</summary>
    public IReadOnlyList<Remedy> Remedies { get; init; } = [];
}
