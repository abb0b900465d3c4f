using System.Diagnostics;

namespace ModelGate.Tests.Faults;

/// <summary>Rows 47 and 48 of the fault table: a run that is ended early leaves no process, no file and no verdict; runs side by side agree.</summary>
[TestClass]
public sealed class InterruptionFaultTests : IDisposable
{
    private const int HangUp = 1, Interrupt = 2, Kill = 9, Terminate = 15;

    private readonly Workplace at = new();

    public InterruptionFaultTests() => at.Write("model.onnx", Workplace.GoodModel);

    public void Dispose() => at.Dispose();

    [TestMethod]
    [DoNotParallelize]
    [DataRow(Interrupt, 130)]
    [DataRow(Terminate, 143)]
    [DataRow(Kill, 137)]
    [DataRow(HangUp, 129)]
    public void Fault_47_a_signal_while_timing_leaves_no_worker_and_no_report(int signal, int exitCode)
    {
        if (!OperatingSystem.IsLinux()) Assert.Inconclusive("The test finds the worker through /proc.");
        ToolProcess.NeedsSignal(signal);
        // Ten seconds' worth of restarts lie ahead when the signal comes.
        at.Policy("version: 1\nbenchmark: { max_time: 60 s, confidence: 99.9% }\nmodels:\n  - path: model.onnx\n    budgets:\n      latency.p99: 1 s\n      startup.ready: 1 ns\n");
        string temporary = Directory.CreateDirectory(at.File("tmp")).FullName;

        using var tool = ToolProcess.Start(at.Path, new Dictionary<string, string?> { ["TMPDIR"] = temporary, ["DOTNET_EnableDiagnostics"] = "0" }, "check", "--report", "report.json");
        int worker = WaitForChild(tool.Id);
        Send(tool.Id, signal);
        var finished = tool.End();

        Assert.AreEqual(exitCode, finished.ExitCode, finished.ToString());
        Assert.IsTrue(SpinWait.SpinUntil(() => IsGone(worker), TimeSpan.FromSeconds(20)), "The worker lives on.");
        Assert.DoesNotContain("PASS", finished.Output);
        Assert.AreEqual("model.onnx modelgate.yml tmp", string.Join(' ', Directory.GetFileSystemEntries(at.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal)));
        Assert.IsEmpty(Directory.GetFileSystemEntries(temporary));
    }

    [TestMethod]
    [DataRow(HangUp, 129)]
    [DataRow(Interrupt, 130)]
    public void Fault_47_a_signal_while_a_copy_is_run_leaves_none_behind(int signal, int exitCode)
    {
        if (!OperatingSystem.IsLinux()) Assert.Inconclusive("The test finds the worker through /proc.");
        ToolProcess.NeedsSignal(signal);
        string temporary = Directory.CreateDirectory(at.File("tmp")).FullName;

        using var tool = ToolProcess.Start(at.Path, new Dictionary<string, string?> { ["TMPDIR"] = temporary, ["DOTNET_EnableDiagnostics"] = "0" }, "advise", "model.onnx", "--to", "int8");
        Assert.IsTrue(SpinWait.SpinUntil(() => Directory.GetFileSystemEntries(temporary).Length > 0, TimeSpan.FromSeconds(30)), "No copy was written.");
        Send(tool.Id, signal);

        Assert.AreEqual(exitCode, tool.End().ExitCode);
        Assert.IsEmpty(Directory.GetFileSystemEntries(temporary));
    }

    [TestMethod]
    [DataRow(Interrupt, 130)]
    [DataRow(Terminate, 143)]
    public void Fault_47_a_signal_ends_even_a_read_that_never_answers(int signal, int exitCode)
    {
        if (OperatingSystem.IsWindows()) Assert.Inconclusive("Windows keeps its pipes out of folders.");
        ToolProcess.NeedsSignal(signal);
        using (var mkfifo = Process.Start("mkfifo", at.File("request"))) mkfifo.WaitForExit();

        using var tool = ToolProcess.Start(at.Path, new Dictionary<string, string?> { ["DOTNET_EnableDiagnostics"] = "0" }, "check", "--request", "request");
        using var silent = new FileStream(at.File("request"), FileMode.Open, FileAccess.Write, FileShare.ReadWrite); // opens once the tool reads
        Send(tool.Id, signal);

        Assert.AreEqual(exitCode, tool.End().ExitCode);
    }

    [TestMethod]
    public void Fault_48_sixteen_runs_at_once_agree_and_write_one_whole_report()
    {
        at.JudgeSize("model.onnx");
        var runs = Enumerable.Range(0, 16).Select(_ => ToolProcess.Start(at.Path, null, "check", "--format", "json", "--report", "report.json")).ToArray();
        var ended = runs.Select(run => run.End().Is(0)).ToArray();
        foreach (var run in runs) run.Dispose();

        Assert.HasCount(1, ended.Select(run => run.Output).Distinct());
        Assert.AreEqual(ended[0].Output, File.ReadAllText(at.File("report.json")));
        Assert.IsEmpty(Directory.GetFiles(at.Path, "*.tmp"));
    }

    private static int WaitForChild(int parent)
    {
        int child = 0;
        Assert.IsTrue(SpinWait.SpinUntil(() => Directory.GetDirectories($"/proc/{parent}/task").Any(task => ChildrenOf(task) is { Length: > 1 } text
            && int.TryParse(text.Split(' ')[0], out child)), TimeSpan.FromSeconds(30)), "No worker was started.");
        return child;
    }

    private static string ChildrenOf(string task)
    {
        try
        {
            return File.ReadAllText(Path.Combine(task, "children"));
        }
        catch (IOException)
        {
            return ""; // the thread ended meanwhile
        }
    }

    private static bool IsGone(int process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/stat").Split(") ")[^1][0] is 'Z' or 'X';
        }
        catch (IOException)
        {
            return true;
        }
    }

    private static void Send(int process, int signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{process}"]);
        kill.WaitForExit();
    }
}
