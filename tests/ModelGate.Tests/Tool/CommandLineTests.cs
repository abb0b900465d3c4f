using System.Text;
using System.Text.Json;
using ModelGate.TestModels;
using ModelGate.Tool;

namespace ModelGate.Tests.Tool;

[TestClass]
public sealed class CommandLineTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [TestMethod]
    public void Within_budget_is_exit_code_0()
    {
        var run = Check("1 MB");

        Assert.AreEqual((int)ExitCode.Pass, run.ExitCode, run.Output);
        StringAssert.Contains(run.Output, "PASS  1 passed");
    }

    [TestMethod]
    public void Over_budget_is_exit_code_1_and_names_the_line()
    {
        var run = Check("100 B");

        Assert.AreEqual((int)ExitCode.Breach, run.ExitCode, run.Output);
        StringAssert.Contains(run.Output, "modelgate.yml(5,7): error MG1001: model.onnx: size.on_disk is ");
    }

    [TestMethod]
    public void A_wrong_policy_is_exit_code_2_whatever_the_models_weigh()
    {
        var run = Check("100 potatoes");

        Assert.AreEqual((int)ExitCode.PolicyOrUsage, run.ExitCode, run.Output);
        StringAssert.Contains(run.Output, "modelgate.yml(5,21): error MG2009");
    }

    [TestMethod]
    public void A_model_that_cannot_be_read_is_exit_code_3()
    {
        var run = Check("1 MB", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 12\n"u8.ToArray());

        Assert.AreEqual((int)ExitCode.NotJudged, run.ExitCode, run.Output);
        StringAssert.Contains(run.Output, "MG3003");
    }

    [TestMethod]
    [DataRow("check", "")]
    [DataRow("check", "--package", "")]
    [DataRow("check", "--runtime", "")]
    [DataRow("inspect", "")]
    [DataRow("init", "")]
    [DataRow("compress", "model.onnx", "--to", "int8", "-o", "")]
    public void An_empty_argument_is_refused_for_a_variable_that_was_never_set(params string[] args)
    {
        var run = Run(args);

        Assert.AreEqual((int)ExitCode.PolicyOrUsage, run.ExitCode, run.Output);
        StringAssert.Contains(run.Error, "MG2090: An argument is empty");
    }

    [TestMethod]
    [DataRow("bench", "m.onnx", "--threads", "99999999999", "--threads is a number from 1 to 1024.")]
    [DataRow("bench", "m.onnx", "--threads", "two", "--threads is a number from 1 to 1024.")]
    [DataRow("compare", "a.onnx", "b.onnx", "--inputs", "99999999999", "--inputs is a number from 1 to 100000.")]
    [DataRow("bench", "m.onnx", "--noise-floor", "--seed", "99999999999", "--seed is a number from 0 to 2147483647.")]
    [DataRow("inspect", "m.onnx", "--format", "xml", "Argument 'xml' not recognized. Must be one of: 'text', 'json', 'markdown'")]
    [DataRow("compare", "a.onnx", "b.onnx", "--samples", "none.npz", "There is no such file as --samples names.")]
    public void A_value_that_an_option_does_not_take_is_refused_in_one_line(params string[] args)
    {
        var run = Run(args[..^1]);

        Assert.AreEqual((int)ExitCode.PolicyOrUsage, run.ExitCode, run.Error);
        Assert.AreEqual($"modelgate: error MG2090: {args[^1]}", run.Error.ReplaceLineEndings("\n").Split('\n')[0]);
    }

    [TestMethod]
    public void A_package_that_no_budget_is_about_is_no_pass()
    {
        var without = Check("1 MB", more: ["--package", folder.File("none.nupkg")]);
        var breached = Check("1 B", more: ["--package", folder.File("none.nupkg")]);

        Assert.AreEqual((int)ExitCode.PolicyOrUsage, without.ExitCode, without.Output);
        StringAssert.Contains(without.Error, "none.nupkg: no budget of the policy is about a package.");
        Assert.AreEqual((int)ExitCode.Breach, breached.ExitCode);
    }

    [TestMethod]
    public void A_model_in_the_place_of_the_policy_is_told_where_it_belongs()
    {
        var run = Run("check", "models/detector.onnx");

        Assert.AreEqual((int)ExitCode.PolicyOrUsage, run.ExitCode);
        StringAssert.Contains(run.Error, "`models/detector.onnx` is a model, and check takes a policy: `modelgate inspect models/detector.onnx` weighs a model");
    }

    [TestMethod]
    public void A_file_whose_name_begins_with_an_at_sign_is_a_file()
    {
        var run = Run("inspect", "@model.onnx");

        Assert.AreEqual((int)ExitCode.NotJudged, run.ExitCode, run.Error);
        StringAssert.Contains(run.Error, "@model.onnx: error MG3001");
    }

    [TestMethod]
    public void The_list_of_commands_fits_a_terminal()
    {
        var lines = Run("--help").Output.Split('\n');

        Assert.IsLessThan(40, lines.Length);
        Assert.IsTrue(lines.All(line => line.Length < 200), lines.MaxBy(line => line.Length));
        StringAssert.Contains(Run("check", "--help").Output, "Examples:");
    }

    [TestMethod]
    public void A_pattern_that_matches_nothing_is_exit_code_3()
    {
        var run = Run("check", Policy("path: \"nothing/*.onnx\"", "1 MB"));

        Assert.AreEqual((int)ExitCode.NotJudged, run.ExitCode, run.Output);
        StringAssert.Contains(run.Output, "MG3012");
    }

    [TestMethod]
    public void A_report_that_cannot_be_written_turns_0_into_4_and_leaves_1_as_it_is()
    {
        string taken = Directory.CreateDirectory(folder.File("taken.json")).FullName;

        var pass = Check("1 MB", more: ["--report", taken]);
        var breach = Check("100 B", more: ["--report", taken]);

        Assert.AreEqual((int)ExitCode.Internal, pass.ExitCode, pass.Output);
        Assert.AreEqual((int)ExitCode.Breach, breach.ExitCode, breach.Output);
        StringAssert.Contains(pass.Error, "MG9002");
        StringAssert.Contains(pass.Output, "PASS");
    }

    [TestMethod]
    public void Reports_are_written_in_the_format_of_their_extension()
    {
        var run = Check("1 MB", more: ["--report", folder.File("gate.json"), "--report", folder.File("gate.md"), "--report", folder.File("gate.txt"), "--format", "json"]);

        Assert.AreEqual((int)ExitCode.Pass, run.ExitCode, run.Output);
        Assert.AreEqual(run.Output, File.ReadAllText(folder.File("gate.json")));
        using var json = JsonDocument.Parse(run.Output);
        Assert.AreEqual("pass", json.RootElement.GetProperty("verdict").GetString());
        StringAssert.StartsWith(File.ReadAllText(folder.File("gate.md")), "## ModelGate:");
        StringAssert.StartsWith(File.ReadAllText(folder.File("gate.txt")), "ModelGate ");
    }

    [TestMethod]
    public void A_report_without_a_telling_extension_is_a_usage_error()
    {
        var run = Check("1 MB", more: ["--report", folder.File("gate.xyz")]);

        Assert.AreEqual((int)ExitCode.PolicyOrUsage, run.ExitCode, run.Output);
        StringAssert.Contains(run.Error, ".json, .md or .txt");
    }

    [TestMethod]
    public void Nothing_is_run_where_running_is_switched_off_and_what_needs_it_is_deferred()
    {
        string policy = Policy("path: model.onnx", "1 MB", "      latency.p50: 1 ns");
        folder.Write("model.onnx", Model);

        var run = Run("check", policy, "--measure", "static");

        Assert.AreEqual((int)ExitCode.Pass, run.ExitCode, run.Output);
        StringAssert.Contains(run.Output, "1 passed, 1 deferred");
    }

    [TestMethod]
    public void All_deferred_is_not_a_failure_and_says_so()
    {
        string policy = folder.Write("modelgate.yml", Encoding.UTF8.GetBytes("version: 1\nmodels:\n  - path: model.onnx\n    budgets:\n      size.in_package: 1 MB\n"));
        folder.Write("model.onnx", Model);

        var run = Run("check", policy);

        Assert.AreEqual((int)ExitCode.Pass, run.ExitCode, run.Output);
        StringAssert.Contains(run.Output, "DEFERRED  1 deferred");
    }

    [TestMethod]
    [DataRow("chekc", "check")]
    [DataRow("--formt", "--format", "check")]
    public void A_misspelt_word_is_exit_code_2_and_is_corrected(string word, string meant, string command = "")
    {
        var run = command.Length > 0 ? Run(command, word) : Run(word);

        Assert.AreEqual((int)ExitCode.PolicyOrUsage, run.ExitCode);
        StringAssert.Contains(run.Error, $"Did you mean `{meant}`?");
    }

    [TestMethod]
    public void Without_a_command_the_help_is_shown()
    {
        var run = Run();

        Assert.AreEqual((int)ExitCode.PolicyOrUsage, run.ExitCode);
        StringAssert.Contains(run.Error, "Commands:");
    }

    [TestMethod]
    public void Every_command_explains_itself()
    {
        string[] commands = [.. Run("--help").Output.Split("Commands:")[1].Split('\n').Select(line => line.Trim().Split(' ')[0]).Where(name => name.Length > 0)];

        Assert.IsGreaterThan(4, commands.Length);
        foreach (string command in commands)
        {
            var help = Run(command, "--help");
            Assert.AreEqual(0, help.ExitCode, command);
            StringAssert.Contains(help.Output, "Usage:", command);
        }
    }

    [TestMethod]
    public void Help_is_a_command_as_well()
    {
        Assert.AreEqual(Run("--help").Output, Run("help").Output);
        Assert.AreEqual(Run("bench", "--help").Output, Run("help", "bench").Output);
        Assert.AreEqual((0, 0), (Run("help").ExitCode, Run("help", "bench").ExitCode));
    }

    [TestMethod]
    public void Help_on_what_is_no_command_says_what_was_meant()
    {
        var run = Run("help", "benhc");

        Assert.AreEqual((int)ExitCode.PolicyOrUsage, run.ExitCode);
        StringAssert.Contains(run.Error, "There is no command 'benhc'. Did you mean `bench`?");
    }

    [TestMethod]
    public void Every_diagnostic_can_be_explained()
    {
        foreach (var kind in Diagnostics.All)
        {
            var run = Run("explain", kind.Code.ToLowerInvariant());
            Assert.AreEqual((int)ExitCode.Pass, run.ExitCode);
            StringAssert.Contains(run.Output, kind.Fix);
        }

        Assert.AreEqual((int)ExitCode.PolicyOrUsage, Run("explain", "MG0000").ExitCode);
    }

    [TestMethod]
    [DataRow("bash")]
    [DataRow("zsh")]
    [DataRow("fish")]
    [DataRow("powershell")]
    public void Completion_scripts_ask_the_tool_itself(string shell) => StringAssert.Contains(Run("completions", shell).Output, "[suggest:");

    [TestMethod]
    public void The_tool_suggests_what_may_follow()
    {
        StringAssert.Contains(Run("[suggest:14]", "modelgate chec").Output, "check");
        StringAssert.Contains(Run("[suggest:20]", "modelgate explain MG").Output, "MG1001");
    }

    [TestMethod]
    public void A_next_step_names_the_model_as_a_shell_here_takes_it()
    {
        folder.Write("model.onnx", Model);
        File.WriteAllText(folder.File("modelgate.yml"), "version: 1\nmodels:\n  - path: model.onnx\n    budgets: { parameters: 1 }\n");
        Assert.Contains($"Next: `modelgate inspect {folder.File("model.onnx").Replace(Path.DirectorySeparatorChar, '/')}` shows", Run("check", folder.File("modelgate.yml")).Output);
    }

    [TestMethod]
    public void Every_command_of_one_line_names_the_model_from_the_same_folder()
    {
        folder.Write("model.onnx", SmallModels.Dense(128, 128).ToArray());

        var run = Run("check", Policy("path: model.onnx", "20 kB"));

        string beside = folder.Path.Replace(Path.DirectorySeparatorChar, '/');
        Assert.Contains($"`modelgate inspect {beside}/model.onnx`", run.Output);
        Assert.Contains($"`modelgate compress {beside}/model.onnx --to int8 -o {beside}/model.int8.onnx`", run.Output);
    }

    [TestMethod]
    [DataRow("text")]
    [DataRow("json")]
    public void Bench_of_a_model_that_cannot_run_is_exit_code_3_and_says_why(string format)
    {
        var run = Run("bench", SmallModels.UnknownOperator().Save(folder.File("model.onnx")), "--format", format);

        Assert.AreEqual((int)ExitCode.NotJudged, run.ExitCode, run.Error);
        StringAssert.Contains(run.Output, "MG4011");
        StringAssert.Contains(run.Output, "com.example.Summon");
    }

    [TestMethod]
    public void Bench_of_a_file_that_is_no_model_is_exit_code_3()
    {
        folder.Write("model.onnx", []);

        var run = Run("bench", folder.File("model.onnx"));

        Assert.AreEqual((int)ExitCode.NotJudged, run.ExitCode, run.Output);
        StringAssert.Contains(run.Error, "model.onnx: error MG3002: ");
    }

    [TestMethod]
    [DoNotParallelize]
    public void Bench_against_another_model_prints_the_ratio_and_says_it_in_a_sentence()
    {
        string model = SmallModels.Convolutional().Save(folder.File("model.onnx")), other = SmallModels.Convolutional().Save(folder.File("other.onnx"));

        var run = Run("bench", model, "--against", other, "--max-increase", "100%");
        var json = Run("bench", model, "--against", other, "--max-increase", "100%", "--format", "json");

        Assert.AreEqual((int)ExitCode.Pass, run.ExitCode, run.Output + run.Error);
        StringAssert.Contains(run.Output, "The model is not more than 100 % slower: it is between ");
        using var document = JsonDocument.Parse(json.Output);
        Assert.AreEqual("pass", document.RootElement.GetProperty("verdict").GetString());
        Assert.IsGreaterThan(0.5, document.RootElement.GetProperty("ratio").GetDouble());
    }

    [TestMethod]
    [DataRow("latency.p50: 12 ms", DisplayName = "by its time")]
    [DataRow("latency.p50: { max: 12 ms, machine: elsewhere }", DisplayName = "by its time on another machine")]
    [DataRow("macs: { max_increase: 5% }", DisplayName = "by its growth")]
    [DataRow("quantized.int8.speedup: { min: 2 }", DisplayName = "by a copy's time")]
    public void A_budget_that_would_run_what_no_runtime_runs_is_a_mistake_of_the_policy(string budget)
    {
        folder.Write("model.gguf", new GgufFile().Tensor("output.weight", 0, 128, [32]).ToArray());
        string policy = folder.Write("modelgate.yml", Encoding.UTF8.GetBytes($"version: 1\nmachines:\n  elsewhere: {{ cpu: \"Abacus\" }}\nmodels:\n  - path: model.gguf\n    baseline: {{ from: file:model.gguf }}\n    budgets:\n      parameters: 1\n      {budget}\n"));

        var run = Run("check", policy);

        Assert.AreEqual((int)ExitCode.PolicyOrUsage, run.ExitCode, run.Output);
        StringAssert.Contains(run.Output, "modelgate.yml(9,7): error MG2014: model.gguf: ");
        StringAssert.Contains(run.Output, "was not measured: ONNX Runtime runs models in the formats onnx and ort (.onnx, .ort), and this one is gguf.");
        StringAssert.Contains(run.Output, "MG1001: model.gguf: parameters is 32");
    }

    [TestMethod]
    public void A_budget_that_may_go_without_is_deferred_where_no_runtime_runs_the_model()
    {
        folder.Write("model.gguf", new GgufFile().Tensor("output.weight", 0, 128, [32]).ToArray());

        var run = Run("check", folder.Write("modelgate.yml", "version: 1\nmodels:\n  - path: model.gguf\n    budgets:\n      parameters: 32\n      latency.p50: { max: 1 ms, optional: true }\n"u8.ToArray()));

        Assert.AreEqual((int)ExitCode.Pass, run.ExitCode, run.Output);
    }

    [TestMethod]
    public void An_increase_without_anything_to_compare_with_is_refused() =>
        Assert.AreEqual((int)ExitCode.PolicyOrUsage, Run("bench", "model.onnx", "--max-increase", "5%").ExitCode);

    [TestMethod]
    [DataRow("check", "-h")]
    [DataRow("check", "-?")]
    [DataRow("check", "modelgate.yml", "-h")]
    [DataRow("inspect", "-h")]
    public void Help_is_given_by_its_short_names(params string[] command)
    {
        var run = Run(command);

        Assert.AreEqual((int)ExitCode.Pass, run.ExitCode, run.Error);
        Assert.Contains("Examples:", run.Output);
    }

    [TestMethod]
    public void A_value_that_is_not_understood_is_told_with_its_option() =>
        Assert.Contains("--max-time: `2` has no unit: write `2 ms` or `2 s`.", Run("bench", "model.onnx", "--max-time", "2").Error);

    [TestMethod]
    [DataRow("--max-time", "60 potatoes")]
    [DataRow("--max-increase", "0.05")]
    [DataRow("--max-time", "0 s")]
    [DataRow("--max-time", "99999999min")]
    [DataRow("--threads", "0")]
    [DataRow("--provider", "gpu")]
    [DataRow("--confidence", "50%")]
    [DataRow("--format", "html")]
    public void Bench_refuses_what_it_does_not_know(string option, string value) =>
        Assert.AreEqual((int)ExitCode.PolicyOrUsage, Run("bench", "model.onnx", option, value).ExitCode);

    [TestMethod]
    [DataRow("--profile and --sweep are of one model alone", "--against", "model.onnx", "--profile")]
    [DataRow("--profile and --sweep are of one model alone", "--noise-floor", "--sweep", "n=1..4")]
    [DataRow("--format markdown is of one model alone", "--noise-floor", "--format", "markdown")]
    [DataRow("--metric and --seed are of comparisons", "--metric", "latency.p95")]
    [DataRow("--metric and --seed are of comparisons", "--seed", "1")]
    public void An_option_that_would_do_nothing_is_refused(string reason, params string[] options)
    {
        var run = Run(["bench", "model.onnx", .. options]);

        Assert.AreEqual((int)ExitCode.PolicyOrUsage, run.ExitCode);
        Assert.Contains(reason, run.Error);
    }

    [TestMethod]
    [DataRow("--dim says twice what seq is.", "--dim", "seq=1", "--dim", "seq=2")]
    [DataRow("--shape says twice what x is.", "--shape", "x=1,8", "--shape", "x=2,8")]
    [DataRow("--range says twice what x is.", "--range", "x=1,8", "--range", "x=2,8")]
    [DataRow("--sweep varies seq, so --dim cannot fix it.", "--dim", "seq=128", "--sweep", "seq=32..512")]
    public void What_is_said_twice_is_refused(string reason, params string[] options)
    {
        var run = Run(["bench", "model.onnx", .. options]);

        Assert.AreEqual((int)ExitCode.PolicyOrUsage, run.ExitCode);
        Assert.Contains(reason, run.Error);
    }

    private static byte[] Model { get; } = SmallModels.Dense().ToArray();

    private CommandRun Check(string limit, byte[]? model = null, string[]? more = null)
    {
        folder.Write("model.onnx", model ?? Model);
        return Run(["check", Policy("path: model.onnx", limit), .. more ?? []]);
    }

    private string Policy(string path, string limit, string more = "") =>
        folder.Write("modelgate.yml", Encoding.UTF8.GetBytes($"version: 1\nmodels:\n  - {path}\n    budgets:\n      size.on_disk: {limit}\n{more}\n"));

    private static CommandRun Run(params string[] args) => CommandRun.Of(args);
}
