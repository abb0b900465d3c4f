using System.Diagnostics;
using ModelGate.TestModels;

namespace ModelGate.Tests.Faults;

/// <summary>What lies where a file should, or is far longer than it should be.</summary>
[TestClass]
public sealed class SurroundingsFaultTests : IDisposable
{
    private readonly Workplace at = new();

    public void Dispose() => at.Dispose();

    [TestMethod]
    public void Twenty_pipes_for_models_cost_no_more_than_one()
    {
        if (OperatingSystem.IsWindows()) Assert.Inconclusive("Windows keeps its pipes out of folders.");
        string[] pipes = [.. Enumerable.Range(0, 20).Select(index => $"pipe{index}.onnx")];
        foreach (string pipe in pipes) Pipe(pipe);
        at.JudgeSize(pipes);
        var watch = Stopwatch.StartNew();

        at.Check().Is(3).Says("20 unmeasured").Says("it is not a regular file");

        Assert.IsLessThan(TimeSpan.FromSeconds(15), watch.Elapsed, "a second was waited for each");
    }

    [TestMethod]
    public void A_pipe_for_a_part_of_a_model_is_named()
    {
        if (OperatingSystem.IsWindows()) Assert.Inconclusive("Windows keeps its pipes out of folders.");
        at.Write("model.safetensors.index.json", "{\"weight_map\":{\"w\":\"part.safetensors\"}}"u8.ToArray());
        Pipe("part.safetensors");
        at.JudgeSize("model.safetensors.index.json");

        at.Check().Is(3).Says("'part.safetensors': it is not a regular file");
    }

    [TestMethod]
    public void A_request_without_end_is_refused()
    {
        if (OperatingSystem.IsWindows()) Assert.Inconclusive("Windows has no file without end.");

        at.Check("--request", "/dev/zero").Is(2).Says("--request /dev/zero: more than 16777216 characters long");
        at.Check("--request", "absent").Is(2).Says("--request absent: there is no such file");
        at.Check("--request", at.Write("short", "modelgate-request\t1\nmodel\nend\n"u8.ToArray())).Is(2).Says("a line of it is cut short");
    }

    [TestMethod]
    public void Samples_from_a_pipe_are_refused_at_once()
    {
        if (OperatingSystem.IsWindows()) Assert.Inconclusive("Windows keeps its pipes out of folders.");
        at.Write("model.onnx", Workplace.GoodModel);
        Pipe("samples.npz");

        ToolProcess.Run(at.Path, "compare", "model.onnx", "model.onnx", "--samples", "samples.npz", "--max-time", "40 s").Is(3).Says("it is empty, or no regular file");
    }

    [TestMethod]
    public void A_model_that_declares_an_input_twice_is_refused_by_the_runtime_and_not_by_a_crash()
    {
        at.Write("twice.onnx", Onnx.Model(new OnnxGraph().Input("x", ModelGate.Models.DataTypes.Float32, "4").Input("x", ModelGate.Models.DataTypes.Float32, "4").Node("Relu", "x", "y").Output("y", ModelGate.Models.DataTypes.Float32, "4")).ToArray());

        var run = ToolProcess.Run(at.Path, "bench", "twice.onnx", "--max-time", "1 s");

        Assert.AreNotEqual(4, run.ExitCode, run.ToString());
    }

    [TestMethod]
    public void Without_a_temporary_folder_a_model_is_timed_and_only_its_profile_is_missing()
    {
        if (OperatingSystem.IsWindows()) Assert.Inconclusive("Windows names its temporary folder otherwise.");
        at.Write("model.onnx", Workplace.GoodModel);

        var run = ToolProcess.Run(at.Path, new Dictionary<string, string?> { ["TMPDIR"] = at.File("nowhere") }, "bench", "model.onnx", "--max-time", "2 s");

        Assert.AreNotEqual(4, run.ExitCode, run.ToString());
        run.Says("latency.p50").Says("the profile cannot be read");
    }

    private void Pipe(string name)
    {
        using var made = Process.Start("mkfifo", at.File(name));
        made.WaitForExit();
    }
}
