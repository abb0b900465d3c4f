using ModelGate.Measuring;
using ModelGate.Policies;
using ModelGate.TestModels;

namespace ModelGate.Tests.Measuring.Latency;

/// <summary>Execution providers: what the runtime has not, and what it does not do although it has it, is never a time.</summary>
[TestClass]
public sealed class ProviderTests
{
    [TestMethod]
    public void A_provider_that_the_runtime_was_built_without_is_refused_with_those_it_has()
    {
        using var folder = new TemporaryFolder();
        var failed = Fail(Real(folder, "cuda"), Workers.Real);
        Assert.AreEqual("MG4016", failed.Kind.Code, failed.Reason);
        Assert.StartsWith("this runtime has no execution provider 'cuda'; it has cpu", failed.Reason);
    }

    [TestMethod]
    public void A_comparison_on_a_provider_that_is_not_there_is_refused_as_well()
    {
        using var folder = new TemporaryFolder();
        var request = Real(folder, "cuda");
        var result = ComparisonMeasuring.Measure(request, new(request.Model, null, Seed: 1), Workers.Real, static _ => true, null, CancellationToken.None);
        Assert.AreEqual("MG4016", ((Measurement.Failed)result.Measurements[0]).Kind.Code);
    }

    [TestMethod]
    public void A_provider_that_takes_no_node_of_the_model_is_no_pass()
    {
        var failed = Fail(Split(allowsFallback: true) with { Model = "runs on the CPU, whatever is asked" }, Workers.Faulty);
        Assert.AreEqual("MG4017", failed.Kind.Code, failed.Reason);
        Assert.AreEqual("no node of the model ran on cuda: conv (Conv on cpu), after (Relu on cpu).", failed.Reason);
    }

    [TestMethod]
    public void A_provider_that_does_not_start_says_why()
    {
        var failed = Fail(Split(allowsFallback: true) with { Model = "has a provider that does not start" }, Workers.Faulty);
        Assert.AreEqual("MG4016", failed.Kind.Code);
        Assert.AreEqual("the execution provider 'cuda' does not start here: no device", failed.Reason);
    }

    [TestMethod]
    public void A_model_of_two_providers_is_timed_with_a_note_where_that_is_allowed()
    {
        var result = Workers.Measure(Split(allowsFallback: true), Workers.Faulty);
        Assert.IsInstanceOfType<Measurement.Sampled>(result.Measurements[0]);
        Assert.AreEqual("cuda", result.Runtime!.Provider);
        Assert.Contains("1 of 2 nodes did not run on cuda and took 25 % of the time: after (Relu on cpu)", result.Notes.ToArray());
    }

    [TestMethod]
    public void A_model_of_two_providers_is_not_timed_where_that_is_forbidden()
    {
        var failed = Fail(Split(allowsFallback: false), Workers.Faulty);
        Assert.AreEqual("MG4017", failed.Kind.Code);
        Assert.Contains("after (Relu on cpu), and `allow_fallback: false` forbids it", failed.Reason);
    }

    [TestMethod]
    [DataRow("latency.bound")]
    [DataRow("memory.activations")]
    public void What_is_known_of_the_processor_alone_is_not_said_of_another_device(string metric)
    {
        var failed = Fail(Split(allowsFallback: true) with { Metrics = Workers.Metrics(metric) }, Workers.Faulty);
        Assert.AreEqual("MG4018", failed.Kind.Code, failed.Reason);
    }

    private static LatencyRequest Real(TemporaryFolder folder, string provider) => On(Workers.Request(SmallModels.Dense().Save(folder.File("model.onnx")), Workers.Metrics("latency.p50")), provider, true);

    private static LatencyRequest Split(bool allowsFallback) => On(Workers.Request("runs on two providers", Workers.Metrics("latency.p50")), "cuda", allowsFallback);

    private static LatencyRequest On(LatencyRequest request, string provider, bool allowsFallback) =>
        request with { Benchmark = request.Benchmark with { Providers = [ExecutionProvider.Find(provider)!], AllowsFallback = allowsFallback } };

    private static Measurement.Failed Fail(LatencyRequest request, WorkerHost host) => (Measurement.Failed)Workers.Measure(request, host).Measurements[0];
}
