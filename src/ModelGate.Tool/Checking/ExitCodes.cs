using ModelGate.Gating;
using ModelGate.Reporting;

namespace ModelGate.Tool.Checking;

/// <summary>From what a report says to how the process ends: the one place.</summary>
internal static class ExitCodes
{
    /// <summary>The exit code of a report, worst class that still says most: a wrong policy judges nothing, and a breach is a fact whatever else could not be judged.</summary>
    public static ExitCode Of(Report report)
    {
        if (report.HasError("MG9"))
            return ExitCode.Internal;
        if (report.HasError("MG2"))
            return ExitCode.PolicyOrUsage;
        return report.Verdict switch
        {
            Verdict.Breach => ExitCode.Breach,
            Verdict.Unmeasured => ExitCode.NotJudged,
            _ when report.Budgets.Any(budget => budget is { Verdict: Verdict.Inconclusive, Diagnostic.Severity: Severity.Error }) => ExitCode.NotJudged,
            _ => ExitCode.Pass,
        };
    }
}
