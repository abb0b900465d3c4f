using System.Globalization;
using System.Text;
using ModelGate.Tool;

namespace ModelGate.Tests.Faults;

/// <summary>Rows 46, 49 and 50 of the fault table: neither the console, nor the culture, nor a report's folder decides what is judged.</summary>
[TestClass]
public sealed class ConsoleFaultTests : IDisposable
{
    private readonly Workplace at = new();

    public ConsoleFaultTests()
    {
        at.Write("model.onnx", Workplace.GoodModel);
        at.JudgeSize("model.onnx");
    }

    public void Dispose() => at.Dispose();

    [TestMethod]
    public void Fault_46_a_full_disk_leaves_no_half_report_and_turns_0_into_4()
    {
        if (!OperatingSystem.IsLinux()) Assert.Inconclusive("Only Linux has a folder that is always full.");
        at.Check("--report", "/sys/report.json").Is(4).Says("PASS").Says("/sys/report.json: error MG9002: The report could not be written: ");
    }

    [TestMethod]
    [DataRow("policy.json")]
    [DataRow("./linked/policy.json")]
    [DataRow("model.txt")]
    public void Fault_46_a_report_replaces_no_file_that_the_verdict_rests_on(string report)
    {
        at.Write("model.txt", Workplace.GoodModel);
        at.Write("policy.json", "{version: 1, models: [{path: model.txt, budgets: {size.on_disk: 1 TB}}]}"u8.ToArray());
        if (!OperatingSystem.IsWindows()) Directory.CreateSymbolicLink(at.File("linked"), at.Path);
        else if (report.Contains('/', StringComparison.Ordinal)) Assert.Inconclusive("Links need a privilege on Windows.");
        var before = File.ReadAllBytes(at.File(report));

        at.Check("policy.json", "--report", report).Is(4).Says("PASS").Says($"{report}: error MG9002: The report would replace a file that the verdict rests on. Give it another name; the verdict above stands.");

        CollectionAssert.AreEqual(before, File.ReadAllBytes(at.File(report)));
    }

    [TestMethod]
    public void Fault_46_a_report_that_cannot_be_written_leaves_a_breach_a_breach()
    {
        at.Judge("size.on_disk: 1 B", "model.onnx");
        Directory.CreateDirectory(at.File("taken.json"));

        at.Check("--report", "taken.json", "--report", "written.json").Is(1).Says("MG9002").Says("BREACH");
        Assert.IsTrue(File.Exists(at.File("written.json")));
        Assert.IsEmpty(Directory.GetFiles(at.Path, "*.tmp"));
    }

    [TestMethod]
    [DataRow("1000 TB", 4)]
    [DataRow("1 B", 1)]
    public void Fault_46_a_full_standard_output_is_told_and_a_report_is_written_all_the_same(string limit, int exitCode)
    {
        NeedsDevFull();
        at.Judge($"size.on_disk: {limit}", "model.onnx");

        ToolProcess.Shell(at.Path, "modelgate check --report r.json >/dev/full").Is(exitCode)
            .Says("standard output: error MG9002: The output could not be written: no space is left for it.");
        Assert.IsTrue(File.Exists(at.File("r.json")));
    }

    [TestMethod]
    public void Fault_46_nobody_can_be_told_and_the_exit_code_still_is_right()
    {
        NeedsDevFull();
        ToolProcess.Shell(at.Path, "modelgate check >/dev/full 2>/dev/full").Is(4);
        ToolProcess.Shell(at.Path, "modelgate chekc 2>/dev/full").Is(2);
        ToolProcess.Shell(at.Path, "modelgate metrics >/dev/full").Is(4);
    }

    [TestMethod]
    [DataRow("1000 TB", 0)]
    [DataRow("1 B", 1)]
    public void Fault_49_a_reader_that_has_seen_enough_changes_nothing(string limit, int exitCode)
    {
        at.Judge($"size.on_disk: {limit}", "model.onnx");
        ToolProcess.Shell(at.Path, "{ modelgate check --report r.json; echo $? >code; } | true; cat code").Is(0).Says(exitCode.ToString(CultureInfo.InvariantCulture));
        Assert.IsTrue(File.Exists(at.File("r.json")));
    }

    [TestMethod]
    public void Fault_49_closed_streams_are_no_pass_and_no_crash()
    {
        ToolProcess.Shell(at.Path, "modelgate check >&- 2>&-").Is(4);
    }

    [TestMethod]
    public void Fault_49_a_stream_that_is_closed_from_the_start_fails_like_a_full_one()
    {
        using var error = new StringWriter();
        Assert.AreEqual(4, CommandLine.Run(["metrics"], new Terminal(new ClosedWriter(), error, OutColor: false, ShowsProgress: false, Unicode: true, Width: 100)));
        Assert.Contains("standard output: error MG9002: The output could not be written: it is closed.", error.ToString());
        Assert.AreEqual(2, CommandLine.Run(["chekc"], new Terminal(new ClosedWriter(), new ClosedWriter(), OutColor: false, ShowsProgress: false, Unicode: true, Width: 100)));
    }

    [TestMethod]
    public void Fault_46_a_limit_on_the_length_of_files_is_told_and_leaves_no_half_report()
    {
        ToolProcess.Shell(at.Path, "ulimit -f 0; export DOTNET_EnableWriteXorExecute=0; modelgate check --report r.json").Is(4).Says("PASS").Says("r.json: error MG9002: The report could not be written: no space is left for it.");
        Assert.IsEmpty(Directory.GetFiles(at.Path, "r.json*"));
    }

    [TestMethod]
    public void Fault_49_a_current_folder_that_was_deleted_is_told() =>
        ToolProcess.Shell(at.Path, "mkdir gone && cd gone && rmdir ../gone && modelgate check").Is(2).Says("MG2090: The current folder was deleted.");

    [TestMethod]
    [DataRow("LANG", "tr_TR.UTF-8")]
    [DataRow("LC_ALL", "de_DE.UTF-8")]
    [DataRow("LC_ALL", "C")]
    [DataRow("LC_ALL", "POSIX.ISO-8859-1")]
    [DataRow("TZ", "Pacific/Kiritimati")]
    [DataRow("TERM", "dumb")]
    [DataRow("NO_COLOR", "1")]
    [DataRow("HOME", null)]
    [DataRow("PATH", null)]
    public void Fault_49_no_variable_changes_a_byte_of_the_machine_readable_lines(string variable, string? value)
    {
        at.Judge("size.on_disk: 1.5 kB", "model.onnx");
        string usual = at.Check("--format", "msbuild").Output;

        Assert.AreEqual(usual, ToolProcess.Run(at.Path, new Dictionary<string, string?> { [variable] = value }, "check", "--format", "msbuild").Output);
    }

    [TestMethod]
    public void Fault_49_colour_is_forced_only_where_it_is_asked_for_and_not_forbidden()
    {
        Assert.DoesNotContain('\u001b', at.Check().Output);
        Assert.Contains('\u001b', ToolProcess.Run(at.Path, new Dictionary<string, string?> { ["FORCE_COLOR"] = "1" }, "check").Output);
        Assert.DoesNotContain('\u001b', ToolProcess.Run(at.Path, new Dictionary<string, string?> { ["FORCE_COLOR"] = "1", ["NO_COLOR"] = "1" }, "check").Output);
        Assert.DoesNotContain('\u001b', ToolProcess.Run(at.Path, new Dictionary<string, string?> { ["FORCE_COLOR"] = "0" }, "check").Output);
    }

    [TestMethod]
    [DataRow("NO_COLOR=1", "check")]
    [DataRow("NO_COLOR=1", "inspect model.onnx")]
    [DataRow("NO_COLOR=1 LC_ALL=C.US-ASCII", "check")]
    [DataRow("TERM=xterm", "check --format msbuild > /dev/null; echo model.onnx")]
    public void Fault_49_a_terminal_on_which_colours_are_forbidden_gets_no_escape_at_all(string environment, string command)
    {
        if (!OperatingSystem.IsLinux() || !File.Exists("/usr/bin/script")) Assert.Inconclusive("The test makes its terminal with script(1).");

        var run = ToolProcess.Shell(at.Path, $"SHELL=/bin/sh TERM=xterm {environment} script -qec 'stty cols 60; \"$DOTNET\" exec \"$TOOL\" {command}' /dev/null").Is(0);

        Assert.DoesNotContain('\u001b', run.Output);
        Assert.Contains("model.onnx", run.Output);
    }

    [TestMethod]
    [DataRow("check")]
    [DataRow("check", "--format", "markdown")]
    [DataRow("check", "--format", "github")]
    [DataRow("inspect", "model.onnx")]
    [DataRow("advise", "model.onnx", "--no-run")]
    [DataRow("metrics")]
    [DataRow("metrics", "--format", "markdown")]
    [DataRow("compress", "--help")]
    public void Fault_49_where_the_encoding_has_no_such_characters_they_are_written_by_hand_and_not_as_question_marks(params string[] command)
    {
        if (OperatingSystem.IsWindows()) Assert.Inconclusive("Windows has a code page and no such variable.");

        var run = ToolProcess.Run(at.Path, new Dictionary<string, string?> { ["LC_ALL"] = "C.US-ASCII" }, command).Is(0);

        Assert.DoesNotContain('?', run.Output.Replace("-?, -h", "", StringComparison.Ordinal));
        Assert.IsTrue(Ascii.IsValid(run.Output));
    }

    [TestMethod]
    public void Fault_50_without_the_variables_of_a_runner_annotations_name_the_policy_as_it_was_given()
    {
        at.Judge("size.on_disk: 1 B", "model.onnx");
        var run = ToolProcess.Run(at.Path, new Dictionary<string, string?> { ["GITHUB_WORKSPACE"] = null, ["GITHUB_STEP_SUMMARY"] = null, ["GITHUB_OUTPUT"] = null }, "check", "--format", "github");

        run.Is(1).Says("::error file=modelgate.yml,line=5,col=7,");
    }

    private static void NeedsDevFull()
    {
        if (!File.Exists("/dev/full")) Assert.Inconclusive("This system has no /dev/full.");
    }
}
