using System.Globalization;
using ModelGate.Advising;
using ModelGate.Gating;
using ModelGate.Measuring;
using ModelGate.Policies;

namespace ModelGate.Reporting;

/// <summary>The words and figures that every report of an advice shares.</summary>
internal static class AdviceTable
{
    /// <summary>Headings of the columns, one for each cell of a row.</summary>
    public static readonly IReadOnlyList<string> Columns = ["scheme", "size", "on wire", "weights", "outputs", "top-1", "time", "memory"];

    /// <summary>The cells of a candidate; a dash for what is not known.</summary>
    public static string[] Row(Candidate candidate)
    {
        bool isMade = candidate.Obstacle is null;
        var total = candidate.Fidelity is { Obstacle: null } fidelity ? fidelity.Total : null;
        return
        [
            candidate.Name,
            isMade ? Quantity.Format(candidate.Size, Unit.Bytes) : "-",
            candidate.OnWire is { } wire ? Quantity.Format(wire, Unit.Bytes) : "-",
            candidate.Scheme is null || !isMade ? "-" : Decibels(candidate.WeightSqnr),
            total is null ? "-" : total.Cosine.ToString("0.000000", CultureInfo.InvariantCulture),
            total?.Top1 is { } top1 ? Quantity.Percent(top1, "0.#") : "-",
            candidate.TimeRatio is { } ratio && (candidate.Scheme is not null || candidate.Latency is not null) ? ratio.ToString("0.00", CultureInfo.InvariantCulture) : "-",
            candidate.PeakMemory is { } memory ? Quantity.Format(memory, Unit.Bytes) : "-",
        ];
    }

    /// <summary>What there is to say of a candidate, in sentences without its name.</summary>
    public static IEnumerable<string> Remarks(Advice advice, Candidate candidate)
    {
        if (candidate.Obstacle is { } obstacle)
            yield return $"cannot be made: {obstacle}";
        if (candidate.Failure is { } failure)
            yield return $"does not run: {failure.Kind.Code}: {failure.Reason.TrimEnd('.')}";
        if (candidate.Fidelity?.Obstacle is { } apart)
            yield return apart;
        if (advice.WhyNot(candidate) is { } why)
            yield return why;
        if (candidate.Obstacle is null && advice.DominatorOf(candidate) is { } better)
            yield return $"dominated by {better.Name}";
        foreach (var budget in candidate.Budgets)
        {
            if (budget.Verdict is not (Verdict.Pass or Verdict.Deferred))
                yield return $"breaks {budget.Budget.Metric}: {(Figures.Measured(budget) is { } measured ? $"{measured}, limit {budget.Budget.Limit.Text}" : budget.Reason)}";
        }
    }

    /// <summary>What to do, in sentences.</summary>
    public static IEnumerable<string> Conclusions(Advice advice)
    {
        if (advice.HasBudgets)
        {
            yield return advice.Choice switch
            {
                null => "No candidate meets every budget.",
                { Scheme: null } => "The model meets every budget as it is.",
                { Scheme: { } scheme } => $"The smallest change that meets every budget is {scheme.Name}: `modelgate compress {ShellArgument.Of(advice.Model)} --to {scheme.Name} -o {ShellArgument.Of(CompressedCopy.NameFor(advice.Model, scheme))}`.",
            };
        }

        if (advice.NotJudged.Count > 0)
            yield return $"Not judged here: {string.Join(", ", advice.NotJudged)}; `modelgate check` judges them on the model that ships.";
        if (Steps(advice) is { Length: > 0 } steps)
            yield return $"Each step of the frontier: {steps}.";
        if (advice.Candidates.Select(static candidate => candidate.Fidelity).OfType<ModelFidelity>().FirstOrDefault() is { } fidelity)
            yield return $"Outputs compared on {fidelity.Inputs}{(fidelity.SampleFile is null ? "; real samples tell more (--samples FILE.npz)" : "")}.";
    }

    /// <summary>A ratio of signal to error in dB, or that there is no error; a dash where there is no signal.</summary>
    public static string Decibels(double value) =>
        double.IsPositiveInfinity(value) ? "exact" : double.IsFinite(value) ? value.ToString("0.0", CultureInfo.InvariantCulture) + " dB" : "-";

    // The diminishing returns in words: what each step saves and what it loses.
    private static string Steps(Advice advice)
    {
        List<string> steps = [];
        Candidate? before = null;
        foreach (var candidate in advice.Frontier)
        {
            if (before is not null)
            {
                string lost = !double.IsFinite(before.Decibels) || !double.IsFinite(candidate.Decibels) ? $"at {Decibels(candidate.Decibels)}"
                    : candidate.Decibels > before.Decibels ? $"and gains {Decibels(candidate.Decibels - before.Decibels)}"
                    : $"for {Decibels(before.Decibels - candidate.Decibels)} less";
                steps.Add(before.Size == candidate.Size ? $"{candidate.Name} is faster {lost}" : $"{candidate.Name} saves {Quantity.Format(before.Size - candidate.Size, Unit.Bytes)}{(steps.Count == 0 ? "" : " more")} {lost}");
            }

            before = candidate;
        }

        return string.Join("; ", steps);
    }
}
