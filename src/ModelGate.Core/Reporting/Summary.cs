using System.Globalization;
using ModelGate.Gating;
using ModelGate.Measuring;

namespace ModelGate.Reporting;

/// <summary>The words that every report shares.</summary>
internal static class Summary
{
    /// <summary>"2 breached, 5 passed, 1 of them near the limit, 1 deferred": the verdicts that occur, worst first.</summary>
    public static string Counts(Report report)
    {
        List<string> parts = [];
        Add(Verdict.Breach, "breached");
        Add(Verdict.Unmeasured, "unmeasured");
        Add(Verdict.Inconclusive, "inconclusive");
        Add(Verdict.Pass, "passed");
        AddNear();
        Add(Verdict.Deferred, "deferred");
        return parts.Count == 0 ? "No budget was judged" : string.Join(", ", parts);

        void Add(Verdict verdict, string word)
        {
            int count = 0;
            foreach (var budget in report.Budgets)
                count += budget.Verdict == verdict ? 1 : 0;
            if (count > 0)
                parts.Add($"{count} {word}");
        }

        void AddNear()
        {
            int count = 0;
            foreach (var budget in report.Budgets)
                count += budget.Verdict == Verdict.Pass && budget.Diagnostic?.Kind == Diagnostics.NearLimit ? 1 : 0;
            if (count > 0)
                parts.Add($"{count} of them near the limit");
        }
    }

    /// <summary>Everything there is to tell, budgets and the rest, errors first; within a severity in the order of the policy.</summary>
    public static List<Diagnostic> Told(Report report)
    {
        List<Diagnostic> told = [];
        Severity[] worstFirst = [Severity.Error, Severity.Warning, Severity.Note];
        foreach (var severity in worstFirst)
        {
            foreach (var diagnostic in report.Diagnostics)
                Add(diagnostic, severity);
            foreach (var budget in report.Budgets)
                Add(budget.Diagnostic, severity);
        }

        return told;

        void Add(Diagnostic? diagnostic, Severity severity)
        {
            if (diagnostic?.Severity == severity)
                told.Add(diagnostic);
        }
    }

    /// <summary>A machine and a runtime in one line, or null where one of them is missing.</summary>
    public static string? TimedOn(Machine? machine, RuntimeInfo? runtime) => machine is not null && runtime is not null
        ? $"Timed on {machine.Cpu}, {machine.Cores} {(machine.Cores == 1 ? "core" : "cores")}{(machine.UsableCores < machine.Cores ? string.Create(CultureInfo.InvariantCulture, $" ({machine.UsableCores:0.##} usable)") : "")}, {machine.Os} {machine.Architecture}, "
            + $"with ONNX Runtime {runtime.Version} ({runtime.Package}), provider {runtime.Provider}, {runtime.IntraOpThreads} intra-op and {runtime.InterOpThreads} inter-op {(runtime.InterOpThreads == 1 ? "thread" : "threads")}, graph optimization {runtime.OptimizationLevel}"
        : null;

    /// <summary>How a run ended, in one word that every report and the Action's output share: its verdict, or what kept it from having one.</summary>
    public static string Outcome(Report report) => report.HasError("MG9") ? "error" : report.HasError("MG2") ? "invalid" : Name(report.Verdict);

    /// <summary>The name of a verdict in reports.</summary>
    public static string Name(Verdict verdict) => verdict switch
    {
        Verdict.Pass => "pass",
        Verdict.Breach => "breach",
        Verdict.Inconclusive => "inconclusive",
        Verdict.Deferred => "deferred",
        _ => "unmeasured",
    };

    /// <summary>The name of a severity in reports.</summary>
    public static string Name(Severity severity) => severity switch
    {
        Severity.Error => "error",
        Severity.Warning => "warning",
        _ => "note",
    };
}
