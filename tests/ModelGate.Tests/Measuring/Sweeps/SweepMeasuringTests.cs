using ModelGate.Measuring;
using ModelGate.Models;
using ModelGate.TestModels;
using ModelGate.Tests.Measuring.Latency;

namespace ModelGate.Tests.Measuring.Sweeps;

/// <summary>The real worker over a dimension. Multiply-accumulates and memory are exact; times are only looked at for being there.</summary>
[TestClass]
public sealed class SweepMeasuringTests
{
    private static readonly Sweep OverN = new("n", [512, 1024, 2048]);

    [TestMethod]
    public void Memory_and_arithmetic_of_attention_grow_with_the_square()
    {
        using var folder = new TemporaryFolder();
        var result = Measure(SmallModels.Attention(32).Save(folder.File("model.onnx")), OverN);
        Assert.IsInstanceOfType<Measurement.Sampled>(result.Measurements[0], (result.Measurements[0] as Measurement.Failed)?.Reason);
        var sweep = result.Sweeps.Single();
        CollectionAssert.AreEqual(OverN.Sizes.Select(n => (4.0 * n * 32 * 32) + (2.0 * n * n * 32)).ToArray(), sweep.Points.Select(point => point.Macs!.Value).ToArray());
        Assert.AreEqual(2, sweep.GrowthOfMacs!.Value, 0.1);
        Assert.AreEqual(2, sweep.GrowthOfActivations!.Value, 0.1);
        Assert.IsTrue(sweep.Points.All(point => point.Latency > 0));
    }

    [TestMethod]
    public void Fused_attention_takes_the_same_arithmetic_and_memory_that_grows_with_the_length()
    {
        using var folder = new TemporaryFolder();
        var sweep = Measure(SmallModels.FusedAttention(32).Save(folder.File("model.onnx")), OverN).Sweeps.Single();
        CollectionAssert.AreEqual(OverN.Sizes.Select(n => (4.0 * n * 32 * 32) + (2.0 * n * n * 32)).ToArray(), sweep.Points.Select(point => point.Macs!.Value).ToArray());
        Assert.IsLessThan(1.1, sweep.GrowthOfActivations!.Value, "no scores are held");
    }

    [TestMethod]
    public void Memory_and_arithmetic_of_a_perceptron_grow_with_the_size()
    {
        using var folder = new TemporaryFolder();
        var result = Measure(SmallModels.Perceptron(32, 128).Save(folder.File("model.onnx")), OverN);
        Assert.IsFalse(result.Notes.Any(static note => note.Contains("open dimensions", StringComparison.Ordinal)), "what is swept is 1 nowhere");
        var sweep = result.Sweeps.Single();
        CollectionAssert.AreEqual(OverN.Sizes.Select(n => 2.0 * n * 32 * 128).ToArray(), sweep.Points.Select(point => point.Macs!.Value).ToArray());
        Assert.AreEqual(1, sweep.GrowthOfActivations!.Value, 0.1);
    }

    [TestMethod]
    public void A_dimension_without_a_name_gets_one_from_the_shape_of_its_input()
    {
        using var folder = new TemporaryFolder();
        string path = SmallModels.Perceptron(8, 8).Save(folder.File("model.onnx"));
        var sweep = new Sweep("rows", [1, 2, 4]);
        Assert.HasCount(3, Measure(path, sweep, new WorkerInput("x", ["rows", "8"], null, null, null)).Sweeps.Single().Points);
        var failed = (Measurement.Failed)Measure(path, sweep).Measurements[0];
        Assert.AreEqual("MG4009", failed.Kind.Code);
        Assert.Contains("no input has an open dimension 'rows'; there are n", failed.Reason);
        Assert.Contains("or with `--shape INPUT=1,rows`", failed.Reason);
    }

    [TestMethod]
    public void Profiles_take_of_the_time_there_is_and_leave_a_restart_its_second()
    {
        var metric = MetricCatalogue.Growth(OverN.Dimension);

        var failed = (Measurement.Failed)Workers.Measure(Workers.Request("hang", [metric], maxTime: 1) with { Sweeps = [OverN] }, Workers.Faulty).Measurements[0];

        Assert.AreEqual("MG4005", failed.Kind.Code, failed.Reason);
        Assert.Contains("ended after 1 s", failed.Reason);
    }

    private static LatencyResult Measure(string path, Sweep sweep, params WorkerInput[] inputs) =>
        Workers.Measure(Workers.Request(path, [MetricCatalogue.Growth(sweep.Dimension)]) with { Structure = ModelReader.Read(path), Sweeps = [sweep], Inputs = inputs }, Workers.Real);
}
