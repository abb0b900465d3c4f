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
}
