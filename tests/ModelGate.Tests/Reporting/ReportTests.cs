using System.Text.Json;
using ModelGate.Reporting;

namespace ModelGate.Tests.Reporting;

[TestClass]
public class ReportTests
{
    private const string Escape = "\u001B";

    public static IEnumerable<(string Name, Report Report)> Samples =>
        [("everything", SampleReports.Everything), ("passing", SampleReports.Passing), ("wrong-policy", SampleReports.WrongPolicy)];

    [TestMethod]
    public void Bars_go_where_the_terminal_has_no_room_for_them()
    {
        string wide = TextReport.Render(SampleReports.Everything, new TextStyle(Color: false, Unicode: true)), narrow = TextReport.Render(SampleReports.Everything, new TextStyle(Color: false, Unicode: true) { Width = 60 });

        Assert.Contains("█", wide);
        Assert.AreEqual(wide.Split('\n').Length, narrow.Split('\n').Length);
        string row = wide.Split('\n').First(static line => line.Contains("░ ", StringComparison.Ordinal));
        Assert.Contains(row.Replace("█", "", StringComparison.Ordinal).Replace("░ ", "", StringComparison.Ordinal).Replace("░", "", StringComparison.Ordinal), narrow);
    }

    [TestMethod]
    [DynamicData(nameof(Samples))]
    public void Text_reads_as_approved(string name, Report report) =>
        Golden.AssertMatches("Reporting", name + ".txt", TextReport.Render(report, new TextStyle(Color: false, Unicode: true)));

    [TestMethod]
    public void Text_in_ASCII_reads_as_approved() => Golden.AssertMatches("Reporting", "everything.ascii.txt", TextReport.Render(SampleReports.Everything, TextStyle.Plain));

    [TestMethod]
    [DynamicData(nameof(Samples))]
    public void Json_reads_as_approved(string name, Report report) => Golden.AssertMatches("Reporting", name + ".json", JsonReport.Render(report));

    [TestMethod]
    [DynamicData(nameof(Samples))]
    public void Markdown_reads_as_approved(string name, Report report) => Golden.AssertMatches("Reporting", name + ".md", MarkdownReport.Render(report));

    [TestMethod]
    [DynamicData(nameof(Samples))]
    public void MSBuild_lines_read_as_approved(string name, Report report) => Golden.AssertMatches("Reporting", name + ".msbuild.txt", MSBuildReport.Render(report));

    [TestMethod]
    [DynamicData(nameof(Samples))]
    public void GitHub_commands_read_as_approved(string name, Report report) => Golden.AssertMatches("Reporting", name + ".github.txt", GitHubReport.Render(report));

    [TestMethod]
    [DynamicData(nameof(Samples))]
    public void No_report_carries_a_terminal_escape_of_somebody_elses(string name, Report report)
    {
        foreach (string text in (string[])[JsonReport.Render(report), MarkdownReport.Render(report), MSBuildReport.Render(report), GitHubReport.Render(report), TextReport.Render(report, TextStyle.Plain)])
            Assert.DoesNotContain(Escape, text, name);
    }

    [TestMethod]
    public void Colour_is_added_only_where_it_may_be()
    {
        Assert.Contains(Escape + "[31m", TextReport.Render(SampleReports.Everything, new TextStyle(Color: true, Unicode: true)));
        Assert.IsTrue(TextReport.Render(SampleReports.Everything, TextStyle.Plain).All(char.IsAscii));
    }

    [TestMethod]
    public void Json_is_valid_and_holds_the_contract()
    {
        using var json = JsonDocument.Parse(JsonReport.Render(SampleReports.Everything));

        var budget = json.RootElement.GetProperty("budgets")[1];
        Assert.AreEqual("breach", json.RootElement.GetProperty("verdict").GetString());
        foreach (string name in (string[])["model", "metric", "limit", "bound", "measured", "verdict", "reason", "code", "file", "line", "column", "message"])
            Assert.IsTrue(budget.TryGetProperty(name, out _), name);
        Assert.AreEqual(54_213_004, budget.GetProperty("measured").GetInt64());
        Assert.AreEqual(52_000_000, budget.GetProperty("limit").GetInt64());
    }

    [TestMethod]
    [DynamicData(nameof(Samples))]
    public void Every_report_of_a_run_tells_its_outcome_in_the_same_word(string name, Report report)
    {
        using var json = JsonDocument.Parse(JsonReport.Render(report));
        string outcome = json.RootElement.GetProperty("verdict").GetString()!;

        Assert.Contains($"\n{outcome.ToUpperInvariant()}  ", TextReport.Render(report, TextStyle.Plain), name);
        Assert.Contains($" {outcome}\n", MarkdownReport.Render(report), name);
        Assert.Contains($"ModelGate: {outcome} (", GitHubReport.Render(report), name);
    }

    [TestMethod]
    public void Of_many_breaches_the_worst_nine_are_annotated_and_a_tenth_counts_the_rest()
    {
        var breach = SampleReports.Everything.Budgets[1];
        var report = SampleReports.Everything with
        {
            Budgets = [.. Enumerable.Range(1, 25).Select(i => breach with { Measured = 52e6 + i, Diagnostic = breach.Diagnostic! with { Message = $"breach {i}." } })],
        };

        string[] errors = [.. GitHubReport.Render(report).Split('\n').Where(line => line.StartsWith("::error", StringComparison.Ordinal))];

        Assert.HasCount(10, errors);
        StringAssert.EndsWith(errors[0], "breach 25.");
        StringAssert.EndsWith(errors[8], "breach 17.");
        StringAssert.Contains(errors[9], "16 more errors");
    }

    [TestMethod]
    [DataRow("src/modelgate.yml", "")]
    [DataRow("modelgate.yml", "src")]
    public void Annotations_name_the_policy_from_the_workspace(string policy, string folder)
    {
        string workspace = Path.Combine(Path.GetTempPath(), "checkout");
        var breach = SampleReports.Everything.Budgets[1];
        var report = SampleReports.Everything with
        {
            Budgets = [breach with { Diagnostic = breach.Diagnostic! with { At = new(policy, 7, 3) } }],
        };

        StringAssert.Contains(GitHubReport.Render(report, workspace, Path.Combine(workspace, folder)), "::error file=src/modelgate.yml,line=7,col=3,");
    }
}
