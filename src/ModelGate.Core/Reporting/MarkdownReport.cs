using System.Globalization;
using System.Text;
using ModelGate.Gating;
using ModelGate.Measuring;
using ModelGate.Policies;

namespace ModelGate.Reporting;

/// <summary>The report for a pull request or a job summary: one table per model, worst news first.</summary>
public static class MarkdownReport
{
    /// <summary>Renders a report.</summary>
    public static string Render(Report report)
    {
        var text = new StringBuilder();
        text.Append("## ModelGate: ").Append(Icon(report.Verdict)).Append(' ').Append(Summary.Outcome(report)).Append("\n\n");
        text.Append(Summary.Counts(report)).Append(" · policy ").Append(Untrusted.Markdown(report.PolicyPath)).Append("\n\n");
        foreach (var diagnostic in report.Diagnostics)
            AppendTold(text, diagnostic);
        if (report.Diagnostics.Count > 0)
            text.Append('\n');

        foreach (var subject in report.Budgets.GroupBy(budget => (budget.Subject, budget.Path)))
            AppendSubject(text, subject.Key.Subject, subject.Key.Path, subject);
        foreach (var (model, sweep) in report.Sweeps)
            InspectionMarkdown.Append(text, SweepTable.Of(sweep, model));
        if (report.TimedOn is { } timedOn)
            text.Append(Untrusted.Markdown(timedOn)).Append(".\n\n");
        foreach (string note in report.TimingNotes)
            text.Append("Note: ").Append(Untrusted.Markdown(note)).Append(".\n\n");
        text.Append("<sub>ModelGate ").Append(Untrusted.Markdown(report.ToolVersion)).Append("</sub>\n");
        return text.ToString();
    }

    private static void AppendSubject(StringBuilder text, string name, string? path, IEnumerable<BudgetResult> budgets)
    {
        text.Append("### ").Append(Untrusted.Markdown(name));
        if (path is not null && path != name)
            text.Append(" · ").Append(Untrusted.Markdown(path));
        text.Append("\n\n| | metric | measured | limit | used |\n|---|---|--:|--:|--:|\n");
        List<Diagnostic> told = [];
        foreach (var budget in budgets)
        {
            AppendRow(text, budget);
            if (budget.Diagnostic is { } diagnostic)
                told.Add(diagnostic);
        }

        text.Append('\n');
        foreach (var diagnostic in told.OrderByDescending(each => each.Severity))
            AppendTold(text, diagnostic);
        if (told.Count > 0)
            text.Append('\n');
    }

    private static void AppendRow(StringBuilder text, BudgetResult budget)
    {
        string measured = Figures.Measured(budget) ?? "–";
        if (budget.Interval is { } interval)
            measured += $" ({Figures.End(budget, interval.Low)} – {Figures.End(budget, interval.High)})";
        string bound = budget.Budget.Metric.Direction == Direction.LowerIsBetter ? "≤" : "≥";
        string icon = budget.Diagnostic?.Kind == Diagnostics.NearLimit ? "⚠️ near" : $"{Icon(budget.Verdict)} {Summary.Name(budget.Verdict)}";
        text.Append(CultureInfo.InvariantCulture, $"| {icon} | `{budget.Budget.Metric}` | {measured} | {bound} {Untrusted.Markdown(Figures.Limit(budget.Budget))} | {Used(budget)} |\n");
    }

    private static string Used(BudgetResult budget) => Figures.Used(budget) is { } used ? (used * 100).ToString("0", CultureInfo.InvariantCulture) + " %" : "–";

    private static void AppendTold(StringBuilder text, Diagnostic diagnostic)
    {
        text.Append("- **").Append(diagnostic.Kind.Code).Append("** ").Append(Untrusted.Markdown(diagnostic.Message));
        if (diagnostic.At is { } at)
            text.Append(CultureInfo.InvariantCulture, $" ({Untrusted.Markdown(at.File)}{(at.Line > 0 ? $":{at.Line}" : "")})");
        text.Append('\n');
    }

    private static string Icon(Verdict verdict) => verdict switch
    {
        Verdict.Pass => "✅",
        Verdict.Breach => "❌",
        Verdict.Inconclusive => "❔",
        Verdict.Deferred => "⏸️",
        _ => "🚫",
    };
}
