using ModelGate.Benchmarks.Study;
using ModelGate.Gating;
using ModelGate.Measuring;
using ModelGate.Models;
using ModelGate.TestModels;

namespace ModelGate.Tests.Measuring.Latency;

/// <summary>Two models in turns, through the real worker and the real runtime.</summary>
[TestClass]
public sealed class ComparisonMeasuringTests
{
    [TestMethod]
    [DoNotParallelize]
    public void A_model_does_not_differ_by_a_tenth_from_a_copy_of_itself()
    {
        using var folder = new TemporaryFolder();
        string model = SmallModels.Convolutional().Save(folder.File("model.onnx")), copy = SmallModels.Convolutional().Save(folder.File("copy.onnx"));

        var result = Compare(model, copy, restarts: 5);

        var compared = (Measurement.Compared)result.Measurements.Single();
        Assert.HasCount(5, compared.LogRatios);
        Assert.AreNotEqual(Verdict.Breach, IncreaseJudgement.Of(compared.LogRatios, 0.1, 0.99).Verdict);
        Assert.IsGreaterThan(0, compared.Baseline);
        Assert.IsFalse(result.Notes.Any(note => note.Contains("managed memory", StringComparison.Ordinal)), "the timed loop allocates nothing");
    }

    [TestMethod]
    [DoNotParallelize]
    public void Twice_the_work_takes_longer_whichever_side_it_is_on()
    {
        using var folder = new TemporaryFolder();
        string once = SmallModels.Dense(1024, 1024).Save(folder.File("once.onnx")), twice = Repeated(2).Save(folder.File("twice.onnx"));

        Assert.IsGreaterThan(0.1, ((Measurement.Compared)Compare(twice, once).Measurements.Single()).LogRatios[0]);
        Assert.IsLessThan(-0.1, ((Measurement.Compared)Compare(once, twice).Measurements.Single()).LogRatios[0]);
    }

    [TestMethod]
    [DoNotParallelize]
    [OSCondition(OperatingSystems.Linux, IgnoreMessage = "only Linux tells how long a thread had a processor")]
    public void Beside_hogs_a_restart_is_compared_by_the_time_for_which_its_thread_had_a_processor()
    {
        using var folder = new TemporaryFolder();
        string model = Repeated(4).Save(folder.File("model.onnx"));
        var request = Workers.Request(model, Workers.Metrics("latency.p50"));
        var order = WorkerOrders.Of(request, Workers.Runtime.Location!) with { TimesRuns = true, Against = new(model, true) };
        using var hogs = new Hogs(2 * Environment.ProcessorCount);

        var figures = WorkerProcess.Run(Workers.Real, order, new(Deadline: 60, long.MaxValue, static (_, _) => 400), CancellationToken.None).Done!;

        if (figures.ProcessorRuns.Count == 0)
            Assert.Inconclusive("This Linux does not tell how long a thread had a processor.");
        var times = PairedRuns.OfProcessor(figures);
        Assert.IsNotNull(times);
        Assert.IsGreaterThan(times.Runs.Sum() + times.BaselineRuns.Sum(), figures.Runs.Sum() + figures.BaselineRuns.Sum(), "the hogs had the processor for the rest");
    }

    [TestMethod]
    [DataRow(1, true, DisplayName = "one thread")]
    [DataRow(2, false, DisplayName = "two threads")]
    [OSCondition(OperatingSystems.Linux, IgnoreMessage = "only Linux tells how long a thread had a processor")]
    public void Only_a_model_of_one_thread_is_compared_by_its_processor_time_and_a_note_says_so(int threads, bool isOfProcessor)
    {
        using var folder = new TemporaryFolder();
        string model = SmallModels.Convolutional().Save(folder.File("model.onnx"));
        var request = Workers.Request(model, Workers.Metrics("latency.p50")) with { Benchmark = new() { IntraOpThreads = threads } };

        var result = ComparisonMeasuring.Measure(request, new(model, null, 1), Workers.Real, static _ => true, null, CancellationToken.None);

        Assert.AreEqual(isOfProcessor, ((Measurement.Compared)result.Measurements.Single()).OfProcessor);
        Assert.AreEqual(isOfProcessor, result.Notes.Any(static note => note.StartsWith("the ratio is of the times for which runs had a processor", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void What_is_fixed_in_one_model_and_open_in_the_other_is_shared()
    {
        using var folder = new TemporaryFolder();
        string open = Input(DataTypes.Float32, "batch", "4").Save(folder.File("open.onnx")), three = Input(DataTypes.Float32, "3", "4").Save(folder.File("three.onnx"));

        Assert.IsInstanceOfType<Measurement.Compared>(Compare(open, three).Measurements.Single());
        Assert.IsInstanceOfType<Measurement.Compared>(Compare(three, open).Measurements.Single());
    }

    [TestMethod]
    [DataRow("batch,3,height,width", "1,3,8,8", 0.0, DisplayName = "the baseline fixes what the model leaves open")]
    [DataRow("1,3,8,8", "batch,3,height,width", 0.0, DisplayName = "the model fixes what the baseline leaves open")]
    [DataRow("batch,3,height,width", "n,3,h,w", 0.0, "height=8", DisplayName = "a size is said of the model's name, and the baseline has another")]
    [DataRow("1,3,16,8", "1,3,8,8", 1.0, DisplayName = "what both fix is theirs")]
    public void What_is_compared_in_processes_of_their_own_is_fed_the_same_shapes(string ours, string theirs, double increase, string? dimension = null)
    {
        using var folder = new TemporaryFolder();
        string model = Pixels(ours).Save(folder.File("model.onnx")), baseline = Pixels(theirs).Save(folder.File("baseline.onnx"));
        var request = Workers.Request(model, Workers.Metrics("macs", "memory.activations", "startup.first_inference")) with
        {
            Structure = ModelReader.Read(model),
            Dimensions = dimension?.Split('=') is [var name, var size] ? [new(name, long.Parse(size, System.Globalization.CultureInfo.InvariantCulture))] : [],
        };

        var result = ComparisonMeasuring.Measure(request, new(baseline, ModelReader.Read(baseline), 1), Workers.Real, static _ => true, null, CancellationToken.None);

        foreach (var exact in result.Measurements.Take(2))
        {
            var changed = exact as Measurement.Changed;
            Assert.IsNotNull(changed, (exact as Measurement.Failed)?.Reason);
            Assert.AreEqual(increase, (changed.Value - changed.Baseline) / changed.Baseline, 1e-9, exact.Metric.Name);
        }

        Assert.IsInstanceOfType<Measurement.Compared>(result.Measurements[2], (result.Measurements[2] as Measurement.Failed)?.Reason);

        static Message Pixels(string shape) => Onnx.Model(new OnnxGraph().Input("x", DataTypes.Float32, shape.Split(',')).Initializer(Onnx.Weights("w", 4, 3, 1, 1)).Node("Conv", "x w", "y").Output("y", DataTypes.Float32));
    }

    [TestMethod]
    public void Models_that_take_different_inputs_are_not_compared_and_every_difference_is_told()
    {
        using var folder = new TemporaryFolder();
        string four = Input(DataTypes.Float32, "1", "4").Save(folder.File("four.onnx")), five = Input(DataTypes.Float32, "1", "5").Save(folder.File("five.onnx"));
        string whole = Input(DataTypes.Int32, "1", "4").Save(folder.File("whole.onnx")), other = Onnx.Model(new OnnxGraph()
            .Input("pixels", DataTypes.Float32, "1", "4").Node("Neg", "pixels", "y").Output("y", DataTypes.Float32, "1", "4")).Save(folder.File("other.onnx"));

        Assert.AreEqual("dimension 1 of 'x' is 4 in the model and 5 in the baseline", Difference(four, five));
        Assert.AreEqual("'x' is float in the model and int32 in the baseline", Difference(four, whole));
        Assert.AreEqual("only the model has an input 'x'; only the baseline has an input 'pixels'", Difference(four, other));

        string Difference(string model, string baseline)
        {
            var failed = (Measurement.Failed)Compare(model, baseline).Measurements.Single();
            Assert.AreEqual(Diagnostics.InputsDiffer, failed.Kind);
            return failed.Reason;
        }
    }

    [TestMethod]
    public void The_coin_falls_anew_for_each_restart_and_the_same_for_each_seed()
    {
        var orders = Enumerable.Range(0, 2).Select(_ =>
        {
            using var log = new TemporaryFolder();
            string file = log.File("orders");
            var request = Workers.Request("compared, and says who came first", Workers.Metrics("latency.p50")) with { Seed = 1 };
            ComparisonMeasuring.Measure(request, new(file, null, 7), Workers.Faulty, static compared => compared.LogRatios.Count >= 12, null, CancellationToken.None);
            return File.ReadAllText(file);
        }).ToArray();

        Assert.AreEqual(12, orders[0].Length);
        Assert.AreEqual(orders[0], orders[1]);
        Assert.AreEqual(2, orders[0].Distinct().Count());
    }

    [TestMethod]
    [DoNotParallelize]
    public void Models_too_slow_for_five_restarts_are_given_up_after_the_first()
    {
        var compared = (Measurement.Compared)ComparisonMeasuring.Measure(
            Workers.Request("compared slowly", Workers.Metrics("latency.p50"), maxTime: 12), new("", null, 1), Workers.Faulty, static _ => false, null, CancellationToken.None).Measurements.Single();

        Assert.HasCount(1, compared.LogRatios);
        Assert.IsTrue(compared.TimeRanOut);
        Assert.IsGreaterThan(15, compared.NeededTime!.Value);
    }

    [TestMethod]
    public void Start_up_and_memory_are_compared_in_fresh_processes_and_arithmetic_exactly()
    {
        using var folder = new TemporaryFolder();
        string once = SmallModels.Dense(1024, 1024).Save(folder.File("once.onnx")), large = SmallModels.Dense(1024, 8 * 1024).Save(folder.File("large.onnx"));
        var metrics = Workers.Metrics("memory.peak_rss", "macs", "startup.session_creation", "memory.activations");
        var request = Workers.Request(large, metrics) with { Structure = ModelReader.Read(large) };

        var result = ComparisonMeasuring.Measure(request, new(once, ModelReader.Read(once), 1), Workers.Real, static _ => true, null, CancellationToken.None);

        CollectionAssert.AreEqual(metrics, result.Measurements.Select(measurement => measurement.Metric).ToArray());
        Assert.AreEqual(new Measurement.Changed(metrics[1], 8 << 20, 1 << 20), result.Measurements[1]);
        Assert.IsGreaterThan(0.0, ((Measurement.Changed)result.Measurements[3]).Baseline);
        Assert.IsGreaterThan(0.05, ((Measurement.Compared)result.Measurements[0]).LogRatios.Single(), "28 MiB more of weights");
        Assert.IsGreaterThan(0.0, ((Measurement.Compared)result.Measurements[2]).Baseline);
    }

    [TestMethod]
    public void Pairs_of_processes_go_on_until_it_is_settled()
    {
        var request = Workers.Request("steady", Workers.Metrics("startup.session_creation", "memory.peak_rss"));
        var result = ComparisonMeasuring.Measure(request, new("steady", null, 1), Workers.Faulty, static compared => compared.LogRatios.Count >= 5, null, CancellationToken.None);
        foreach (var compared in result.Measurements.Cast<Measurement.Compared>())
            CollectionAssert.AreEqual(new double[5], compared.LogRatios.ToArray(), "the figures never change");
    }

    [TestMethod]
    public void A_baseline_that_cannot_be_profiled_is_the_reason()
    {
        using var folder = new TemporaryFolder();
        string model = SmallModels.Dense().Save(folder.File("model.onnx")), broken = SmallModels.UnknownOperator().Save(folder.File("broken.onnx"));
        var result = ComparisonMeasuring.Measure(Workers.Request(model, Workers.Metrics("macs")), new(broken, null, 1), Workers.Real, static _ => true, null, CancellationToken.None);
        Assert.StartsWith("of the baseline, the runtime said: ", ((Measurement.Failed)result.Measurements.Single()).Reason);
    }

    private static LatencyResult Compare(string model, string baseline, int restarts = 1) => ComparisonMeasuring.Measure(
        Workers.Request(model, Workers.Metrics("latency.p50")), new(baseline, null, 1), Workers.Real, compared => compared.LogRatios.Count >= restarts, null, CancellationToken.None);

    private static Message Input(DataType type, params string[] dims) => Onnx.Model(new OnnxGraph().Input("x", type, dims).Node("Neg", "x", "y").Output("y", type, dims));

    private static Message Repeated(int layers)
    {
        var graph = new OnnxGraph().Input("x", DataTypes.Float32, "batch", "1024").Initializer(Onnx.Weights("w", 1024, 1024));
        for (int layer = 0; layer < layers; layer++)
            graph.Node("MatMul", $"{(layer == 0 ? "x" : $"m{layer}")} w", layer == layers - 1 ? "y" : $"m{layer + 1}");
        return Onnx.Model(graph.Output("y", DataTypes.Float32, "batch", "1024"));
    }
}
