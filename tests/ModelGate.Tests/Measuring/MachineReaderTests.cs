using System.Runtime.Intrinsics.X86;
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
    public void What_the_processor_has_counts_only_where_the_system_keeps_its_registers()
    {
        Assert.IsEmpty(Found(0), "an old processor");
        CollectionAssert.AreEqual(new[] { "sse4.2" }, Found(7), "registers that the system does not keep");
        CollectionAssert.AreEqual(new[] { "avx", "avx-vnni", "avx2", "f16c", "fma", "sse4.2" }, Found(7, enabled: 0b111));
        CollectionAssert.AreEqual(new[] { "avx", "avx-vnni", "avx2", "avx512-bf16", "avx512-fp16", "avx512-vnni", "avx512bw", "avx512f", "f16c", "fma", "sse4.2" }, Found(7, enabled: 0b1110_0111));
        CollectionAssert.IsSubsetOf(new[] { "amx-bf16", "amx-int8", "amx-tile" }, Found(7, enabled: ulong.MaxValue));

        static string[] Found(int leaves, ulong enabled = 0) =>
            [.. InstructionSets.OfProcessor((leaf, _) => leaf == 0 ? (leaves, 0, 0, 0) : leaves == 0 ? default : (-1, -1, -1, -1), enabled).Order(StringComparer.Ordinal)];
    }

    [TestMethod]
    public void The_processor_itself_names_whatever_Linux_lists()
    {
        if (!X86Base.IsSupported || !File.Exists("/proc/cpuinfo"))
            Assert.Inconclusive("on Linux on x64");
        CollectionAssert.IsSubsetOf(
            InstructionSets.OfFlags(MachineReader.FlagsOf(File.ReadAllText("/proc/cpuinfo"))).ToArray(), InstructionSets.OfProcessor(X86Base.CpuId, ulong.MaxValue).ToArray());
    }

    [TestMethod]
    [DataRow("150000 100000\n", "", "", 1.5, DisplayName = "cgroup v2")]
    [DataRow("max 100000\n", "", "", null, DisplayName = "cgroup v2 without a limit")]
    [DataRow("", "50000\n", "100000\n", 0.5, DisplayName = "cgroup v1")]
    [DataRow("", "-1\n", "100000\n", null, DisplayName = "cgroup v1 without a limit")]
    [DataRow("", "", "", null, DisplayName = "no container")]
    public void A_containers_quota_limits_the_cores(string version2, string quota, string period, double? expected) =>
        Assert.AreEqual(expected, ControlGroups.QuotaOf(version2, quota, period));

    [TestMethod]
    [DataRow("0::/\n", "/sys/fs/cgroup", DisplayName = "a container of version 2")]
    [DataRow("0::/system.slice/agent.service\n", "/sys/fs/cgroup/system.slice/agent.service,/sys/fs/cgroup/system.slice,/sys/fs/cgroup", DisplayName = "a service of version 2")]
    [DataRow("3:memory:/a\n2:cpu,cpuacct:/docker/1f\n", "/sys/fs/cgroup/cpu/docker/1f,/sys/fs/cgroup/cpu/docker,/sys/fs/cgroup/cpu", DisplayName = "version 1")]
    [DataRow("", "", DisplayName = "no groups")]
    public void Quotas_are_sought_in_the_process_s_group_and_above(string groups, string folders) =>
        Assert.AreEqual(folders, string.Join(',', ControlGroups.FoldersOf(groups)));

    [TestMethod]
    public void The_tightest_quota_holds()
    {
        var files = new Dictionary<string, string>
        {
            ["/proc/self/cgroup"] = "0::/outer/inner\n",
            ["/sys/fs/cgroup/outer/inner/cpu.max"] = "400000 100000\n",
            ["/sys/fs/cgroup/outer/cpu.max"] = "150000 100000\n",
            ["/sys/fs/cgroup/cpu.max"] = "max 100000\n",
        };
        Assert.AreEqual(1.5, ControlGroups.Quota(path => files.GetValueOrDefault(path, "")));
        Assert.IsNull(ControlGroups.Quota(static _ => ""));
    }

    [TestMethod]
    public void Machines_are_the_same_only_where_nothing_differs_that_could_change_a_time()
    {
        Machine one = Some();
        Assert.AreEqual(one, Some(), "lists are compared by what is in them");
        Machine[] others =
        [
            one with { Cpu = "another" }, one with { InstructionSets = ["avx2"] }, one with { Cores = 8 }, one with { UsableCores = 1.5 }, one with { Affinity = "2-3" }, one with { Quota = 1.5 },
            one with { Memory = 8L << 30 }, one with { Os = "Debian 13" }, one with { Architecture = "arm64" }, one with { PowerGovernor = "powersave" }, one with { PowerGovernor = null },
        ];
        foreach (var other in others) Assert.AreNotEqual(one, other);
        Assert.HasCount(typeof(Machine).GetProperties().Length - 1, one.Fingerprint, "every property but the fingerprint itself is in it");

        static Machine Some() => new("AMD EPYC 7763", ["avx2", "fma"], 4, 2, 16L << 30, "Ubuntu 24.04", "x64", "performance") { Affinity = "0-1" };
    }

    [TestMethod]
    public void This_machine_can_be_read()
    {
        var machine = MachineReader.Read();
        Assert.AreNotEqual("", machine.Cpu);
        Assert.IsGreaterThan(0, machine.UsableCores);
        Assert.IsGreaterThanOrEqualTo(machine.UsableCores, machine.Cores);
        Assert.IsGreaterThan(0, machine.Memory);
        Assert.AreEqual(machine, MachineReader.Read(), "and is the same when it is read again");
        Assert.AreEqual(OperatingSystem.IsMacOS(), machine.Affinity.Length == 0);
    }
}
