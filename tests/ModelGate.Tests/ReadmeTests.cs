using System.Text.RegularExpressions;
using ModelGate.Reporting;
using ModelGate.Tool;

namespace ModelGate.Tests;

[TestClass]
public class ReadmeTests
{
    private static string Readme { get; } = File.ReadAllText(Path.Combine(Repository.Root, "README.md")).ReplaceLineEndings("\n");

    [TestMethod]
    public void The_table_of_metrics_is_the_catalogue() =>
        Assert.Contains(MetricTable.Markdown(), Readme, "Put the output of `modelgate metrics --format markdown` into README.md.");

    [TestMethod]
    public void The_two_commands_stand_on_lines_of_their_own()
    {
        string[] lines = Readme.Split('\n');

        Assert.HasCount(1, lines.Where(line => line.StartsWith("dotnet run", StringComparison.Ordinal)));
        Assert.HasCount(1, lines.Where(line => line.StartsWith("dotnet test", StringComparison.Ordinal)));
    }

    [TestMethod]
    [DataRow("README.md")]
    [DataRow("src/ModelGate.MSBuild/README.md")]
    [DataRow("examples/workflow.yml")]
    [DataRow("examples/voice-activity/VoiceActivity.csproj")]
    public void What_a_user_copies_names_this_version(string file)
    {
        string text = File.ReadAllText(Path.Combine(Repository.Root, file));
        string[] named = [.. Regex.Matches(text, """(?:"ModelGate\.MSBuild" Version="|modelgate/modelgate@v)([^"\s]+)""").Select(match => match.Groups[1].Value).Distinct()];

        CollectionAssert.AreEqual(new[] { ToolFiles.Version }, named);
    }

    [TestMethod]
    public void Every_file_it_links_to_is_there()
    {
        var links = Regex.Matches(Readme, @"\]\((?!https?:|#)([^)]+)\)").Select(match => match.Groups[1].Value);

        foreach (string link in links)
            Assert.IsTrue(Path.Exists(Path.Combine(Repository.Root, link)), link);
    }
}
