using ModelGate.Benchmarks.Study;
using ModelGate.Gating;
using ModelGate.Measuring;
using ModelGate.Models;
using ModelGate.Policies;
using ModelGate.TestModels;

namespace ModelGate.Tests.Measuring.Latency;

/// <summary>The real worker and the real runtime, on models small enough to be quick.</summary>
[TestClass]
public sealed class LatencyMeasuringTests
{
    [TestMethod]
    public void What_stands_in_the_way_of_profile_and_timing_alike_is_told_in_one_wording()
    {
        using var folder = new TemporaryFolder();
        string path = Onnx.Model(new OnnxGraph().Input("x", DataTypes.Float32, "n", "3", "h", "w").Initializer(Onnx.Weights("w", 4, 3, 3, 3))
            .Node("Conv", "x w", "c").Node("Relu", "c", "y").Output("y", DataTypes.Float32)).Save(folder.File("model.onnx")); // fused into one node, which has another name

        var result = Workers.Measure(Workers.Request(path, Workers.Metrics("macs", "latency.p50")) with { Structure = ModelReader.Read(path) }, Workers.Real);

        Assert.HasCount(1, result.Measurements.Cast<Measurement.Failed>().Select(static failed => failed.Reason).Distinct(), string.Join('\n', result.Measurements));
    }

    [TestMethod]
    [DoNotParallelize]
    public void Every_metric_of_a_model_is_measured_in_fresh_processes()
    {
        using var folder = new TemporaryFolder();
        string path = SmallModels.Convolutional().Save(folder.File("model.onnx"));
        Metric[] metrics = [.. MetricCatalogue.All.Where(metric => metric.Source == Source.Worker)];
        var result = Workers.Measure(Workers.Request(path, metrics) with { Structure = ModelReader.Read(path) }, Workers.Real, restarts: 2);
        foreach (var (metric, measurement) in metrics.Zip(result.Measurements))
        {
            var sampled = measurement as Measurement.Sampled;
            Assert.IsNotNull(sampled, $"{metric}: {(measurement as Measurement.Failed)?.Reason}");
            Assert.HasCount(2, sampled.Restarts);
            Assert.IsGreaterThan(0, sampled.Restarts.Min());
            Assert.IsGreaterThanOrEqualTo(Percentile.Of(metric)?.RunsNeeded(0.99) ?? 1, sampled.RunsPerRestart);
        }

        double[] percentiles = [.. result.Measurements.Where(measurement => Percentile.Of(measurement.Metric) is not null).Select(measurement => ((Measurement.Sampled)measurement).Restarts[0])];
        Assert.HasCount(4, percentiles);
        CollectionAssert.AreEqual(percentiles.Order().ToArray(), percentiles, "percentiles of one restart rise");
        Assert.IsFalse(result.Notes.Any(note => note.Contains("managed memory", StringComparison.Ordinal)), "the timed loop allocates nothing");
        Assert.AreEqual("1.29.0", result.Runtime!.Version);
        Assert.AreEqual("Microsoft.ML.OnnxRuntime 1.29.0", result.Runtime.Package);
        Assert.AreEqual("all", result.Runtime.OptimizationLevel);
    }

    [TestMethod]
    [DoNotParallelize]
    [OSCondition(OperatingSystems.Linux, IgnoreMessage = "only Linux tells how long a thread waited for a processor")]
    public void A_restart_that_shares_its_processor_is_told_from_a_calm_one()
    {
        using var folder = new TemporaryFolder();
        string path = SmallModels.Convolutional().Save(folder.File("model.onnx"));
        using var hogs = new Hogs(3 * Environment.ProcessorCount);
        var sampled = (Measurement.Sampled)Workers.Measure(Workers.Request(path, Workers.Metrics("latency.p50")), Workers.Real, restarts: 2).Measurements.Single();
        Assert.HasCount(2, sampled.TakenByOthers);
        Assert.IsGreaterThan(RestartJudgement.MostTakenByOthers, sampled.TakenByOthers.Average());
    }

    [TestMethod]
    public void Integers_stay_within_the_table_they_index()
    {
        using var folder = new TemporaryFolder();
        string path = Onnx.Model(new OnnxGraph("embedding")
            .Input("ids", DataTypes.Int64, "batch", "16")
            .Initializer(Onnx.Weights("table", 5, 8))
            .Node("Gather", "table ids", "rows")
            .Output("rows", DataTypes.Float32, "batch", "16", "8")).Save(folder.File("model.onnx"));
        var structure = ModelReader.Read(path);
        Assert.AreEqual(5, structure.Inputs[0].Rows);
        Assert.IsInstanceOfType<Measurement.Sampled>(Measure(path, structure), "with the range of the table");
        Assert.IsInstanceOfType<Measurement.Sampled>(Measure(path, structure, new WorkerInput("ids", ["2", "16"], "int64", 0, 4)), "with a range of the policy");
        var failed = (Measurement.Failed)Measure(path, structure, new WorkerInput("ids", ["2", "16"], null, 5, 5));
        Assert.AreEqual("MG4008", failed.Kind.Code, failed.Reason);
    }

    [TestMethod]
    public void A_model_that_does_not_run_at_one_says_what_to_write()
    {
        using var folder = new TemporaryFolder();
        string path = Onnx.Model(new OnnxGraph("two")
            .Input("samples", DataTypes.Float32, "length")
            .Initializer(Onnx.Ints("shape", [2], 2, -1))
            .Node("Reshape", "samples shape", "y")
            .Output("y", DataTypes.Float32, "2", "half")).Save(folder.File("model.onnx"));
        var failed = (Measurement.Failed)Measure(path, null);
        Assert.AreEqual("MG4009", failed.Kind.Code);
        Assert.Contains("Write under `inputs:`, with a number in place of each name or question mark: samples: { shape: [length] } (`modelgate bench`, `compare` and `advise` take --dim NAME=SIZE, and --shape INPUT=SIZE,SIZE where a dimension has no name). The runtime said: ", failed.Reason);
        Assert.IsInstanceOfType<Measurement.Sampled>(Measure(path, null, new WorkerInput("samples", ["8"], null, null, null)));
        var request = Workers.Request(path, Workers.Metrics("startup.first_inference"));
        Assert.IsInstanceOfType<Measurement.Sampled>(Workers.Measure(request with { Dimensions = [new("length", 8)] }, Workers.Real).Measurements[0]);
        failed = (Measurement.Failed)Workers.Measure(request with { Dimensions = [new("size", 8)] }, Workers.Real).Measurements[0];
        Assert.Contains("no input has an open dimension 'size'; there are length", failed.Reason);
    }

    [TestMethod]
    public void An_input_of_unknown_rank_that_does_not_run_as_a_scalar_says_what_to_write()
    {
        using var folder = new TemporaryFolder();
        string path = Onnx.Model(new OnnxGraph("unknown rank")
            .InputOfUnknownRank("samples", DataTypes.Float32)
            .Node("GlobalAveragePool", "samples", "y")
            .Output("y", DataTypes.Float32, "batch", "channels", "1")).Save(folder.File("model.onnx"));
        var failed = (Measurement.Failed)Measure(path, ModelReader.Read(path));
        Assert.AreEqual("MG4009", failed.Kind.Code, failed.Reason);
        Assert.Contains("samples fed as a scalar, because the model does not say how many dimensions it has. Write under `inputs:`, with a number in place of each name or question mark: samples: { shape: [?] }", failed.Reason);
        Assert.IsInstanceOfType<Measurement.Sampled>(Measure(path, ModelReader.Read(path), new WorkerInput("samples", ["1", "2", "8"], null, null, null)));
    }

    [TestMethod]
    public void Inputs_that_contradict_the_model_are_refused()
    {
        using var folder = new TemporaryFolder();
        string path = SmallModels.Convolutional().Save(folder.File("model.onnx"));
        Assert.Contains("has no input 'pixels'", ((Measurement.Failed)Measure(path, null, new WorkerInput("pixels", null, null, null, null))).Reason);
        Assert.Contains("dimension 1 of 'image' is 3 in the model and 4", ((Measurement.Failed)Measure(path, null, new WorkerInput("image", ["1", "4", "32", "32"], null, null, null))).Reason);
        Assert.Contains("'image' is float32 in the model and int64", ((Measurement.Failed)Measure(path, null, new WorkerInput("image", null, "int64", null, null))).Reason);
    }

    [TestMethod]
    public void A_loop_without_end_is_ended_at_the_deadline()
    {
        using var folder = new TemporaryFolder();
        var request = Workers.Request(SmallModels.Looping().Save(folder.File("model.onnx")), Workers.Metrics("latency.p50"), maxTime: 1);
        var failed = (Measurement.Failed)Workers.Measure(request, Workers.Real).Measurements[0];
        Assert.AreEqual("MG4005", failed.Kind.Code, failed.Reason);
    }

    [TestMethod]
    public void A_model_that_takes_memory_without_bound_is_ended()
    {
        using var folder = new TemporaryFolder();
        var request = Workers.Request(SmallModels.Allocating(8).Save(folder.File("model.onnx")), Workers.Metrics("memory.peak_rss")) with { MemoryCap = 300L << 20 };
        var failed = (Measurement.Failed)Workers.Measure(request, Workers.Real).Measurements[0];
        Assert.AreEqual("MG4006", failed.Kind.Code, failed.Reason);
    }

    [TestMethod]
    public void A_model_that_asks_for_foreign_code_is_refused_by_its_structure()
    {
        using var folder = new TemporaryFolder();
        string path = SmallModels.UnknownOperator().Save(folder.File("model.onnx"));
        var failed = (Measurement.Failed)Measure(path, ModelReader.Read(path));
        Assert.AreEqual("MG4011", failed.Kind.Code);
        Assert.Contains("com.example.Summon", failed.Reason);
        Assert.AreEqual("MG4007", ((Measurement.Failed)Measure(path, null)).Kind.Code, "the runtime itself refuses it as well");
    }

    [TestMethod]
    public void A_model_of_a_format_that_the_runtime_does_not_run_is_refused_before_it_is_tried()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("model.gguf", [.. "GGUF"u8, 3, 0, 0, 0, .. new byte[16]]);
        var failed = (Measurement.Failed)Measure(path, ModelReader.Read(path));
        Assert.AreEqual("MG3011", failed.Kind.Code);
        Assert.Contains("runs .onnx and .ort models", failed.Reason);
    }

    [TestMethod]
    [DataRow("EPContext")]
    [DataRow("PyOp")]
    public void Operators_that_host_code_are_foreign_in_every_domain(string name)
    {
        using var folder = new TemporaryFolder();
        string path = Onnx.Model(new OnnxGraph("host")
            .Input("x", DataTypes.Float32, "1").Node(name, "com.microsoft", "x", "y").Output("y", DataTypes.Float32, "1"), others: ("com.microsoft", 1)).Save(folder.File("model.onnx"));
        Assert.AreEqual("com.microsoft." + name, ModelReader.Read(path).ForeignOperator);
    }

    [TestMethod]
    public void Spaces_and_letters_of_any_script_may_stand_in_the_path()
    {
        using var folder = new TemporaryFolder();
        string path = SmallModels.Dense().Save(folder.File("mein größtes モデル.onnx"));
        Assert.IsInstanceOfType<Measurement.Sampled>(Measure(path, null));
    }

    [TestMethod]
    public void A_native_library_that_is_damaged_is_named()
    {
        using var folder = new TemporaryFolder();
        folder.Write(RuntimeIdentifiers.LibraryOf(RuntimeIdentifiers.OfThisProcess), [1, 2, 3]);
        var location = Workers.Runtime.Location! with { NativeFolders = [folder.Path] };
        var request = Workers.Request(SmallModels.Dense().Save(folder.File("model.onnx")), Workers.Metrics("latency.p50")) with { Runtime = RuntimeSearch.Found(location) };
        var failed = (Measurement.Failed)Workers.Measure(request, Workers.Real).Measurements[0];
        Assert.AreEqual("MG4003", failed.Kind.Code, failed.Reason);
    }

    [TestMethod]
    public void Nothing_is_loaded_from_the_models_folder()
    {
        using var folder = new TemporaryFolder();
        folder.Write(RuntimeIdentifiers.LibraryOf(RuntimeIdentifiers.OfThisProcess), [1, 2, 3]);
        folder.Write("Microsoft.ML.OnnxRuntime.dll", [1, 2, 3]);
        Assert.IsInstanceOfType<Measurement.Sampled>(Measure(SmallModels.Dense().Save(folder.File("model.onnx")), null));
    }

    // Start-up ends with the first inference, and whether that succeeds is all that most tests here are about.
    private static Measurement Measure(string path, ModelFile? structure, params WorkerInput[] inputs) =>
        Workers.Measure(Workers.Request(path, Workers.Metrics("startup.first_inference")) with { Structure = structure, Inputs = inputs }, Workers.Real).Measurements[0];
}
