using ModelGate.Gating;
using ModelGate.Measuring;
using ModelGate.Models;
using ModelGate.Policies;

namespace ModelGate.Tests.Gating;

/// <summary>Budgets on how much more a model is than its baseline.</summary>
[TestClass]
public sealed class IncreaseGateTests
{
    private static readonly Metric OnDisk = MetricCatalogue.Find("size.on_disk")!;
    private static readonly Metric P50 = MetricCatalogue.Find("latency.p50")!;

    [TestMethod]
    [DataRow(102, Verdict.Pass)]
    [DataRow(103, Verdict.Breach)]
    [DataRow(50, Verdict.Pass)]
    public void Two_exact_numbers_are_compared_exactly(double value, Verdict expected) =>
        Assert.AreEqual(expected, Judge(Budgets.OnIncrease("size.on_disk", "2%"), new Measurement.Changed(OnDisk, value, 100)).Verdict);

    [TestMethod]
    [DataRow(119, 100, Verdict.Pass)]
    [DataRow(120, 100, Verdict.Breach)]
    [DataRow(19, 0, Verdict.Pass)]
    [DataRow(20, 0, Verdict.Breach)]
    [DataRow(10_200, 10_000, Verdict.Pass, DisplayName = "the share decides where that is more")]
    public void A_change_of_fewer_bytes_than_are_ignored_is_no_breach(double value, double baseline, Verdict expected) =>
        Assert.AreEqual(expected, Judge(Budgets.OnIncrease("size.on_disk", "2%") with { IgnoreBelow = 20 }, new Measurement.Changed(OnDisk, value, baseline)).Verdict);

    [TestMethod]
    public void From_nothing_to_something_is_beyond_every_increase_and_from_nothing_to_nothing_is_none()
    {
        Assert.AreEqual(Verdict.Breach, Judge(Budgets.OnIncrease("size.weights.int8", "500%"), new Measurement.Changed(MetricCatalogue.Find("size.weights.int8")!, 1, 0)).Verdict);
        Assert.AreEqual(Verdict.Pass, Judge(Budgets.OnIncrease("size.weights.int8", "0%"), new Measurement.Changed(MetricCatalogue.Find("size.weights.int8")!, 0, 0)).Verdict);
    }

    [TestMethod]
    public void A_breach_tells_both_values_and_the_increase_at_the_budgets_own_line()
    {
        var told = Judge(Budgets.OnIncrease("size.on_disk", "2%", line: 9), new Measurement.Changed(OnDisk, 54_213_004, 52_000_000)).Diagnostic!;

        Assert.AreEqual(new SourceLocation("modelgate.yml", 9, 7), told.At);
        Assert.AreEqual(
            "detector: size.on_disk is 4.3 % above its baseline (54.2 MB against 52 MB), over its max_increase of 2%. Next: `modelgate inspect models/detector.onnx` shows where the weight is.",
            told.Message);
    }

    [TestMethod]
    public void A_breach_names_the_tensors_that_grew_most_in_the_unit_of_its_metric()
    {
        Tensor Weight(string name, DataType type, params long[] dims) => new(name, type, dims, dims[0] * dims[1], type.BytesOf(dims[0] * dims[1]), Place.Initializer, "", Role.Weight, "", "");
        var growth = new WeightGrowth("released/detector.onnx",
        [
            new(Weight("head", DataTypes.Float32, 10, 10), Weight("head", DataTypes.Float32, 20, 10)), new(null, Weight("adapter", DataTypes.Float32, 4, 4)),
            new(Weight("old", DataTypes.Float32, 50, 50), null), new(Weight("stem", DataTypes.Int8, 8, 8), Weight("stem", DataTypes.Float32, 8, 8)), new(null, Weight("tail", DataTypes.Float32, 2, 2)), new(null, Weight("tip", DataTypes.Int8, 2, 1)),
        ]);

        Assert.AreEqual(
            "What grew: 'head' widened from float32 10x10 to float32 20x10, +400 B; 'stem' retyped from int8 8x8 to float32 8x8, +192 B; 'adapter' added (float32 4x4), +64 B; 2 more add 18 B. "
            + "Next: `modelgate inspect models/detector.onnx --against released/detector.onnx` lists every tensor that differs.", Why("size.on_disk"));
        Assert.StartsWith("What grew: 'head' widened from float32 10x10 to float32 20x10, +100; 'adapter' added (float32 4x4), +16; 'tail' added (float32 2x2), +4; 1 more adds 2. Next", Why("parameters"));
        Assert.StartsWith("What grew: 'tip' added (int8 2x1), +2 B. Next", Why("size.weights.int8"));
        Assert.StartsWith("Next: `modelgate inspect models/detector.onnx` shows", Why("depth"));

        string Why(string metric)
        {
            var subject = Of(Budgets.OnIncrease(metric, "2%"), new Measurement.Changed(MetricCatalogue.Find(metric)!, 2, 1)) with { Growth = growth };
            string message = Gate.Judge(subject, new()).Single().Diagnostic!.Message;
            return message[(message.IndexOf("2%. ", StringComparison.Ordinal) + 4)..];
        }
    }

    [TestMethod]
    public void A_breach_of_the_total_names_the_models_that_grew_most_each_with_its_first_tensors()
    {
        Tensor Weight(string name, long length) => new(name, DataTypes.Float32, [length], length, length * 4, Place.Initializer, "", Role.Weight, "", "");
        ModelGrowth Grown(string name, double by, params Tensor[] added) =>
            new(name, $"models/{name}.onnx", [new(OnDisk, 100 + by, 100)], new($"released/{name}.onnx", [.. added.Select(static tensor => new TensorDifference(null, tensor))]));
        var subject = new Subject("total", null, [Budgets.OnIncrease("size.on_disk", "2%")], [])
        {
            Increases = [new Measurement.Changed(OnDisk, 600, 500)],
            Grown = [Grown("little", 1), Grown("slim", -5), Grown("speech", 60, Weight("c", 9), Weight("a", 4), Weight("b", 2)), Grown("text", 20), Grown("eye", 24, Weight("d", 6)), Grown("tiny", 1)],
        };

        Assert.AreEqual(
            "total: size.on_disk is 20 % above its baseline (600 B against 500 B), over its max_increase of 2%. "
            + "What grew: speech by 60 B ('c' added (float32 9), +36 B, 'a' added (float32 4), +16 B and 1 more); eye by 24 B ('d' added (float32 6), +24 B); text by 20 B (no tensor grew: the rest of the file did); 2 more models add 2 B. "
            + "Next: `modelgate inspect models/speech.onnx --against released/speech.onnx` lists every tensor of speech that differs.",
            Gate.Judge(subject, new()).Single().Diagnostic!.Message);
    }

    [TestMethod]
    public void Where_no_tensor_grew_that_is_said()
    {
        var subject = Of(Budgets.OnIncrease("size.on_disk", "2%"), new Measurement.Changed(OnDisk, 2, 1)) with { Growth = new("old.onnx", []) };

        Assert.Contains("No tensor grew: the rest of the file did. Next: `modelgate inspect models/detector.onnx --against old.onnx`", Gate.Judge(subject, new()).Single().Diagnostic!.Message);
    }

    [TestMethod]
    public void A_slower_model_is_a_breach_with_its_interval()
    {
        var result = Judge(Budgets.OnIncrease("latency.p50", "5%"), Compared(0.070, 0.071, 0.069, 0.070, 0.070));

        Assert.AreEqual(Verdict.Breach, result.Verdict);
        Assert.AreEqual(
            "detector: latency.p50 is 7.3 % above its baseline (between +7 % and +7.5 % over 5 restarts; 2.15 ms against 2 ms), over its max_increase of 5%. Next: `modelgate bench models/detector.onnx` times it alone.",
            result.Diagnostic!.Message);
    }

    [TestMethod]
    public void What_cannot_be_told_apart_is_inconclusive_as_the_policy_asks()
    {
        var open = Compared([.. Enumerable.Range(0, 16).Select(i => i % 2 == 0 ? 0.04 : 0.06)]);

        var result = Judge(Budgets.OnIncrease("latency.p50", "5%"), open, new Benchmark { OnInconclusive = Reaction.Error });

        Assert.AreEqual(Verdict.Inconclusive, result.Verdict);
        Assert.AreEqual(Severity.Error, result.Diagnostic!.Severity);
        Assert.Contains("cannot be told from its max_increase of 5%", result.Diagnostic.Message);
    }

    [TestMethod]
    public void An_increase_tighter_than_the_noise_floor_is_named_as_such_with_what_to_write()
    {
        var noisy = Compared(0.011, 0.009, -0.008, -0.012, 0.001);

        var remark = Remarks(Budgets.OnIncrease("latency.p50", "1%", line: 3), noisy).Single();

        Assert.AreEqual((Diagnostics.BelowNoiseFloor, Severity.Warning, 3), (remark.Kind, remark.Severity, remark.At!.Line));
        Assert.AreEqual(
            "detector: latency.p50 of two alike models differs by up to 1.3 % on this machine, as the 5 restarts of this comparison vary. A max_increase of 1 % is below it: differences that small cannot be told from none here. Write `max_increase: 1.4%` or more, or measure on a quieter machine.",
            remark.Message);
        Assert.IsFalse(Remarks(Budgets.OnIncrease("latency.p50", "5%"), noisy).Any());
    }

    [TestMethod]
    public void Without_a_baseline_it_is_unmeasured_unless_it_is_optional()
    {
        var missing = new Measurement.Failed(P50, Diagnostics.BaselineMissing, "the baseline released/detector.onnx cannot be weighed or timed: there is no such file");

        Assert.AreEqual(Verdict.Unmeasured, Judge(Budgets.OnIncrease("latency.p50", "5%"), missing).Verdict);
        Assert.AreEqual(Verdict.Deferred, Judge(Budgets.OnIncrease("latency.p50", "5%", optional: true), missing).Verdict);
        Assert.Contains("the increase of latency.p50 was not measured", Judge(Budgets.OnIncrease("latency.p50", "5%"), missing).Diagnostic!.Message);
    }

    [TestMethod]
    public void A_ceiling_and_an_increase_of_one_metric_are_judged_each_by_its_own_measurement()
    {
        var subject = new Subject("detector", "models/detector.onnx", [Budgets.Of("size.on_disk", "60 MB"), Budgets.OnIncrease("size.on_disk", "2%")], [new Measurement.Exact(OnDisk, 54e6)])
        {
            Increases = [new Measurement.Changed(OnDisk, 54e6, 50e6)],
        };

        CollectionAssert.AreEqual(new[] { Verdict.Pass, Verdict.Breach }, Gate.Judge(subject, new()).Select(result => result.Verdict).ToArray());
    }

    private static Measurement.Compared Compared(params double[] logRatios) => new(P50, logRatios, false) { Value = 0.00215, Baseline = 0.002 };

    private static BudgetResult Judge(Budget budget, Measurement measurement, Benchmark? benchmark = null) => Gate.Judge(Of(budget, measurement), benchmark ?? new()).Single();

    private static IEnumerable<Diagnostic> Remarks(Budget budget, Measurement measurement) => Gate.Remarks(Of(budget, measurement), new());

    private static Subject Of(Budget budget, Measurement measurement) => new("detector", "models/detector.onnx", [budget], []) { Increases = [measurement] };
}
