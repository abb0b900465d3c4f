using System.Globalization;
using System.Text;
using System.Text.Json;
using ModelGate.Compressing;
using ModelGate.Models;
using ModelGate.TestModels;
using ModelGate.Tests.Measuring.Outputs;
using ModelGate.Tool;

namespace ModelGate.Tests.Tool;

/// <summary>Budgets on what a model is beside something else: compressed copies, its teacher, its base.</summary>
[TestClass]
public sealed class RelationBudgetTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [TestMethod]
    public void A_compressed_copy_is_weighed_without_running_anything()
    {
        string model = SmallModels.Dense(128, 128).Save(folder.File("model.onnx"));

        var measured = Measure("static", "", "quantized.int8.size: 1 MB", "quantized.int8.ratio: { min: 2 }", "quantized.int8.sqnr: { min: 20 dB }", "quantized.int8.remainder: 1 MB", "quantized.int8.cosine: { min: 0.9 }");

        var written = ModelCompressor.Compress(model, Schemes.Find("int8")!, folder.File("model.int8.onnx"));
        Assert.AreEqual(new FileInfo(folder.File("model.int8.onnx")).Length, measured["quantized.int8.size"]);
        Assert.AreEqual(written.Ratio, measured["quantized.int8.ratio"]);
        Assert.AreEqual(written.Total().Sqnr, measured["quantized.int8.sqnr"]!.Value, 1e-9);
        Assert.AreEqual(512, measured["quantized.int8.remainder"], "the bias");
        Assert.IsNull(measured["quantized.int8.cosine"], "deferred");
    }

    [TestMethod]
    public void What_pruning_gains_on_the_wire_is_budgeted_like_any_other_scheme()
    {
        string model = SmallModels.Dense(128, 128).Save(folder.File("model.onnx"));

        var measured = Measure("static", "", "quantized.pruned-50.size.on_wire.gzip: 1 MB", "quantized.pruned-50.size.on_wire.deflate: 1 MB", "quantized.pruned-2-4.size.on_wire.brotli: 1 MB",
            "quantized.int8.size.on_wire.gzip: 1 MB", "quantized.pruned-50.size: 1 MB", "quantized.pruned-50.sqnr: { min: 1 dB }", "quantized.pruned-50.remainder: 1 MB", "size.on_wire.gzip: 1 MB");

        var written = ModelCompressor.Compress(model, Schemes.Find("pruned-50")!, folder.File("model.pruned-50.onnx"));
        Assert.AreEqual(written.Pruning!.WireAfter, measured["quantized.pruned-50.size.on_wire.gzip"]);
        Assert.AreEqual(written.Pruning.WireAfter - 18, measured["quantized.pruned-50.size.on_wire.deflate"], "gzip adds 18 bytes");
        Assert.AreEqual(written.SizeAfter, measured["quantized.pruned-50.size"]);
        Assert.AreEqual(written.Total().Sqnr, measured["quantized.pruned-50.sqnr"]!.Value, 1e-9);
        Assert.AreEqual(written.Left.Sum(left => left.Bytes), measured["quantized.pruned-50.remainder"]);
        foreach (string smaller in (string[])["quantized.pruned-50.size.on_wire.gzip", "quantized.pruned-2-4.size.on_wire.brotli", "quantized.int8.size.on_wire.gzip"])
            Assert.IsLessThan(measured["size.on_wire.gzip"]!.Value, measured[smaller]!.Value, smaller);
    }

    [TestMethod]
    public void The_outputs_of_a_pruned_copy_are_held_against_the_models_own()
    {
        SmallModels.Convolutional().Save(folder.File("model.onnx"));

        var measured = Measure("all", "", "quantized.pruned-10.cosine: { min: 0.5 }", "quantized.pruned-10.max_error: 1", "quantized.pruned-2-4.top1: { min: 0% }", "quantized.pruned-10.size.on_wire.gzip: 1 MB");

        Assert.IsGreaterThan(0.9, measured["quantized.pruned-10.cosine"]!.Value);
        Assert.IsNotNull(measured["quantized.pruned-10.max_error"]);
        Assert.IsNotNull(measured["quantized.pruned-2-4.top1"]);
        Assert.IsNotNull(measured["quantized.pruned-10.size.on_wire.gzip"]);
    }

    [TestMethod]
    [DataRow("text")]
    [DataRow("markdown")]
    [DataRow("github")]
    [DataRow("msbuild")]
    [DataRow("json")]
    public void A_breach_by_a_pruned_copy_says_what_to_look_at_in_every_format(string format)
    {
        SmallModels.Dense(128, 128).Save(folder.File("model.onnx"));

        var run = Check("static", "", ["quantized.pruned-50.size.on_wire.gzip: 1 kB"], format);

        Assert.AreEqual((int)ExitCode.Breach, run.ExitCode, run.Output);
        Assert.Contains("quantized.pruned-50.size.on_wire.gzip", run.Output);
        if (format is not "markdown")
            StringAssert.Matches(run.Output, new(@"modelgate compress \S*model\.onnx --to pruned-50 -o \S*model\.pruned-50\.onnx"));
    }

    [TestMethod]
    [DataRow("quantized.pruned-100.size: 1 MB")]
    [DataRow("quantized.pruned-5-5.size: 1 MB")]
    [DataRow("quantized.pruned-50.size.on_wire.zstd: 1 MB")]
    [DataRow("quantized.pruned-50.latency: 1 ms")]
    public void A_share_or_a_quality_that_there_is_none_of_is_refused(string budget)
    {
        SmallModels.Dense().Save(folder.File("model.onnx"));

        var run = Check("static", "", budget);

        Assert.AreEqual((int)ExitCode.PolicyOrUsage, run.ExitCode, run.Output);
        Assert.Contains("unknown metric", run.Output);
    }

    [TestMethod]
    public void The_outputs_of_a_compressed_copy_are_held_against_the_models_own()
    {
        SmallModels.Convolutional().Save(folder.File("model.onnx"));

        var measured = Measure("all", "", "quantized.int8.cosine: { min: 0.9 }", "quantized.int8.max_error: 0.1", "quantized.int8.top1: { min: 50% }", "quantized.int8.size: 1 MB");

        Assert.IsGreaterThan(0.999, measured["quantized.int8.cosine"]!.Value);
        Assert.IsLessThan(0.01, measured["quantized.int8.max_error"]!.Value);
        Assert.IsNotNull(measured["quantized.int8.top1"]);
        Assert.IsNotNull(measured["quantized.int8.size"]);
    }

    [TestMethod]
    [DoNotParallelize]
    public void A_speedup_is_judged_by_turns_and_reads_as_one()
    {
        SmallModels.Convolutional().Save(folder.File("model.onnx"));

        var run = Check("all", "", "quantized.fp16.speedup: { min: 0.01 }");

        Assert.AreEqual((int)ExitCode.Pass, run.ExitCode, run.Output);
        StringAssert.Contains(run.Output, "of at least 0.01");
    }

    [TestMethod]
    public void A_student_is_held_against_its_teacher()
    {
        Product(1, 0, 0, 1).Save(folder.File("model.onnx"));
        Product(2, 0, 0, 3).Save(folder.File("teacher.onnx"));
        NumpyFiles.Save(folder.File("eval.npz"), ("x", NumpyFiles.Floats([4, 2], 9, 1, 1, 9, 7, 6, 1, 2)));

        var measured = Measure("all", "    teacher: teacher.onnx\n    samples: eval.npz\n", "teacher.agreement: { min: 50% }", "teacher.size_ratio: 200%");
        var far = Check("all", "    teacher: nowhere.onnx\n", "teacher.size_ratio: 200%");

        Assert.AreEqual(0.75, measured["teacher.agreement"], "7 and 6 become 14 and 18");
        Assert.AreEqual(1, measured["teacher.size_ratio"]);
        Assert.AreEqual((int)ExitCode.NotJudged, far.ExitCode, far.Output);
        StringAssert.Contains(far.Output, "error MG4020: model.onnx: teacher.size_ratio was not measured: nowhere.onnx cannot be read: ");
    }

    [TestMethod]
    [DataRow("    teacher: ./model.onnx\n", "teacher.size_ratio: 100%")]
    [DataRow("    base: model.onnx\n", "base.changed_parameters: 0")]
    public void A_model_beside_itself_is_no_pass(string relation, string budget)
    {
        Layers(4).Save(folder.File("model.onnx"));

        var run = Check("static", relation, budget);

        Assert.AreEqual((int)ExitCode.NotJudged, run.ExitCode, run.Output);
        StringAssert.Contains(run.Output, "was not measured: model.onnx is the model itself, beside which nothing is lost or changed.");
    }

    [TestMethod]
    public void A_budget_on_a_share_is_exceeded_by_percentage_points()
    {
        Layers(4).Save(folder.File("base.onnx"));
        Layers(6).Save(folder.File("model.onnx"));

        var run = Check("static", "    base: base.onnx\n", "base.shared_share: { min: 80% }");

        StringAssert.Contains(run.Output, "base.shared_share is 57.1 %, 22.9 percentage points (29 %) under its limit of 80%");
    }

    [TestMethod]
    public void A_tuned_model_is_held_against_its_base()
    {
        Layers(4).Save(folder.File("base.onnx"));
        Layers(6).Save(folder.File("model.onnx"));

        var measured = Measure("static", "    base: base.onnx\n", "base.changed_parameters: 1K", "base.shared_share: { min: 10% }", "base.delta_size: 1 kB");

        Assert.AreEqual(48, measured["base.changed_parameters"]);
        Assert.AreEqual(64.0 / 112, measured["base.shared_share"]!.Value, 1e-12);
        Assert.AreEqual(192, measured["base.delta_size"]);
    }

    [TestMethod]
    public void A_base_whose_tensors_are_not_read_is_named_with_its_format()
    {
        Layers(4).Save(folder.File("model.onnx"));
        folder.Write("base.pt", [0x80, 2, (byte)'}', (byte)'.']);

        var run = Check("static", "    base: base.pt\n", "base.changed_parameters: 1K");

        Assert.AreEqual((int)ExitCode.NotJudged, run.ExitCode, run.Output);
        StringAssert.Contains(run.Output, "error MG3011: model.onnx: base.changed_parameters was not measured: base.pt: the file is a Python pickle");
    }

    [TestMethod]
    public void A_model_that_cannot_be_compressed_so_is_not_measured()
    {
        Layers(6).Save(folder.File("float.onnx"));
        CommandRun.Of("compress", SmallModels.Dense(128, 128).Save(folder.File("float.onnx")), "--to", "int8", "-o", folder.File("model.onnx"));

        var run = Check("static", "", "quantized.int8.size: 1 MB");

        Assert.AreEqual((int)ExitCode.NotJudged, run.ExitCode, run.Output);
        StringAssert.Contains(run.Output, "error MG3015: model.onnx: quantized.int8.size was not measured: the model has been quantized already");
    }

    [TestMethod]
    public void A_model_is_held_against_hardware_by_arithmetic()
    {
        string model = SmallModels.Convolutional().Save(folder.File("model.onnx"));

        var measured = Measure("all", "", "target.raspberry-pi-5.memory: 100%", "target.raspberry-pi-5.latency_bound: 1 s", "target.slow.download_time: 1 min");

        // 3·16·9·32² + 16·32·9·16² multiply-accumulates and a small one, two operations each, at 153.6 GFLOP/s.
        Assert.AreEqual(2 * ((3 * 16 * 94 * 94) + (16 * 32 * 46 * 46) + 320) / 153.6e9, measured["target.raspberry-pi-5.latency_bound"]!.Value, 1e-6);
        Assert.IsTrue(measured["target.raspberry-pi-5.memory"] is > 0 and < 0.1);
        double wire = measured["target.slow.download_time"]!.Value * 1000 / 8;
        Assert.AreEqual(ModelGate.Measuring.WireSize.Gzip(model), wire, 1e-6);
    }

    // By metric; null for what was not measured.
    private Dictionary<string, double?> Measure(string measure, string more, params string[] budgets)
    {
        var run = Check(measure, more, [.. budgets, "size.on_disk: 1 GB"], "json");
        Assert.AreEqual((int)ExitCode.Pass, run.ExitCode, run.Output);
        using var json = JsonDocument.Parse(run.Output);
        return json.RootElement.GetProperty("budgets").EnumerateArray().ToDictionary(
            budget => budget.GetProperty("metric").GetString()!,
            budget => budget.GetProperty("measured") is { ValueKind: JsonValueKind.Number } number ? number.GetDouble() : (double?)null);
    }

    private CommandRun Check(string measure, string more, params string[] budgets) => Check(measure, more, budgets, "text");

    private CommandRun Check(string measure, string more, string[] budgets, string format) => CommandRun.Of("check", folder.Write("modelgate.yml", Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture, $"version: 1\ntargets:\n  slow: {{ downlink: 1 kbit/s, codec: gzip }}\nmodels:\n  - path: model.onnx\n{more}    budgets:\n{string.Concat(budgets.Select(budget => $"      {budget}\n"))}"))), "--measure", measure, "--format", format);

    private static Message Product(params float[] values) => Onnx.Model(new OnnxGraph().Input("x", DataTypes.Float32, "n", "2")
        .Initializer(Onnx.Floats("w", [2, 2], values)).Node("MatMul", "x w", "y").Output("y", DataTypes.Float32, "n", "2"));

    // The same body under a head of as many classes.
    private static Message Layers(int classes) => Onnx.Model(new OnnxGraph().Input("x", DataTypes.Float32, "n", "8")
        .Initializer(Onnx.Weights("body", 8, 8), Onnx.Weights("head", 8, classes))
        .Node("MatMul", "x body", "h").Node("MatMul", "h head", "y").Output("y", DataTypes.Float32, "n", $"{classes}"));
}
