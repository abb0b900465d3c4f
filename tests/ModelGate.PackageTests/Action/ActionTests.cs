using System.Globalization;
using System.Text.Json;
using ModelGate.PackageTests.Setup;
using ModelGate.TestModels;

namespace ModelGate.PackageTests.Action;

/// <summary>The steps of action.yml, executed as the runner would, with the tool from the folder feed.</summary>
[TestClass]
public sealed class ActionTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("modelgate-action-").FullName;
    private readonly string workspace;
    private readonly string temporary;
    private readonly CompositeAction action = new(Path.Combine(Repository.Root, "action.yml"));

    public ActionTests()
    {
        workspace = Directory.CreateDirectory(Path.Combine(root, "my repö")).FullName;
        temporary = Directory.CreateDirectory(Path.Combine(root, "runner temp")).FullName;
        _ = Feed.WithTool;
        Write("nuget.config", Feed.OnlySource());
        // The repository builds with an SDK that is not even here; the tool must run all the same.
        Write("global.json", """{ "sdk": { "version": "8.0.100", "rollForward": "disable" } }""");
        SmallModels.Dense().Save(Path.Combine(workspace, "dense.onnx"));
    }

    public void Dispose() => Directory.Delete(root, recursive: true);

    [TestMethod]
    public void A_policy_that_holds_passes()
    {
        var run = Run("dense.onnx", "parameters: 10");

        AssertVerdict("pass", 0, run);
        Assert.IsEmpty(run.Annotations("error"));
        Assert.Contains("ModelGate: ✅ pass", run.Summary);
        using var report = JsonDocument.Parse(File.ReadAllText(run.Outputs["report"]));
        Assert.AreEqual("pass", report.RootElement.GetProperty("verdict").GetString());
    }

    [TestMethod]
    public void A_breach_fails_the_step_at_the_line_of_the_budget()
    {
        var run = Run("dense.onnx", "parameters: 9");

        AssertVerdict("breach", 1, run);
        var annotation = run.Annotations("error").Single();
        Assert.AreEqual("modelgate.yml", annotation.Properties["file"]);
        Assert.AreEqual("5", annotation.Properties["line"]);
        Assert.Contains("dense.onnx: parameters is 10", annotation.Message);
        Assert.Contains("❌ breach", run.Summary);
    }

    [TestMethod]
    public void A_wrong_policy_and_a_missing_one_are_invalid()
    {
        var wrong = Run("dense.onnx", "parametres: 9");
        AssertVerdict("invalid", 2, wrong);
        Assert.AreEqual("5", wrong.Annotations("error").Single().Properties["line"]);

        AssertVerdict("invalid", 2, Run(new() { ["policy"] = "nowhere.yml" }));
    }

    [TestMethod]
    public void What_could_not_be_judged_is_unmeasured()
    {
        Write("pointer.onnx", "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n");

        var run = Run("pointer.onnx", "parameters: 9");

        AssertVerdict("unmeasured", 3, run);
        Assert.Contains("lfs", run.Annotations("error")[0].Message);
    }

    [TestMethod]
    public void Of_many_breaches_ten_are_annotated_and_the_summary_holds_all()
    {
        for (int i = 0; i < 13; i++)
            SmallModels.Dense(4, i + 2).Save(Path.Combine(workspace, $"many{i:00}.onnx"));

        var run = Run("\"many*.onnx\"", "parameters: 9");

        AssertVerdict("breach", 1, run);
        var errors = run.Annotations("error");
        Assert.HasCount(10, errors);
        Assert.Contains("many12.onnx", errors[0].Message, "the worst first");
        Assert.Contains("4 more", errors[9].Message);
        for (int i = 0; i < 13; i++)
            Assert.Contains($"many{i:00}", run.Summary);
    }

    [TestMethod]
    [DataRow("github")]
    [DataRow("text")]
    [DataRow("json")]
    [DataRow("markdown")]
    public void Names_from_files_are_never_obeyed(string format)
    {
        if (OperatingSystem.IsWindows())
            Assert.Inconclusive("Windows allows none of these names.");
        string[] names = ["::error::obey.onnx", "x%0A::error::obey.onnx", "##[error]obey.onnx", "x\n::error::obey.onnx", "|<script>@team`${{ x }}.onnx"];
        foreach (string name in names)
            SmallModels.Dense(5, 5).Save(Path.Combine(workspace, name));

        var run = Run(new() { ["format"] = format }, "\"*obey.onnx\"", "parameters: 9");

        AssertVerdict("breach", 1, run);
        Assert.HasCount(format == "github" ? 4 : 0, run.Annotations("error"));
        Assert.IsEmpty(WorkflowLog.Commands(run.Log).Where(command => command.Name is not ("error" or "group" or "endgroup")).ToArray());
        Assert.DoesNotContain("\n::error", run.Summary);
        Assert.DoesNotContain("<script>", run.Summary);
    }

    [TestMethod]
    public void Inputs_reach_the_tool_as_they_are()
    {
        string policy = OperatingSystem.IsWindows() ? "my pol;icy $(id) `id` %PATH%.yml" : "my pol;icy $(id) `id` \"'&|.yml";
        File.Move(WritePolicy("dense.onnx", "parameters: 9"), Path.Combine(workspace, policy));

        var run = Run(new() { ["policy"] = policy });

        AssertVerdict("breach", 1, run);
        Assert.AreEqual(policy, run.Annotations("error").Single().Properties["file"]);
    }

    [TestMethod]
    public void A_policy_whose_name_begins_with_a_dash_is_no_option()
    {
        File.Move(WritePolicy("dense.onnx", "parameters: 10"), Path.Combine(workspace, "--report.yml"));

        AssertVerdict("pass", 0, Run(new() { ["policy"] = "--report.yml" }));
    }

    [TestMethod]
    public void Reports_are_written_where_they_were_asked_for_and_the_first_is_an_output()
    {
        string below = Directory.CreateDirectory(Path.Combine(workspace, "süb folder")).FullName;
        SmallModels.Dense().Save(Path.Combine(below, "dense.onnx"));
        File.Move(WritePolicy("dense.onnx", "parameters: 9"), Path.Combine(below, "modelgate.yml"));

        var run = Run(new() { ["working-directory"] = "süb folder", ["report"] = "a report.json\nother.md\n" });

        AssertVerdict("breach", 1, run);
        Assert.AreEqual(Path.Combine(below, "a report.json").Replace('\\', '/'), run.Outputs["report"]);
        Assert.IsTrue(File.Exists(run.Outputs["report"]));
        Assert.IsTrue(File.Exists(Path.Combine(below, "other.md")));
        Assert.AreEqual("süb folder/modelgate.yml", run.Annotations("error").Single().Properties["file"], "from the root of the repository");
    }

    [TestMethod]
    public void Without_the_runner_s_files_the_verdict_stands()
    {
        action.Missing.Add("GITHUB_STEP_SUMMARY");
        action.Missing.Add("GITHUB_OUTPUT");

        var run = Run("dense.onnx", "parameters: 9");

        Assert.AreEqual(1, run.ExitCode, run.Log);
        Assert.Contains("no job summary", run.Log);
        Assert.AreEqual("error", run.Outputs["verdict"], "nothing said is never a pass");
    }

    [TestMethod]
    public void A_summary_stays_below_the_size_at_which_nothing_would_be_shown()
    {
        for (int i = 0; i < 300; i++)
            SmallModels.Dense().Save(Path.Combine(workspace, $"{new string('m', 120)}{i:000}.onnx"));
        string[] metrics = ["parameters", "size.on_disk", "size.weights", "size.float32", "size.weights.float32", "bits_per_weight", "size.on_wire.gzip", "size.on_wire.brotli", "size.on_wire.deflate"];

        var run = Run("\"mmm*.onnx\"", string.Join("\n      ", metrics.Select(metric => metric + (metric.StartsWith("size", StringComparison.Ordinal) ? ": 1 B" : ": 1"))));

        AssertVerdict("breach", 1, run);
        Assert.IsGreaterThan(900_000, System.Text.Encoding.UTF8.GetByteCount(run.Summary));
        Assert.IsLessThan(1024 * 1024, System.Text.Encoding.UTF8.GetByteCount(run.Summary));
        StringAssert.EndsWith(run.Summary, "the report holds it all.\n");
    }

    [TestMethod]
    public void Dotnet_is_set_up_only_where_no_sdk_can_run_the_tool()
    {
        string old = Directory.CreateDirectory(Path.Combine(root, "old")).FullName;
        File.WriteAllText(Path.Combine(old, "dotnet"), "#!/bin/sh\necho '8.0.404 [/usr/share/dotnet/sdk]'\n");
        if (OperatingSystem.IsWindows())
            Assert.Inconclusive("The stand-in for an old SDK is a script.");
        else
            File.SetUnixFileMode(Path.Combine(old, "dotnet"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        action.Path.Add(old);
        bool setUp = false;
        action.Uses["actions/setup-dotnet"] = () =>
        {
            setUp = true;
            return Path.GetFullPath(Path.Combine(System.Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
        };

        var run = Run("dense.onnx", "parameters: 10");

        Assert.IsTrue(setUp);
        AssertVerdict("pass", 0, run);
    }

    [TestMethod]
    [DataRow("1.*")]
    [DataRow("[0.1, 1.0)")]
    [DataRow("")]
    [DataRow("1.0.0 --add-source elsewhere")]
    public void Only_an_exact_version_is_installed(string version)
    {
        var run = Run(new() { ["version"] = version });

        AssertVerdict("invalid", 2, run);
        Assert.DoesNotContain("Install", run.Log);
    }

    [TestMethod]
    public void A_version_that_no_source_has_is_an_error_and_not_a_pass()
    {
        var run = Run(new() { ["version"] = "0.0.1-nobody.has.it" });

        AssertVerdict("error", 4, run);
        Assert.Contains("could not be installed", run.Annotations("error").Single().Message);
    }

    [TestMethod]
    public void The_default_version_is_this_repository_s() =>
        Assert.AreEqual(Feed.RepositoryVersion, action.DefaultOf("version"));

    private static void AssertVerdict(string verdict, int exitCode, ActionRun run)
    {
        Assert.AreEqual(verdict, run.Outputs["verdict"], run.Log);
        Assert.AreEqual(exitCode, run.ExitCode, run.Log);
        Assert.AreEqual(exitCode == 0 ? "success" : "failure", run.Conclusion);
    }

    private void Write(string path, string text) => File.WriteAllText(Path.Combine(workspace, path), text);

    private string WritePolicy(string model, string budgets)
    {
        Write("modelgate.yml", string.Create(CultureInfo.InvariantCulture, $"version: 1\nmodels:\n  - path: {model}\n    budgets:\n      {budgets}\n"));
        return Path.Combine(workspace, "modelgate.yml");
    }

    private ActionRun Run(string model, string budgets) => Run([], model, budgets);

    private ActionRun Run(Dictionary<string, string> with, string model, string budgets)
    {
        WritePolicy(model, budgets);
        return Run(with);
    }

    private ActionRun Run(Dictionary<string, string> with)
    {
        with.TryAdd("version", Feed.Version);
        return action.Run(workspace, temporary, with);
    }
}
