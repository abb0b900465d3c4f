using ModelGate.Measuring;

namespace ModelGate.Tests.Measuring;

[TestClass]
public sealed class MachineReaderTests
{
    private const string CpuInfo = "processor\t: 0\nmodel name\t: AMD EPYC 7763 64-Core Processor\nflags\t\t: fpu sse4_2 avx avx2 fma f16c avx512f avx512_vnni amx_int8\n\nprocessor\t: 1\n";

    [TestMethod]
    public void Linux_names_the_cpu_and_its_instruction_sets()
    {
        Assert.AreEqual("AMD EPYC 7763 64-Core Processor", MachineReader.CpuNameOf(CpuInfo));
        CollectionAssert.AreEqual(new[] { "amx-int8", "avx", "avx2", "avx512-vnni", "avx512f", "f16c", "fma", "sse4.2" }, InstructionSets.OfFlags(MachineReader.FlagsOf(CpuInfo)).ToArray());
    }

    [TestMethod]
    public void Arm_features_have_the_names_that_policies_use() =>
        CollectionAssert.AreEqual(new[] { "dotprod", "neon" }, InstructionSets.OfFlags(MachineReader.FlagsOf("Features\t: fp asimd asimddp\n")).ToArray());

    [TestMethod]
    [DataRow("150000 100000\n", "", "", 1.5, DisplayName = "cgroup v2")]
    [DataRow("max 100000\n", "", "", null, DisplayName = "cgroup v2 without a limit")]
    [DataRow("", "50000\n", "100000\n", 0.5, DisplayName = "cgroup v1")]
    [DataRow("", "-1\n", "100000\n", null, DisplayName = "cgroup v1 without a limit")]
    [DataRow("", "", "", null, DisplayName = "no container")]
    public void A_containers_quota_limits_the_cores(string version2, string quota, string period, double? expected) =>
        Assert.AreEqual(expected, MachineReader.QuotaOf(version2, quota, period));

    [TestMethod]
    public void This_machine_can_be_read()
    {
        var machine = MachineReader.Read();
        Assert.AreNotEqual("", machine.Cpu);
        Assert.IsGreaterThan(0, machine.UsableCores);
        Assert.IsGreaterThanOrEqualTo(machine.UsableCores, machine.Cores);
        Assert.IsGreaterThan(0, machine.Memory);
    }
}
