using System.Text;
using ModelGate.Policies;

namespace ModelGate.Tests.Policies;

[TestClass]
public sealed class ModelSelectionTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("modelgate größe ");

    public void Dispose() => folder.Delete(recursive: true);

    private Policy PolicyOf(params string[] paths) => PolicyWith("", paths);

    private Policy PolicyWith(string more, params string[] paths)
    {
        var entries = string.Concat(paths.Select(path => $"  - {{ path: \"{path}\", budgets: {{ size.on_disk: 5 MB }} }}\n"));
        var reading = PolicyReader.Parse(Encoding.UTF8.GetBytes($"version: 1\nmodels:\n{entries}{more}"), Full("modelgate.yml"), "1.0.0");
        return reading.Policy ?? throw new InvalidOperationException(reading.Diagnostics[0].Message);
    }

    private string Full(string path) => Path.GetFullPath(Path.Combine(folder.FullName, path));

    private void Write(params string[] paths)
    {
        foreach (var path in paths)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Full(path))!);
            File.WriteAllText(Full(path), "x");
        }
    }

    private static string Names(ModelSelection selection) => string.Join(" | ", selection.Models.Select(model => model.Name));

    [TestMethod]
    [DataRow("*.onnx", "a b.onnx | Ä.onnx")]
    [DataRow("*.ONNX", "a b.onnx | Ä.onnx")]
    [DataRow("./a b.onnx", "a b.onnx")]
    [DataRow("models/*", "models/m.onnx | models/m.safetensors")]
    [DataRow("models/*.data", "models/m.onnx.data")]
    [DataRow("models/m.onnx.data", "models/m.onnx.data")]
    [DataRow("**/m.*", "models/deep/er/m.gguf | models/m.onnx | models/m.safetensors")]
    [DataRow("**/*.onnx", "a b.onnx | models/m.onnx | Ä.onnx")]
    [DataRow("bin/**/*.onnx", "bin/net10.0/m.onnx")]
    [DataRow("models/**/*.gguf", "models/deep/er/m.gguf")]
    public void A_path_or_glob_finds_models_on_disk(string path, string expected)
    {
        Write("a b.onnx", "Ä.onnx", "models/m.onnx", "models/m.onnx.data", "models/m.safetensors", "models/readme.md", "models/deep/er/m.gguf",
            "bin/net10.0/m.onnx", "obj/m.onnx", ".cache/m.onnx", "node_modules/x/m.onnx");

        var selection = ModelSelection.FromDisk(PolicyOf(path));

        Assert.AreEqual(expected, Names(selection));
        Assert.IsEmpty(selection.Diagnostics);
    }

    [TestMethod]
    public void A_path_finds_its_file_in_whatever_case_on_every_system()
    {
        Write("Models/m.onnx");

        var selection = ModelSelection.FromDisk(PolicyOf("models/M.onnx"));

        Assert.AreEqual("Models/m.onnx", Names(selection), ignoreCase: true);
        Assert.IsEmpty(selection.Diagnostics);
        Assert.AreEqual("Models/m.onnx", Names(ModelSelection.FromDeployment(PolicyOf("models/M.onnx"), [new(Full("Models/m.onnx"))])), "as in a build");
    }

    [TestMethod]
    public void A_path_may_climb_above_the_policy()
    {
        Write("shared/m.onnx", "app/a.onnx");
        var app = PolicyOf("../shared/*.onnx", "../shared/m.onnx") with { Path = Full("app/modelgate.yml") };

        Assert.AreEqual("../shared/m.onnx", Names(ModelSelection.FromDisk(app)));
        Assert.AreEqual("../shared/m.onnx", Names(ModelSelection.FromDeployment(app, [new(Full("shared/m.onnx"))])));
    }

    [TestMethod]
    public void An_entry_that_finds_nothing_on_disk_is_an_error_at_its_path()
    {
        Write("models/m.onnx");

        var selection = ModelSelection.FromDisk(PolicyOf("models/*.onnx", "model/*.onnx", "models"));

        Assert.HasCount(2, selection.EntriesWithoutModel);
        Assert.IsTrue(selection.Diagnostics.All(error => error.Kind == Diagnostics.NothingMatched && error.Severity == Severity.Error));
        CollectionAssert.AreEqual(new[] { 4, 5 }, selection.Diagnostics.Select(error => error.At!.Line).ToArray());
        Assert.Contains("It is a folder: write `models/**/*.onnx`", selection.Diagnostics[1].Message);
    }

    [TestMethod]
    [DataRow("models/a.onnx", "models/*.onnx", 0)]
    [DataRow("models/*.onnx", "models/a.onnx", 1)]
    [DataRow("**/*.onnx", "models/*.onnx", 1)]
    [DataRow("**/a*.onnx", "**/*.onnx", 0)]
    [DataRow("models/*.onnx", "**/models/a*.onnx", 0)]
    [DataRow("models/a*.onnx", "models/*a.onnx", 0)]
    public void The_most_specific_entry_holds_and_the_report_says_so(string first, string second, int winner)
    {
        Write("models/a.onnx");
        var policy = PolicyOf(first, second);

        var selection = ModelSelection.FromDisk(policy);

        Assert.AreSame(policy.Models[winner], selection.Models.Single().Entry);
        Assert.AreEqual($"models/a.onnx also matches `{(winner == 0 ? second : first)}` (line {4 - winner}); the most specific entry holds: `{(winner == 0 ? first : second)}` (line {3 + winner}).", selection.Diagnostics.Single().Message);
        Assert.IsEmpty(selection.EntriesWithoutModel, "an entry whose files all belong to others still matches");
    }

    [TestMethod]
    public void A_name_that_stands_for_several_files_is_told_with_the_path()
    {
        Write("a.onnx", "b.onnx");
        var policy = PolicyReader.Parse("version: 1\nmodels:\n  - { name: both, path: '*.onnx', budgets: { parameters: 5M } }\n"u8, Full("modelgate.yml"), "1.0.0").Policy!;

        Assert.AreEqual("both (a.onnx) | both (b.onnx)", Names(ModelSelection.FromDisk(policy)));
        File.Delete(Full("b.onnx"));
        Assert.AreEqual("both", Names(ModelSelection.FromDisk(policy)));
    }

    [TestMethod]
    public void Deployed_models_match_by_source_or_by_deployed_path_where_the_source_lies_outside()
    {
        var package = Path.GetFullPath(Path.Combine(folder.FullName, "..", "packages", "models.1.0", "silero.onnx"));
        ModelCandidate[] deployed =
        [
            new(Full("src/a.onnx"), "models/a.onnx"),
            new(package, "models/silero.onnx"),
        ];

        Assert.AreEqual("src/a.onnx", Names(ModelSelection.FromDeployment(PolicyOf("src/*.onnx"), deployed)));
        Assert.AreEqual("models/silero.onnx", Names(ModelSelection.FromDeployment(PolicyOf("models/*.onnx"), deployed)), "inside the policy's folder only the source counts");
        Assert.AreEqual("src/a.onnx | models/silero.onnx", Names(ModelSelection.FromDeployment(PolicyOf("SRC/**", "models/silero.onnx"), deployed)));
    }

    [TestMethod]
    public void A_model_deployed_twice_is_judged_once()
    {
        ModelCandidate[] deployed = [new(Full("a.onnx"), "net8.0/a.onnx"), new(Full("a.onnx"), "net10.0/a.onnx")];

        Assert.AreEqual("a.onnx", Names(ModelSelection.FromDeployment(PolicyOf("*.onnx"), deployed)));
    }

    [TestMethod]
    public void A_file_is_judged_once_however_its_path_is_spelled()
    {
        ModelCandidate[] deployed = [new(Full("models/a.onnx")), new(Full("Models/A.onnx"))];

        string expected = OperatingSystem.IsWindows() || OperatingSystem.IsMacOS() ? "models/a.onnx" : "Models/A.onnx | models/a.onnx";
        Assert.AreEqual(expected, Names(ModelSelection.FromDeployment(PolicyOf("models/*.onnx"), deployed)), "where case tells files apart these are two");
    }

    [TestMethod]
    [DataRow("", Severity.Warning)]
    [DataRow("unmatched: warn\n", Severity.Warning)]
    [DataRow("unmatched: error\n", Severity.Error)]
    [DataRow("unmatched: ignore\n", null)]
    public void A_deployed_model_without_a_budget_is_told_as_the_policy_says(string unmatched, Severity? severity)
    {
        ModelCandidate[] deployed = [new(Full("other/b.onnx"), "b.onnx"), new(Full("other/b.onnx.data"), "b.onnx.data"), new(Full("readme.md"), "readme.md")];

        var selection = ModelSelection.FromDeployment(PolicyWith(unmatched, "models/*.onnx"), deployed);

        Assert.HasCount(1, selection.EntriesWithoutModel);
        Assert.AreEqual(severity, selection.Diagnostics.SingleOrDefault()?.Severity);
        if (severity is not null)
            Assert.AreEqual("other/b.onnx is deployed, but no entry of the policy matches it. Add one under `models:`, or write `unmatched: ignore`.", selection.Diagnostics[0].Message);
    }

    [TestMethod]
    public void Links_to_folders_are_not_followed_and_loops_end()
    {
        if (OperatingSystem.IsWindows())
            Assert.Inconclusive("Making links needs a privilege on Windows.");
        Write("models/a.onnx", "real/b.onnx");
        Directory.CreateSymbolicLink(Full("models/loop"), Full("models"));
        Directory.CreateSymbolicLink(Full("linked"), Full("real"));

        Assert.AreEqual("models/a.onnx", Names(ModelSelection.FromDisk(PolicyOf("models/**/*.onnx"))));
        Assert.Contains("Links to folders are not followed", ModelSelection.FromDisk(PolicyOf("linked/*.onnx")).Diagnostics.Single().Message);
        Assert.AreEqual("linked/b.onnx", Names(ModelSelection.FromDisk(PolicyOf("linked/b.onnx"))), "a path without wildcards is opened as it stands");
    }

    [TestMethod]
    public void A_model_is_found_again_by_whatever_path_leads_to_it()
    {
        Write("models/a.onnx", "models/b.onnx");
        var selection = ModelSelection.FromDisk(PolicyOf("models/*.onnx"));

        Assert.AreEqual("models/b.onnx", selection.Find(Full("models/b.onnx"))?.Path);
        Assert.IsNull(selection.Find(Full("models/c.onnx")));
        if (OperatingSystem.IsWindows())
            Assert.Inconclusive("Making links needs a privilege on Windows.");
        File.CreateSymbolicLink(Full("current.onnx"), Full("models/b.onnx"));
        Assert.AreEqual("models/b.onnx", selection.Find(Full("current.onnx"))?.Path);
    }

    [TestMethod]
    public void A_folder_that_cannot_be_searched_is_an_error_and_not_a_silence()
    {
        if (OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess)
        {
            Assert.Inconclusive("Root reads every folder, and Windows has other permissions.");
            return;
        }

        Write("models/locked/a.onnx", "models/b.onnx");
        File.SetUnixFileMode(Full("models/locked"), UnixFileMode.None);
        try
        {
            var selection = ModelSelection.FromDisk(PolicyOf("models/**/*.onnx"));
            Assert.AreEqual("models/b.onnx", Names(selection));
            Assert.AreSame(Diagnostics.ModelUnreadable, selection.Diagnostics.Single().Kind);
        }
        finally
        {
            File.SetUnixFileMode(Full("models/locked"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    [TestMethod]
    public void Folders_beyond_a_depth_are_an_error_and_not_a_silence()
    {
        Write(string.Concat(Enumerable.Repeat("d/", 130)) + "a.onnx");

        var error = ModelSelection.FromDisk(PolicyOf("**/*.onnx")).Diagnostics[0];

        Assert.AreSame(Diagnostics.ModelUnreadable, error.Kind);
        Assert.Contains("more than 128 folders deep", error.Message);
    }

    [TestMethod]
    public void The_nearest_policy_up_to_the_repository_root_is_found()
    {
        Write("modelgate.yml", "repo/.git/HEAD", "repo/src/app/x.cs", "repo/lib/modelgate.yaml", "repo/lib/deep/x.cs");

        Assert.IsNull(PolicyLocator.Find(Full("repo/src/app")), "a policy above the repository is somebody else's");
        Assert.AreEqual(Full("repo/lib/modelgate.yaml"), PolicyLocator.Find(Full("repo/lib/deep")));
        Write("repo/lib/modelgate.yml", "repo/modelgate.yml");
        Assert.AreEqual(Full("repo/lib/modelgate.yml"), PolicyLocator.Find(Full("repo/lib/deep")));
        Assert.AreEqual(Full("repo/modelgate.yml"), PolicyLocator.Find(Full("repo/src/app")));
    }

    [TestMethod]
    public void Two_thousand_globs_list_the_disk_once()
    {
        for (var index = 0; index < 400; index++) Write($"models/{index}/a.onnx", $"models/{index}/b.txt", $"models/{index}/c.onnx");
        var policy = PolicyOf([.. Enumerable.Range(0, 2000).Select(index => $"**/[{index}]*.onnx"), "**/a.onnx", "models/1*/**"]);
        var watch = System.Diagnostics.Stopwatch.StartNew();

        var selection = ModelSelection.FromDisk(policy);

        Assert.HasCount(400 + 111, selection.Models); // every a, and what else lies in 1, 10 to 19 and 100 to 199
        Assert.HasCount(2000, selection.EntriesWithoutModel);
        Assert.IsLessThan(TimeSpan.FromSeconds(15), watch.Elapsed);
    }
}
