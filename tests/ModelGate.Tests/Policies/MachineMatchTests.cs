using ModelGate.Measuring;
using ModelGate.Policies;

namespace ModelGate.Tests.Policies;

[TestClass]
public sealed class MachineMatchTests
{
    private static readonly Machine Here = new("AMD EPYC 7763 64-Core Processor", ["avx2", "fma"], 4, 1.5, 16_000_000_000, "Ubuntu 24.04.1 LTS", "x64", "powersave");

    [TestMethod]
    [DataRow("{ }", null)]
    [DataRow("{ cpu: \"*epyc 7763*\", cores: 4, isa: [avx2, fma], usable_cores: 1.5, memory: 16 GB, os: Ubuntu 24.04*, architecture: x64, governor: PowerSave }", null)]
    [DataRow("{ cpu: \"*9654*\" }", "its CPU is '*9654*', this is 'AMD EPYC 7763 64-Core Processor'")]
    [DataRow("{ cores: 8 }", "it has 8 cores, this has 4")]
    [DataRow("{ usable_cores: 4 }", "it lets a process use 4 cores, this lets it use 1.5")]
    [DataRow("{ memory: 16 GiB }", "it has 16 GiB of memory, this has 16 GB")]
    [DataRow("{ os: \"*26.04*\" }", "its system is '*26.04*', this is 'Ubuntu 24.04.1 LTS'")]
    [DataRow("{ architecture: arm64 }", "it is arm64, this is x64")]
    [DataRow("{ governor: performance }", "its power governor is 'performance', this has 'powersave'")]
    [DataRow("{ isa: [avx2, avx512-vnni] }", "it has avx512-vnni, this has not")]
    public void A_machine_is_the_one_that_is_meant_where_nothing_that_is_said_of_it_differs(string said, string? difference)
    {
        var reading = PolicyReader.Parse(System.Text.Encoding.UTF8.GetBytes($"version: 1\nmachines: {{ runner: {said} }}\nmodels:\n  - path: a.onnx\n    budgets: {{ latency.p50: {{ max: 5 ms, machine: runner }} }}\n"), "modelgate.yml", "1.0.0");
        Assert.IsNotNull(reading.Policy, string.Join('\n', reading.Diagnostics.Select(diagnostic => diagnostic.Message)));
        Assert.AreEqual(difference, reading.Policy.Machines.Single().DifferenceFrom(Here));
    }

    [TestMethod]
    public void A_governor_that_is_not_told_is_not_the_one_that_is_meant() =>
        Assert.AreEqual("its power governor is 'performance', and this tells none", new MachineSpecification("runner", null, null, [], new("modelgate.yml")) { PowerGovernor = "performance" }.DifferenceFrom(Here with { PowerGovernor = null }));
}
