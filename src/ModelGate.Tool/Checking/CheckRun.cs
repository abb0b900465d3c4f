using ModelGate.Gating;
using ModelGate.Measuring;
using ModelGate.Policies;
using ModelGate.Reporting;

namespace ModelGate.Tool.Checking;

/// <summary>What a run of the gate led to.</summary>
/// <param name="Report">What there is to report.</param>
/// <param name="Files">Full paths of everything the verdict rests on: policy, models, external data, package.</param>
/// <param name="UsedRuntime">True where the verdict also rests on the runtime and the machine.</param>
internal sealed record CheckOutcome(Report Report, IReadOnlyList<string> Files, bool UsedRuntime);

/// <summary>The straight line, wired: policy → measure → judge → report.</summary>
internal static class CheckRun
{
    /// <summary>Judges a policy. Whatever is wrong with policy or models is in the report.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled while a model was timed.</exception>
    public static CheckOutcome Execute(string policyPath, CheckOptions options, CancellationToken cancellation)
    {
        var reading = PolicyReader.Read(policyPath, ToolFiles.Version);
        if (reading.Policy is not { } policy)
            return new(Report(policyPath, [], reading.Diagnostics), [Path.GetFullPath(policyPath)], UsedRuntime: false);

        var selection = options.Deployed is { } deployed ? ModelSelection.FromDeployment(policy, deployed) : ModelSelection.FromDisk(policy);
        var measuring = new SubjectMeasuring(policy, options, PackagesOf(policy, options), cancellation);
        List<Diagnostic> diagnostics = [.. selection.Diagnostics];
        List<BudgetResult> budgets = [];
        foreach (var entry in policy.Models)
        {
            foreach (var model in selection.Models)
            {
                if (ReferenceEquals(model.Entry, entry))
                    Judge(measuring.Model(model));
            }

            if (options.Deployed is not null && selection.EntriesWithoutModel.Contains(entry))
                Judge(NotDeployed(entry));
        }

        if (policy.Total is { } total && selection.Models.Count > 0)
            Judge(measuring.Total(total, selection.Models));
        if (policy.Package is { } group)
        {
            foreach (var package in measuring.Packages(group))
                Judge(package);
        }

        if (budgets.Count == 0 && !diagnostics.Exists(diagnostic => diagnostic.Severity == Severity.Error))
            diagnostics.Add(new(Diagnostics.NothingMatched, new SourceLocation(policyPath), "The policy has no budget for anything that is here, and nothing judged is not a pass. Give the models that are here an entry under `models:`."));

        return new(
            Report(policyPath, budgets, diagnostics) with { Machine = measuring.Runtime is null ? null : measuring.Machine, Runtime = measuring.Runtime, TimingNotes = measuring.TimingNotes, Sweeps = measuring.Sweeps },
            measuring.Files, measuring.UsedRuntime);

        void Judge(Subject subject)
        {
            diagnostics.AddRange(Gate.Remarks(subject, policy.Benchmark));
            budgets.AddRange(Gate.Judge(subject, policy.Benchmark));
        }
    }

    /// <summary>What there is to report where no policy was found.</summary>
    public static Report WithoutPolicy(string folder) => Report("modelgate.yml", [],
        [new(Diagnostics.PolicyNotFound, null, $"There is no modelgate.yml in {folder} or above it. Run `modelgate init` to write one, or name it: `modelgate check path/to/modelgate.yml`.")]);

    // The door's own package, else, for a door that looks at the disk, what the policy's pattern finds there.
    private static IReadOnlyList<string> PackagesOf(Policy policy, CheckOptions options) =>
        options.Package is { } package ? [package]
            : options.Deployed is null && policy.Package?.Path is { } path ? ModelSelection.FilesOnDisk(policy, path)
            : [];

    private static Report Report(string policyPath, IReadOnlyList<BudgetResult> budgets, IReadOnlyList<Diagnostic> diagnostics) => new()
    {
        ToolVersion = ToolFiles.Version,
        PolicyPath = policyPath,
        Verdict = Gate.Overall(budgets, diagnostics),
        Budgets = budgets,
        Diagnostics = diagnostics,
    };

    private static Subject NotDeployed(ModelEntry entry)
    {
        Measurement[] postponed = [.. entry.Budgets.Select(budget => new Measurement.Postponed(budget.Metric, $"this project deploys no model that `{entry.Path.Text}` matches"))];
        return new(entry.Name ?? entry.Path.Value, entry.Path.Value, entry.Budgets, postponed) { Increases = postponed };
    }
}
