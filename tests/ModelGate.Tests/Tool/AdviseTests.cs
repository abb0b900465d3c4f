using System.Text;
using System.Text.Json;
using ModelGate.Measuring;
using ModelGate.Models;
using ModelGate.Policies;
using ModelGate.TestModels;
using ModelGate.Tool;
using ModelGate.Tool.Commands;

namespace ModelGate.Tests.Tool;

/// <summary>From a model that is too heavy to one that is not, as a user goes.</summary>
[TestClass]
public sealed class AdviseTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [TestMethod]
    public void A_breach_names_the_scheme_that_fits_and_with_it_the_check_passes()
    {
        string model = SmallModels.Dense(128, 128).Save(folder.File("model.onnx"));
        string policy = Policy("size.on_disk: 40 kB");

        var breach = CommandRun.Of("check", policy);
        var compress = CommandRun.Of("compress", model, "--to", "fp16", "-o", folder.File("model.fp16.onnx"));
        File.Move(folder.File("model.fp16.onnx"), model, overwrite: true);
        var pass = CommandRun.Of("check", policy);

        Assert.AreEqual((int)ExitCode.Breach, breach.ExitCode, breach.Output);
        long size = new FileInfo(model).Length;
        StringAssert.Contains(breach.Output, $"With fp16 it would be {Figure(size)}: `modelgate compress {Told(model)} --to fp16 -o {Told(folder.File("model.fp16.onnx"))}`.");
        Assert.AreEqual((int)ExitCode.Pass, compress.ExitCode, compress.Error);
        Assert.AreEqual((int)ExitCode.Pass, pass.ExitCode, pass.Output);
    }

    [TestMethod]
    [DataRow("size.on_disk: 20 kB", "--to int8 ")]
    [DataRow("size.on_disk: 12 kB", "--to int4 ")]
    [DataRow("size.on_disk: 100 B", "`modelgate advise MODEL`")]
    [DataRow("size.on_wire.brotli: 100 B", "`modelgate advise MODEL`")]
    [DataRow("size.weights: 100 B", "`modelgate advise MODEL`")]
    public void The_cheapest_scheme_that_fits_is_named_or_else_how_to_find_one(string budget, string named)
    {
        string model = SmallModels.Dense(128, 128).Save(folder.File("model.onnx"));

        StringAssert.Contains(CommandRun.Of("check", Policy(budget)).Output, named.Replace("MODEL", Told(model), StringComparison.Ordinal));
    }

    [TestMethod]
    public void Of_a_large_model_the_size_is_worked_out_without_reading_its_weights()
    {
        const int Rows = 1024, Columns = 70_000; // 287 MB, which take no room where files have holes
        using (var data = File.Create(folder.File("weights.bin")))
            data.SetLength((long)Rows * Columns * sizeof(float));
        string model = Onnx.Model(new OnnxGraph().Input("x", DataTypes.Float32, "n", $"{Rows}").Initializer(Onnx.External("w", DataTypes.Float32, [Rows, Columns], "weights.bin"))
            .Node("MatMul", "x w", "y").Output("y", DataTypes.Float32, "n", $"{Columns}")).Save(folder.File("model.onnx"));

        var run = CommandRun.Of("check", Policy("size.on_disk: 150 MB"));

        Assert.AreEqual((int)ExitCode.Breach, run.ExitCode, run.Output);
        StringAssert.Contains(run.Output, $"With fp16 it would be 143 MB, if no weight is NaN or infinite: `modelgate compress {Told(model)} --to fp16 -o {Told(folder.File("model.fp16.onnx"))}`.");
        StringAssert.Contains(CommandRun.Of("check", Policy("size.on_disk: 80 MB")).Output, "With int8 it would be 72 MB, if no weight is NaN or infinite: ");
    }

    [TestMethod]
    public void A_scheme_that_would_do_but_for_weights_that_are_not_finite_is_not_named()
    {
        float[] diverged = new float[256 * 256];
        diverged[7] = float.NaN;
        Onnx.Model(new OnnxGraph().Input("x", DataTypes.Float32, "n", "256").Initializer(Onnx.Floats("w", [256, 256], diverged), Onnx.Weights("v", 256, 64))
            .Node("MatMul", "x w", "h").Node("MatMul", "h v", "y").Output("y", DataTypes.Float32, "n", "64")).Save(folder.File("model.onnx"));

        Assert.DoesNotContain("it would be", CommandRun.Of("check", Policy("size.on_disk: 200 kB")).Output);
        StringAssert.Contains(CommandRun.Of("check", Policy("size.on_disk: 300 kB")).Output, "With fp16 it would be 295 kB: ");
    }

    [TestMethod]
    public void Of_a_model_that_is_quantized_already_nothing_is_promised()
    {
        string model = SmallModels.Dense(128, 128).Save(folder.File("float.onnx"));
        CommandRun.Of("compress", model, "--to", "int8", "-o", folder.File("model.onnx"));

        var run = CommandRun.Of("check", Policy("size.on_disk: 100 B", "size.weights: 100 B"));

        Assert.AreEqual((int)ExitCode.Breach, run.ExitCode, run.Output);
        Assert.DoesNotContain("modelgate compress", run.Output);
        Assert.DoesNotContain("modelgate advise", run.Output);
    }

    [TestMethod]
    public void Advice_weighs_every_scheme_and_marks_the_smallest_change_that_will_do()
    {
        string model = SmallModels.Dense(128, 128).Save(folder.File("model.onnx"));

        var run = CommandRun.Of("advise", model, "--no-run", "--policy", Policy("size.on_disk: 20 kB"));
        using var json = JsonDocument.Parse(CommandRun.Of("advise", model, "--no-run", "--policy", Policy("size.on_disk: 20 kB"), "--format", "json").Output);

        Assert.AreEqual((int)ExitCode.Pass, run.ExitCode, run.Error);
        StringAssert.Contains(run.Output, "> 3 int8");
        StringAssert.Contains(run.Output, "`modelgate compress");
        Assert.AreEqual("int8", json.RootElement.GetProperty("choice").GetString());
        Assert.AreEqual(8, json.RootElement.GetProperty("candidates").GetArrayLength());
    }

    [TestMethod]
    public void Budgets_of_a_scheme_are_judged_where_it_is_tried_and_named_where_it_is_not()
    {
        string model = SmallModels.Dense(128, 128).Save(folder.File("model.onnx"));

        var met = CommandRun.Of("advise", model, "--no-run", "--to", "fp16", "--policy", Policy("size.on_disk: 40 kB", "quantized.fp16.size.on_wire.gzip: 1 MB", "quantized.pruned-50.size.on_wire.gzip: 1 MB"));
        var missed = CommandRun.Of("advise", model, "--no-run", "--to", "fp16", "--policy", Policy("size.on_disk: 40 kB", "quantized.fp16.size.on_wire.gzip: 1 kB"));

        Assert.Contains("Not judged here: quantized.pruned-50.size.on_wire.gzip;", met.Output);
        Assert.Contains("--to fp16", met.Output);
        Assert.DoesNotContain("--to fp16", missed.Output);
    }

    [TestMethod]
    [DoNotParallelize]
    public void Advice_runs_and_times_what_it_is_asked_to()
    {
        string model = SmallModels.Convolutional().Save(folder.File("model.onnx"));

        using var json = JsonDocument.Parse(CommandRun.Of("advise", model, "--to", "int8", "--max-time", "3 s", "--format", "json").Output);

        var candidate = json.RootElement.GetProperty("candidates")[1];
        Assert.AreEqual("int8", candidate.GetProperty("name").GetString());
        Assert.IsGreaterThan(0.99, candidate.GetProperty("cosine").GetDouble());
        Assert.IsGreaterThan(0.0, candidate.GetProperty("time_ratio").GetDouble());
        Assert.IsGreaterThan(1e6, candidate.GetProperty("peak_memory").GetDouble());
    }

    [TestMethod]
    [DoNotParallelize]
    public void Advice_on_targets_is_a_table_of_schemes_on_hardware()
    {
        string model = SmallModels.Convolutional().Save(folder.File("model.onnx"));

        using var json = JsonDocument.Parse(CommandRun.Of("advise", model, "--to", "int8", "--targets", "raspberry-pi-5", "--max-time", "3 s", "--format", "json").Output);
        var unknown = CommandRun.Of("advise", model, "--targets", "toaster");

        foreach (var candidate in json.RootElement.GetProperty("candidates").EnumerateArray())
        {
            var target = candidate.GetProperty("targets")[0];
            Assert.AreEqual("raspberry-pi-5", target.GetProperty("name").GetString());
            Assert.IsTrue(target.GetProperty("fits").GetBoolean());
            Assert.IsGreaterThan(0.0, target.GetProperty("latency_bound").GetDouble());
        }

        Assert.AreEqual((int)ExitCode.PolicyOrUsage, unknown.ExitCode);
        StringAssert.Contains(unknown.Error, "There is no target `toaster`; there are raspberry-pi-5, ");
    }

    [TestMethod]
    public void A_policy_says_how_models_are_run_but_for_the_options_that_are_given()
    {
        var options = new RunOptions();
        var command = new System.CommandLine.Command("advise");
        options.AddTo(command);
        var policy = new Benchmark { IntraOpThreads = 4, MaxTime = 120, Confidence = 0.95, AllowsFallback = false };
        WorkerInput[] inputs = [new("pixels", ["1", "3"], "float32", 0, 255), new("mask", ["1"], null, null, null)];

        var silent = command.Parse([]);
        var told = command.Parse(["--threads", "2", "--max-time", "5s", "--provider", "cuda", "--shape", "pixels=1,8", "--shape", "other=2", "--range", "other=5,7", "--range", "mask=1"]);

        Assert.AreEqual(policy, options.Benchmark(silent, policy));
        Assert.AreSame(inputs[0], options.Inputs(silent, inputs)[0]);
        Assert.AreEqual(policy with { IntraOpThreads = 2, MaxTime = 5 }, options.Benchmark(told, policy) with { Providers = policy.Providers });
        Assert.AreEqual("cuda", options.Benchmark(told, policy).Providers.Single().Name);
        CollectionAssert.AreEqual(new[] { "pixels 1,8 0 255", "mask 1 1 1", "other 2 5 7" }, options.Inputs(told, inputs).Select(static input => $"{input.Name} {string.Join(',', input.Shape!)} {input.Low} {input.High}").ToArray());
    }

    [TestMethod]
    public void A_provider_that_is_asked_for_is_not_lost_beside_a_policy()
    {
        string model = SmallModels.Dense(128, 128).Save(folder.File("model.onnx"));

        var run = CommandRun.Of("advise", model, "--policy", Policy("size.on_disk: 20 kB"), "--provider", "cuda", "--to", "fp16", "--max-time", "3s");

        Assert.AreEqual((int)ExitCode.NotJudged, run.ExitCode, run.Output);
        StringAssert.Contains(run.Output, "MG4016");
    }

    [TestMethod]
    public void Advice_on_what_cannot_be_compressed_says_so()
    {
        string model = SmallModels.Dense(128, 128).Save(folder.File("model.onnx"));
        CommandRun.Of("compress", model, "--to", "int8", "-o", folder.File("codes.onnx"));

        var quantized = CommandRun.Of("advise", folder.File("codes.onnx"), "--no-run");
        var nowhere = CommandRun.Of("advise", model, "--no-run", "--policy", PolicyFor("other.onnx", "size.on_disk: 20 kB"));

        Assert.AreEqual((int)ExitCode.NotJudged, quantized.ExitCode);
        StringAssert.Contains(quantized.Error, "codes.onnx: error MG3015");
        Assert.AreEqual((int)ExitCode.PolicyOrUsage, nowhere.ExitCode);
        StringAssert.Contains(nowhere.Error, "No entry of ");
    }

    private static string Told(string path) => path.Replace(Path.DirectorySeparatorChar, '/');

    private string Policy(params string[] budgets) => PolicyFor("model.onnx", budgets);

    private string PolicyFor(string path, params string[] budgets) => folder.Write("modelgate.yml", Encoding.UTF8.GetBytes(
        $"version: 1\nmodels:\n  - path: {path}\n    budgets:\n{string.Concat(budgets.Select(budget => $"      {budget}\n"))}"));

    private static string Figure(long bytes) => ModelGate.Policies.Quantity.Format(bytes, ModelGate.Measuring.Unit.Bytes);
}
