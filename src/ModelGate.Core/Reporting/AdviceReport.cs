using System.Globalization;
using System.Text;
using System.Text.Json;
using ModelGate.Advising;
using ModelGate.Measuring;

namespace ModelGate.Reporting;

/// <summary>What <c>modelgate advise</c> has to say of one model.</summary>
/// <param name="ToolVersion">Version of ModelGate.</param>
/// <param name="Advice">What was measured.</param>
/// <param name="Machine">The machine; null where nothing was run.</param>
public sealed record AdviceReport(string ToolVersion, Advice Advice, Machine? Machine)
{
    /// <summary>Identifies the shape of the JSON document; it changes when a reader would have to.</summary>
    public const string Schema = "modelgate-advise-1";

    // With the marks before them they fill 74 columns.
    private static readonly int[] Widths = [12, 8, 8, 8, 8, 7, 5, 7];

    /// <summary>For people, in less than 80 columns: a row for each candidate, the frontier, what to do.</summary>
    public string Text(TextStyle style)
    {
        var text = new StringBuilder();
        var page = new Page(text, style);
        page.Line(page.Paint(Tone.Strong, Untrusted.Inert(Advice.Model))).Line();
        page.Line(page.Paint(Tone.Faint, "    " + Cells(AdviceTable.Columns)));
        for (int index = 0; index < Advice.Candidates.Count; index++)
        {
            var candidate = Advice.Candidates[index];
            bool isChoice = candidate == Advice.Choice, isPast = !candidate.IsWhole || Advice.DominatorOf(candidate) is not null;
            string row = $"{(isChoice ? '>' : isPast ? '-' : ' ')} {Label(index)} {Cells(AdviceTable.Row(candidate))}".TrimEnd();
            page.Line(isChoice ? page.Paint(Tone.Good, row) : isPast ? page.Paint(Tone.Faint, row) : row);
        }

        page.Line();
        AppendWrapped(page, Legend(), "");
        foreach (var candidate in Advice.Candidates)
        {
            if (AdviceTable.Remarks(Advice, candidate).ToArray() is { Length: > 0 } remarks)
                AppendWrapped(page, $"{candidate.Name}: {string.Join("; ", remarks)}", "  ");
        }

        AppendPlot(page, style.Unicode);
        foreach (var target in Advice.Targets)
            AppendTarget(page, target);
        page.Line();
        foreach (string conclusion in AdviceTable.Conclusions(Advice))
            AppendWrapped(page, conclusion, "");
        if (Summary.TimedOn(Machine, Advice.Runtime) is { } timedOn)
            AppendWrapped(page, timedOn + ".", "");
        return text.ToString();
    }

    /// <summary>For a pull request or a job summary.</summary>
    public string Markdown()
    {
        var text = new StringBuilder();
        text.Append("## ").Append(Untrusted.Markdown(Advice.Model)).Append("\n\n| | ").AppendJoin(" | ", AdviceTable.Columns).Append(" | |\n|---|---|");
        for (int column = 1; column < AdviceTable.Columns.Count; column++)
            text.Append("--:|");
        text.Append("---|\n");
        foreach (var candidate in Advice.Candidates)
        {
            string mark = candidate == Advice.Choice ? "✅" : !candidate.IsWhole || Advice.DominatorOf(candidate) is not null ? "–" : "";
            text.Append("| ").Append(mark).Append(" | ").AppendJoin(" | ", AdviceTable.Row(candidate)).Append(" | ").Append(Untrusted.Markdown(string.Join("; ", AdviceTable.Remarks(Advice, candidate)))).Append(" |\n");
        }

        text.Append('\n').Append(Legend()).Append("\n\n");
        foreach (var target in Advice.Targets)
            InspectionMarkdown.Append(text, TargetTable.Of(Advice, target));
        foreach (string conclusion in AdviceTable.Conclusions(Advice))
            text.Append("- ").Append(Untrusted.Markdown(conclusion)).Append('\n');
        if (Summary.TimedOn(Machine, Advice.Runtime) is { } timedOn)
            text.Append("- ").Append(Untrusted.Markdown(timedOn)).Append(".\n");
        return text.ToString();
    }

    /// <summary>For programs: bytes, seconds, dB, shares.</summary>
    public string Json() => JsonText.Of(Write);

    private static string Legend() => "weights: SQNR; outputs: cosine; time: of one inference, as a multiple of the model's.";

    private static char Label(int index) => index == 0 ? '0' : (char)(index < 10 ? '0' + index : 'a' + index - 10);

    private static string Cells(IReadOnlyList<string> cells) =>
        string.Join(' ', cells.Select(static (cell, column) => column == 0 ? cell.PadRight(Widths[column]) : cell.PadLeft(Widths[column]))).TrimEnd();

    private void AppendPlot(Page page, bool unicode)
    {
        (Candidate Candidate, PlotPoint Point)[] drawn = [.. Advice.Candidates
            .Select((candidate, index) => (candidate, new PlotPoint(Label(index), (double)candidate.Size / Advice.AsShipped.Size, candidate.Decibels)))
            .Where(static one => one.candidate.IsWhole)];
        if (drawn.Length < 2)
            return;
        bool ofOutputs = drawn.Any(static one => one.Candidate.Fidelity is not null);
        page.Line().Line(page.Paint(Tone.Strong, $"Fidelity of the {(ofOutputs ? "outputs" : "weights")} against size on disk"));
        var frontier = Advice.Frontier;
        foreach (string line in FrontierPlot.Render([.. drawn.Select(static one => one.Point)], [.. drawn.Where(one => frontier.Contains(one.Candidate)).Select(static one => one.Point).OrderBy(static point => point.Size)], unicode))
            page.Line(line);
    }

    private void AppendTarget(Page page, Target target)
    {
        page.Line().Line(page.Paint(Tone.Strong, Untrusted.Inert(TargetTable.Title(target))));
        page.Line(page.Paint(Tone.Faint, "    " + Cells(TargetTable.Columns)));
        for (int index = 0; index < Advice.Candidates.Count; index++)
        {
            var candidate = Advice.Candidates[index];
            if (!candidate.IsWhole)
                continue;
            string row = $"{(TargetTable.Fits(candidate, target) ? ' ' : '-')} {Label(index)} {Cells(TargetTable.Row(candidate, target))}";
            page.Line(TargetTable.Fits(candidate, target) ? row : page.Paint(Tone.Faint, row));
        }

        if (target.Source.Length > 0)
            AppendWrapped(page, $"Source: {target.Source}.", "  ");
    }

    private static void AppendWrapped(Page page, string text, string indent) => page.Wrapped(text, indent, indent + "  ", 79);

    private void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("schema", Schema);
        json.WriteString("tool", ToolVersion);
        json.WriteString("model", Untrusted.WellFormed(Advice.Model));
        json.WriteString("choice", Advice.Choice?.Name);
        json.WriteNumber("confidence", Advice.Confidence);
        JsonReport.WriteMachine(json, Machine);
        JsonReport.WriteRuntime(json, Advice.Runtime);
        json.WriteStartArray("candidates");
        foreach (var candidate in Advice.Candidates)
            Write(json, candidate);
        json.WriteEndArray();
        json.WriteStartArray("not_judged");
        foreach (string metric in Advice.NotJudged)
            json.WriteStringValue(metric);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private void Write(Utf8JsonWriter json, Candidate candidate)
    {
        var total = candidate.Fidelity?.Total;
        json.WriteStartObject();
        json.WriteString("name", candidate.Name);
        JsonReport.WriteNumber(json, "size", candidate.Obstacle is null ? candidate.Size : null);
        JsonReport.WriteNumber(json, "on_wire", candidate.OnWire);
        JsonReport.WriteNumber(json, "weight_sqnr", candidate.Obstacle is null ? candidate.WeightSqnr : null);
        JsonReport.WriteNumber(json, "cosine", total?.Cosine);
        JsonReport.WriteNumber(json, "output_sqnr", total?.Sqnr);
        JsonReport.WriteNumber(json, "max_error", total?.MaxError);
        JsonReport.WriteNumber(json, "top1", total?.Top1);
        JsonReport.WriteNumber(json, "accuracy", candidate.Fidelity?.Accuracy?.Share);
        JsonReport.WriteNumber(json, "latency", candidate.Latency);
        JsonReport.WriteNumber(json, "time_ratio", candidate.TimeRatio);
        JsonReport.WriteNumber(json, "peak_memory", candidate.PeakMemory);
        json.WriteString("dominated_by", candidate.Obstacle is null ? Advice.DominatorOf(candidate)?.Name : null);
        json.WriteBoolean("meets_budgets", candidate.MeetsBudgets);
        json.WriteStartArray("targets");
        foreach (var target in Advice.Targets)
        {
            json.WriteStartObject();
            json.WriteString("name", target.Name);
            JsonReport.WriteNumber(json, "memory", candidate.Demand?.Memory);
            JsonReport.WriteNumber(json, "memory_share", TargetTable.MemoryShare(candidate, target));
            JsonReport.WriteNumber(json, "latency_bound", TargetTable.Bound(candidate, target));
            JsonReport.WriteNumber(json, "download_time", TargetTable.DownloadTime(candidate, target));
            json.WriteBoolean("fits", candidate.IsWhole && TargetTable.Fits(candidate, target));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("remarks");
        foreach (string remark in AdviceTable.Remarks(Advice, candidate))
            json.WriteStringValue(Untrusted.WellFormed(remark));
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
