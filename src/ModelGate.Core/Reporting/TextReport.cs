using System.Globalization;
using System.Text;
using ModelGate.Gating;
using ModelGate.Measuring;
using ModelGate.Policies;

namespace ModelGate.Reporting;

/// <summary>The report a person reads in a terminal: per model a line for each budget, then what went wrong with its place in the policy, then the outcome.</summary>
public static class TextReport
{
    private const int WidthOfShare = 7;

    /// <summary>Renders a report.</summary>
    public static string Render(Report report, TextStyle style)
    {
        var text = new StringBuilder();
        var page = new Page(text, style);
        page.Line($"{page.Paint(Tone.Strong, "ModelGate")} {report.ToolVersion}  {Untrusted.Inert(report.PolicyPath)}");

        var rows = new Row[report.Budgets.Count];
        for (int index = 0; index < rows.Length; index++)
            rows[index] = Row.Of(report.Budgets[index]);
        var widths = Widths.Of(rows);
        BudgetResult? before = null;
        for (int index = 0; index < rows.Length; index++)
        {
            var budget = report.Budgets[index];
            if (before is null || before.Subject != budget.Subject || before.Path != budget.Path)
                page.Line().Line(Heading(page, budget));
            before = budget;
            page.Line(Line(page, rows[index], widths, hasBars: widths.WithBar <= style.Width));
            if (RestartBox.Of(budget, style.Unicode) is { } box)
                page.Line(new string(' ', widths.Verdict + 4) + page.Paint(Tone.Faint, box));
        }

        foreach (var (model, sweep) in report.Sweeps)
            AlignedTable.Append(text, SweepTable.Of(sweep, model));

        var told = Summary.Told(report).FindAll(diagnostic => diagnostic.Kind != Diagnostics.Deferred);
        if (told.Count > 0)
            page.Line();
        foreach (var diagnostic in told)
            page.Line(page.Paint(ToneOf(diagnostic.Severity), MSBuildReport.Line(diagnostic)));

        if (report.TimedOn is { } timedOn)
            page.Line().Line(page.Paint(Tone.Faint, Untrusted.Inert(timedOn)));
        foreach (string note in report.TimingNotes)
            page.Line(page.Paint(Tone.Faint, $"Note: {Untrusted.Inert(note)}."));
        page.Line().Line($"{page.Paint(ToneOf(report.Verdict), Summary.Outcome(report).ToUpperInvariant())}  {Summary.Counts(report)}");
        return text.ToString();
    }

    private static string Heading(Page page, BudgetResult budget)
    {
        string name = Untrusted.Inert(budget.Subject);
        string path = budget.Path is null || budget.Path == budget.Subject ? "" : "  " + page.Paint(Tone.Faint, Untrusted.Inert(budget.Path));
        return page.Paint(Tone.Strong, name) + path;
    }

    private static string Line(Page page, Row row, Widths widths, bool hasBars)
    {
        var line = new StringBuilder("  ");
        line.Append(page.Paint(row.Tone, row.Verdict.PadRight(widths.Verdict))).Append("  ");
        line.Append(row.Metric.PadRight(widths.Metric)).Append("  ");
        line.Append(row.Measured.PadLeft(widths.Measured)).Append("  ");
        line.Append(page.Paint(Tone.Faint, row.Limit.PadRight(widths.Limit)));
        if (row.Used is { } used)
            line.Append("  ").Append(hasBars ? page.Paint(row.Tone, page.Bar(used)) + " " : "").Append(Percent(used).PadLeft(WidthOfShare));
        else if (row.Note.Length > 0)
            line.Append("  ").Append(page.Paint(Tone.Faint, Untrusted.Inert(row.Note)));
        return line.ToString().TrimEnd();
    }

    private static string Percent(double share) => share < 9.995
        ? (share * 100).ToString("0", CultureInfo.InvariantCulture) + " %"
        : share.ToString("N0", CultureInfo.InvariantCulture) + " x";

    private static Tone ToneOf(Severity severity) => severity switch
    {
        Severity.Error => Tone.Bad,
        Severity.Warning => Tone.Warning,
        _ => Tone.Faint,
    };

    private static Tone ToneOf(Verdict verdict) => verdict switch
    {
        Verdict.Pass => Tone.Good,
        Verdict.Inconclusive => Tone.Warning,
        Verdict.Deferred => Tone.Faint,
        _ => Tone.Bad,
    };

    private sealed record Row(string Verdict, string Metric, string Measured, string Limit, double? Used, string Note, Tone Tone)
    {
        public static Row Of(BudgetResult result)
        {
            bool near = result.Diagnostic?.Kind == Diagnostics.NearLimit;
            string measured = Figures.Measured(result) ?? "-";
            if (result.Interval is { } interval)
                measured += $" [{Figures.End(result, interval.Low)}, {Figures.End(result, interval.High)}]";
            string bound = result.Budget.Metric.Direction == Direction.LowerIsBetter ? "of at most " : "of at least ";
            string verdict = near ? "near limit" : result.Verdict == Gating.Verdict.Breach ? "BREACH" : Summary.Name(result.Verdict);
            return new(verdict, result.Budget.Metric.Name, measured, bound + Figures.Limit(result.Budget), Figures.Used(result), result.Reason,
                near ? Tone.Warning : ToneOf(result.Verdict));
        }
    }

    private sealed record Widths(int Verdict, int Metric, int Measured, int Limit)
    {
        /// <summary>Columns of a row with its bar: where the terminal has fewer, the bar goes, since the share behind it says the same.</summary>
        public int WithBar => 2 + Verdict + 2 + Metric + 2 + Measured + 2 + Limit + 2 + Page.BarWidth + 1 + WidthOfShare;

        public static Widths Of(Row[] rows)
        {
            int verdict = 0, metric = 0, measured = 0, limit = 0;
            foreach (var row in rows)
            {
                verdict = Math.Max(verdict, row.Verdict.Length);
                metric = Math.Max(metric, row.Metric.Length);
                measured = Math.Max(measured, row.Measured.Length);
                limit = Math.Max(limit, row.Limit.Length);
            }

            return new(verdict, metric, measured, limit);
        }
    }
}
