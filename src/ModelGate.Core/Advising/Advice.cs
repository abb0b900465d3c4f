using ModelGate.Gating;
using ModelGate.Measuring;

namespace ModelGate.Advising;

/// <summary>The forms in which a model could ship, measured side by side.</summary>
/// <param name="Model">Path of the model, as it was asked for.</param>
/// <param name="Candidates">The model as it is, then one per scheme.</param>
/// <param name="Confidence">Confidence at which a candidate is called slower, per side.</param>
public sealed record Advice(string Model, IReadOnlyList<Candidate> Candidates, double Confidence)
{
    /// <summary>Budgets of the model that say nothing about candidates here; another command judges them.</summary>
    public IReadOnlyList<string> NotJudged { get; init; } = [];

    /// <summary>True where the model has budgets to meet.</summary>
    public bool HasBudgets { get; init; }

    /// <summary>Hardware that every candidate is held against; empty where none was asked about.</summary>
    public IReadOnlyList<Target> Targets { get; init; } = [];

    /// <summary>The runtime that ran the candidates; null where none did.</summary>
    public RuntimeInfo? Runtime { get; init; }

    // A few percent are a fair price for half of the size; past this it is slow.
    private const double SlowerBy = 1.05;

    /// <summary>The model as it is.</summary>
    public Candidate AsShipped => Candidates[0];

    /// <summary>The candidate that meets every budget with the smallest change to the weights; null where none does, or there is none to meet.</summary>
    public Candidate? Choice => HasBudgets ? Candidates.Where(static candidate => candidate.MeetsBudgets).OrderByDescending(static candidate => candidate.WeightSqnr).FirstOrDefault() : null;

    /// <summary>Those that no other one dominates, from the largest to the smallest.</summary>
    public IReadOnlyList<Candidate> Frontier => [.. Candidates.Where(candidate => candidate.IsWhole && DominatorOf(candidate) is null).OrderByDescending(static candidate => candidate.Size).ThenByDescending(static candidate => candidate.Decibels)];

    /// <summary>Who dominates a candidate: is no worse in size, fidelity and time, and better in one, or as good and listed before it. Null where nobody does.</summary>
    public Candidate? DominatorOf(Candidate candidate)
    {
        bool isListedBefore = true;
        foreach (var other in Candidates)
        {
            if (ReferenceEquals(other, candidate))
                isListedBefore = false;
            else if (candidate.IsNoBetterThan(other) && (isListedBefore || !other.IsNoBetterThan(candidate)))
                return other;
        }

        return null;
    }

    /// <summary>Why a candidate does not pay, in words; null where it does or that is not known.</summary>
    public string? WhyNot(Candidate candidate)
    {
        if (candidate.Scheme is null || candidate.Obstacle is not null)
            return null;
        if (candidate.Size >= AsShipped.Size)
            return "does not pay: it is not smaller";
        return candidate.Time is { } time && SpeedupJudgement.WithoutLimit(time.LogRatios, Confidence) is { Interval: { High: < 1 / SlowerBy } } ? "slower: does not pay on this CPU" : null;
    }
}
