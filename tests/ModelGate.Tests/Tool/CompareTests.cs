using System.Text.Json;
using ModelGate.Models;
using ModelGate.TestModels;
using ModelGate.Tests.Measuring.Outputs;
using ModelGate.Tool;

namespace ModelGate.Tests.Tool;

/// <summary><c>modelgate compare</c> as a user runs it.</summary>
[TestClass]
public sealed class CompareTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [TestMethod]
    public void What_the_files_hold_reads_as_approved()
    {
        var run = Compare("--no-run");

        Assert.AreEqual((int)ExitCode.Pass, run.ExitCode, run.Error);
        Golden.AssertMatches("Tool", "compare.txt", run.Output.Replace(folder.Path + Path.DirectorySeparatorChar, "", StringComparison.Ordinal));
        Golden.AssertMatches("Tool", "compare.md", Compare("--no-run", "--format", "markdown").Output.Replace(folder.Path + Path.DirectorySeparatorChar, "", StringComparison.Ordinal).Replace(Escaped(folder.Path) + "/", "", StringComparison.Ordinal));
    }

    [TestMethod]
    public void A_model_whose_tensors_are_not_read_is_named_with_its_format()
    {
        string pickle = folder.Write("model.pt", [0x80, 2, (byte)'}', (byte)'.']);

        var run = CommandRun.Of("compare", SmallModels.Dense().Save(folder.File("model.onnx")), pickle, "--no-run");

        Assert.AreEqual((int)ExitCode.Pass, run.ExitCode, run.Error);
        Assert.Contains("Tensors are not compared: model.pt: the file is a Python pickle, as PyTorch and scikit-learn write it: ", run.Output);
    }

    [TestMethod]
    public void Outputs_are_compared_on_seeded_inputs_and_on_samples_with_labels()
    {
        string samples = NumpyFiles.Save(folder.File("eval.npz"), ("x", NumpyFiles.Floats([2, 4], 1, 0, 0, 0, 0, 1, 0, 0)), ("labels", NumpyFiles.Longs([2], 0, 1)));

        using var seeded = JsonDocument.Parse(Compare("--format", "json").Output);
        using var given = JsonDocument.Parse(Compare("--format", "json", "--samples", samples).Output);

        var outputs = seeded.RootElement.GetProperty("outputs");
        Assert.IsTrue(outputs.GetProperty("seeded").GetBoolean());
        Assert.IsLessThan(1.0, outputs.GetProperty("all").GetProperty("cosine").GetDouble());
        Assert.AreEqual("y", outputs.GetProperty("each")[0].GetProperty("name").GetString());
        Assert.AreEqual(2, given.RootElement.GetProperty("outputs").GetProperty("samples").GetInt32());
        Assert.AreNotEqual(JsonValueKind.Null, given.RootElement.GetProperty("outputs").GetProperty("accuracy_before").ValueKind);
        Assert.AreEqual(JsonValueKind.Null, given.RootElement.GetProperty("latency").ValueKind);
    }

    [TestMethod]
    public void An_output_without_a_finite_value_is_told_no_figures()
    {
        string model = Onnx.Model(new OnnxGraph().Input("x", DataTypes.Float32, "1", "2").Initializer(Onnx.Floats("nan", [1, 2], float.NaN, float.NaN))
            .Node("Add", "x nan", "none").Node("Neg", "x", "some").Output("none", DataTypes.Float32, "1", "2").Output("some", DataTypes.Float32, "1", "2")).Save(folder.File("model.onnx"));

        var lines = CommandRun.Of("compare", model, model).Output.Split('\n');

        Assert.AreEqual("none 0 100 %", string.Join(' ', lines.Single(static line => line.StartsWith("  none ", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)));
        Assert.Contains("1.000000", lines.Single(static line => line.StartsWith("  some ", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void Tensors_whose_values_are_not_read_are_explained()
    {
        folder.Write("sparse.bin", new byte[24]);
        string model = Onnx.Model(new OnnxGraph().SparseInitializer(Sparse("s")).SparseInitializer(Sparse("t"))).Save(folder.File("shared.onnx"));

        Assert.Contains("Unread: both models have the tensor, but its values are not compared: those of a sparse tensor that shares external bytes with another", CommandRun.Of("compare", model, model, "--no-run").Output);

        static Message Sparse(string name) => new Message().Nested(1, Onnx.External(name, DataTypes.Float32, [2], "sparse.bin", "0", "8")).Nested(2, Onnx.External("", DataTypes.Int64, [2], "sparse.bin", "8", "16")).Varint(3, 100);
    }

    [TestMethod]
    [DoNotParallelize]
    public void Latency_is_compared_on_request()
    {
        var run = Compare("--time", "--max-time", "4 s");

        Assert.AreEqual((int)ExitCode.Pass, run.ExitCode, run.Error);
        StringAssert.Contains(run.Output, "Latency (p50, in turns): ");
        StringAssert.Contains(run.Output, " restarts)");
    }

    [TestMethod]
    public void Models_that_cannot_be_run_beside_each_other_are_exit_code_3_and_their_tensors_are_compared_all_the_same()
    {
        string before = SmallModels.Dense().Save(folder.File("before.onnx")), after = SmallModels.Dense(5, 2).Save(folder.File("after.onnx"));

        var run = CommandRun.Of("compare", before, after);

        Assert.AreEqual((int)ExitCode.NotJudged, run.ExitCode);
        StringAssert.Contains(run.Output, "Outputs are not compared: MG4014");
        StringAssert.Contains(run.Output, "changed");
    }

    [TestMethod]
    public void A_file_that_is_no_model_is_exit_code_3_and_a_wrong_option_2()
    {
        folder.Write("empty.onnx", []);

        var run = CommandRun.Of("compare", SmallModels.Dense().Save(folder.File("model.onnx")), folder.File("empty.onnx"));

        Assert.AreEqual((int)ExitCode.NotJudged, run.ExitCode);
        StringAssert.Contains(run.Error, "empty.onnx: error MG3002");
        Assert.AreEqual((int)ExitCode.PolicyOrUsage, Compare("--samples", folder.File("nothing.npz")).ExitCode);
        Assert.AreEqual((int)ExitCode.PolicyOrUsage, Compare("--no-run", "--time").ExitCode);
        Assert.AreEqual((int)ExitCode.PolicyOrUsage, Compare("--inputs", "0").ExitCode);
    }

    // A layer whose weights moved a little, under a bias of another name, with a layer that is new.
    private CommandRun Compare(params string[] options)
    {
        string before = Onnx.Model(new OnnxGraph().Input("x", DataTypes.Float32, "n", "4")
            .Initializer(Onnx.Floats("w", [4, 2], 1, 0, 0, 1, 1, 0, 0, 1), Onnx.Floats("bias", [2], 0.5f, 0.25f))
            .Node("Gemm", "x w bias", "y").Output("y", DataTypes.Float32, "n", "2")).Save(folder.File("before.onnx"));
        string after = Onnx.Model(new OnnxGraph().Input("x", DataTypes.Float32, "n", "4")
            .Initializer(Onnx.Floats("w", [4, 2], 1, 0.125f, 0, 1, 1, 0, 0, 1), Onnx.Floats("b", [2], 0.5f, 0.25f), Onnx.Floats("mix", [2, 2], 1, 0, 0, 1))
            .Node("Gemm", "x w b", "h").Node("MatMul", "h mix", "y").Output("y", DataTypes.Float32, "n", "2")).Save(folder.File("after.onnx"));
        return CommandRun.Of(["compare", before, after, .. options]);
    }

    private static string Escaped(string path) => ModelGate.Reporting.Untrusted.Markdown(path.Replace('\\', '/'));
}
