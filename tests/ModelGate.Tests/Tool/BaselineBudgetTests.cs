using System.Text;
using ModelGate.TestModels;
using ModelGate.Tool;

namespace ModelGate.Tests.Tool;

/// <summary><c>modelgate check</c> of budgets on an increase: what grew beyond its baseline, and which baseline that is.</summary>
[TestClass]
public sealed class BaselineBudgetTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [TestMethod]
    public void A_growth_beyond_its_baseline_is_exit_code_1_and_a_baseline_that_is_not_there_is_3()
    {
        folder.Write("model.onnx", SmallModels.Dense(8, 8).ToArray());
        string policy = folder.Write("modelgate.yml", "version: 1\nbaseline: { from: file:released }\nmodels:\n  - path: model.onnx\n    budgets:\n      parameters: { max: 1K, max_increase: 2% }\n"u8.ToArray());

        var missing = Run("check", policy);
        Directory.CreateDirectory(folder.File("released"));
        folder.Write("released/model.onnx", Model);
        var grown = Run("check", policy);
        folder.Write("released/model.onnx", SmallModels.Dense(8, 8).ToArray());
        var same = Run("check", policy);

        Assert.AreEqual((int)ExitCode.NotJudged, missing.ExitCode, missing.Output);
        StringAssert.Contains(missing.Output, "modelgate.yml(6,7): error MG4015: model.onnx: the increase of parameters was not measured: the baseline released cannot be weighed or timed: ");
        Assert.AreEqual((int)ExitCode.Breach, grown.ExitCode, grown.Output);
        StringAssert.Contains(grown.Output, "modelgate.yml(6,7): error MG1001: model.onnx: parameters is 620 % above its baseline (72 against 10), over its max_increase of 2%. What grew: 'w' widened from float32 4x2 to float32 8x8, +56; 'b' widened from float32 2 to float32 8, +6. Next: `modelgate inspect ");
        StringAssert.Contains(grown.Output, "released/model.onnx` lists every tensor that differs.");
        Assert.AreEqual((int)ExitCode.Pass, same.ExitCode, same.Output);
    }

    [TestMethod]
    public void A_total_beyond_its_baseline_names_the_models_that_grew_and_their_tensors()
    {
        Directory.CreateDirectory(folder.File("released"));
        foreach (string name in (string[])["a.onnx", "b.onnx", "same.onnx"]) folder.Write("released/" + name, Model);
        folder.Write("a.onnx", SmallModels.Dense(4, 4).ToArray());
        folder.Write("b.onnx", SmallModels.Dense(8, 8).ToArray());
        folder.Write("same.onnx", Model);
        string policy = folder.Write("modelgate.yml", "version: 1\nbaseline: { from: file:released }\nmodels:\n  - path: '*.onnx'\ntotal:\n  budgets:\n    parameters: { max_increase: 2% }\n"u8.ToArray());

        var run = Run("check", policy);

        Assert.AreEqual((int)ExitCode.Breach, run.ExitCode, run.Output);
        StringAssert.Contains(run.Output, "total: parameters is 240 % above its baseline (102 against 30), over its max_increase of 2%. What grew: b.onnx by 62 ('w' widened from float32 4x2 to float32 8x8, +56, 'b' widened from float32 2 to float32 8, +6); a.onnx by 10 (");
        StringAssert.Contains(run.Output, "b.onnx` lists every tensor of b.onnx that differs.");
    }

    [TestMethod]
    public void A_model_outside_the_policys_folder_has_its_baseline_in_the_named_folder_and_nowhere_else()
    {
        Directory.CreateDirectory(folder.File("app"));
        Directory.CreateDirectory(folder.File("models"));
        Directory.CreateDirectory(folder.File("released/models"));
        folder.Write("models/m.onnx", SmallModels.Dense(8, 8).ToArray());
        string policy = folder.Write("app/modelgate.yml", "version: 1\nbaseline: { from: file:../released }\nmodels:\n  - path: ../models/m.onnx\n    budgets:\n      parameters: { max_increase: 2% }\n"u8.ToArray());

        var missing = Run("check", policy);
        folder.Write("released/models/m.onnx", Model);
        var grown = Run("check", policy);

        Assert.AreEqual((int)ExitCode.NotJudged, missing.ExitCode, missing.Output);
        StringAssert.Contains(missing.Output, "the baseline ../released/models/m.onnx cannot be weighed or timed: ");
        Assert.AreEqual((int)ExitCode.Breach, grown.ExitCode, grown.Output);
        StringAssert.Contains(grown.Output, "620 % above its baseline");
    }

    [TestMethod]
    [DataRow("file:model.onnx")]
    [DataRow("file:linked.onnx")]
    public void A_model_is_no_baseline_for_itself(string from)
    {
        folder.Write("model.onnx", Model);
        if (from == "file:linked.onnx")
        {
            if (OperatingSystem.IsWindows())
                Assert.Inconclusive("Making links needs a privilege on Windows.");
            File.CreateSymbolicLink(folder.File("linked.onnx"), folder.File("model.onnx"));
        }

        string policy = folder.Write("modelgate.yml", Encoding.UTF8.GetBytes(
            $"version: 1\nbaseline: {{ from: {from} }}\nmodels:\n  - path: model.onnx\n    budgets:\n      parameters: {{ max_increase: 2% }}\n      latency.p50: {{ max_increase: 2% }}\ntotal:\n  budgets:\n    parameters: {{ max_increase: 2% }}\n"));
        var run = Run("check", policy, "--measure", "all");

        Assert.AreEqual((int)ExitCode.NotJudged, run.ExitCode, run.Output);
        Assert.HasCount(3, run.Output.Split('\n').Where(line => line.Contains("error MG4015", StringComparison.Ordinal) && line.Contains("it is the model itself", StringComparison.Ordinal)).ToArray(), run.Output);
    }

    private static byte[] Model { get; } = SmallModels.Dense().ToArray();

    private static CommandRun Run(params string[] args) => CommandRun.Of(args);
}
