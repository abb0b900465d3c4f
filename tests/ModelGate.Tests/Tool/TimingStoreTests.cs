using ModelGate.Gating;
using ModelGate.Measuring;
using ModelGate.Models;
using ModelGate.TestModels;
using ModelGate.Tests.Measuring.Latency;
using ModelGate.Tool.MSBuild;

namespace ModelGate.Tests.Tool;

/// <summary>A timing that is kept is cited only where everything is the same that could change it.</summary>
[TestClass]
public sealed class TimingStoreTests
{
    private static readonly Machine Here = new("AMD EPYC 7763", ["avx2", "fma"], 4, 2, 16L << 30, "Ubuntu 24.04", "x64", "performance") { Affinity = "0-1" };

    [TestMethod]
    public void A_timing_is_cited_on_the_same_machine_and_never_on_another()
    {
        using var folder = new TemporaryFolder();
        string model = SmallModels.Dense().Save(folder.File("model.onnx"));
        var request = Workers.Request(model, Workers.Metrics("startup.session_creation")) with { Structure = ModelReader.Read(model) };
        Assert.IsTrue(IsMeasured(Here, request), "nothing is kept yet");
        Assert.IsFalse(IsMeasured(Here with { InstructionSets = ["avx2", "fma"] }, request), "the same");
        Assert.IsTrue(IsMeasured(Here with { PowerGovernor = "powersave" }, request), "another governor");
        Assert.IsTrue(IsMeasured(Here with { UsableCores = 1.5 }, request), "another quota");
        Assert.IsTrue(IsMeasured(Here, request with { Benchmark = request.Benchmark with { IntraOpThreads = 2 } }), "other threads");
        Assert.IsTrue(IsMeasured(Here, request with { Benchmark = request.Benchmark with { Providers = [ExecutionProvider.Find("cuda")!] } }), "another provider");
        Assert.IsFalse(IsMeasured(Here, request), "and the first is still there");

        bool IsMeasured(Machine machine, LatencyRequest asked)
        {
            var result = new TimingStore(folder.Path, new(() => machine)).Measure(asked, static _ => true, null, CancellationToken.None);
            // What is cited was not waited for; what is measured takes its turn on the machine.
            return result.Waited > 0;
        }
    }

    [TestMethod]
    public void What_was_disturbed_when_it_was_timed_still_is_when_it_is_cited()
    {
        using var folder = new TemporaryFolder();
        var p50 = MetricCatalogue.Find("latency.p50")!;
        var calm = new Measurement.Sampled(p50, [9, 9, 9], RunsPerRestart: 100, TimeRanOut: false) { TakenByOthers = [0, 0.0125, 1e-7] };
        var disturbed = calm with { TakenByOthers = [0.5, 0.25, 0.75] };
        foreach (var timed in (Measurement.Sampled[])[calm, disturbed, calm with { TakenByOthers = [] }])
        {
            var cited = KeptAndRead(timed);
            CollectionAssert.AreEqual(timed.TakenByOthers.ToArray(), cited.TakenByOthers.ToArray());
            Assert.AreEqual(RestartJudgement.Of(timed, 1, 0.99), RestartJudgement.Of(cited, 1, 0.99));
        }

        Assert.IsTrue(RestartJudgement.Of(KeptAndRead(calm), 1, 0.99).IsFinal);
        Assert.IsFalse(RestartJudgement.Of(KeptAndRead(disturbed), 1, 0.99).IsFinal, "three restarts that had to wait are no clear case, and so are not cited as one");

        Measurement.Sampled KeptAndRead(Measurement.Sampled sampled)
        {
            string path = folder.File("kept.timing");
            TimingStore.Keep(path, "key\n", new([sampled], new RuntimeInfo("package", "1.29.0", "build", "cpu", 1, 1, "all"), Waited: 1, []));
            return (Measurement.Sampled)TimingStore.Read(path, "key\n", [p50])!.Measurements.Single();
        }
    }
}
