using System.Globalization;
using System.Text;
using ModelGate.Gating;

namespace ModelGate.Reporting;

/// <summary>
/// Workflow commands that GitHub turns into annotations on the pull request, then the outcome in a line.
/// A step may show ten annotations of a kind: the worst nine are shown, and a tenth says how many more there are.
/// </summary>
public static class GitHubReport
{
    private const int AnnotationsPerKind = 10;
    private const int LongestMessage = 4096; // the runner cuts what is longer

    /// <summary>Renders a report.</summary>
    /// <param name="report">The report.</param>
    /// <param name="workspace">Full path of the checked-out repository, which annotations name files from; empty where there is none.</param>
    /// <param name="folder">Full path of the folder that the report's relative paths start from.</param>
    public static string Render(Report report, string workspace = "", string folder = "")
    {
        var text = new StringBuilder();
        foreach (var severity in (ReadOnlySpan<Severity>)[Severity.Error, Severity.Warning])
            Annotate(text, WorstFirst(report, severity), severity, file => RelativeTo(workspace, folder, file));
        if (report.TimedOn is { } timedOn)
            text.Append(Plain(timedOn)).Append('\n');
        foreach (string note in report.TimingNotes)
            text.Append("Note: ").Append(Plain(note)).Append(".\n");
        text.Append("ModelGate: ").Append(Summary.Outcome(report)).Append(" (").Append(Summary.Counts(report)).Append(")\n");
        return text.ToString();
    }

    private static List<Diagnostic> WorstFirst(Report report, Severity severity)
    {
        var others = report.Diagnostics.Where(diagnostic => diagnostic.Severity == severity);
        var budgets = report.Budgets.Where(budget => budget.Diagnostic?.Severity == severity)
            .OrderByDescending(budget => budget.Verdict).ThenByDescending(Excess).Select(budget => budget.Diagnostic!);
        return [.. others.Concat(budgets)];
    }

    // How far beyond the limit, as a factor; what has no value ranks last among its like.
    private static double Excess(BudgetResult result) => result switch
    {
        { Measured: { } measured, Budget: { Metric.Direction: Measuring.Direction.LowerIsBetter, Limit.Value: > 0 and var limit } } => measured / limit,
        { Measured: > 0 and var measured, Budget: { Metric.Direction: Measuring.Direction.HigherIsBetter, Limit.Value: var limit } } => limit / measured,
        { Measured: not null } => double.PositiveInfinity,
        _ => 0,
    };

    private static void Annotate(StringBuilder text, List<Diagnostic> diagnostics, Severity severity, Func<string, string> nameOf)
    {
        int shown = diagnostics.Count <= AnnotationsPerKind ? diagnostics.Count : AnnotationsPerKind - 1;
        foreach (var diagnostic in diagnostics.Take(shown))
            Append(text, severity, diagnostic.At, nameOf, $"{diagnostic.Kind.Code}: {diagnostic.Kind.Title}", diagnostic.Message);
        if (diagnostics.Count > shown)
            Append(text, severity, null, nameOf, "ModelGate", $"{diagnostics.Count - shown} more {Summary.Name(severity)}s: see the job summary.");
    }

    private static void Append(StringBuilder text, Severity severity, SourceLocation? at, Func<string, string> nameOf, string title, string message)
    {
        text.Append("::").Append(Summary.Name(severity)).Append(' ');
        if (at is not null)
        {
            text.Append("file=").Append(Property(nameOf(at.File))).Append(',');
            if (at.Line > 0)
                text.Append(CultureInfo.InvariantCulture, $"line={at.Line},col={at.Column},");
        }

        string inert = Untrusted.Inert(message);
        text.Append("title=").Append(Property(title)).Append("::").Append(Data(inert.Length <= LongestMessage ? inert : inert[..LongestMessage])).Append('\n');
    }

    // Annotations name files from the root of the repository; a job may run in a folder below it.
    private static string RelativeTo(string workspace, string folder, string file) =>
        workspace.Length == 0 ? file : Path.GetRelativePath(workspace, Path.GetFullPath(file, folder)).Replace('\\', '/');

    private static string Data(string text) => text.Replace("%", "%25", StringComparison.Ordinal).Replace("\r", "%0D", StringComparison.Ordinal).Replace("\n", "%0A", StringComparison.Ordinal);

    private static string Property(string text) => Data(Untrusted.Inert(text)).Replace(":", "%3A", StringComparison.Ordinal).Replace(",", "%2C", StringComparison.Ordinal);

    // A line that the runner could take for a command is one that begins with "::" or holds "##[".
    private static string Plain(string text) => Untrusted.Inert(text).Replace("::", ": :", StringComparison.Ordinal).Replace("##[", "## [", StringComparison.Ordinal);
}
