using System.Globalization;

namespace ModelGate.Measuring;

/// <summary>The machine a number was measured on: what must match before two timings may be compared.</summary>
/// <param name="Cpu">CPU model as the system names it.</param>
/// <param name="InstructionSets">Instruction sets that matter to kernels (avx2, avx512f, avx512-vnni, amx-int8, neon, dotprod, …), sorted.</param>
/// <param name="Cores">Logical processors of the machine.</param>
/// <param name="UsableCores">Logical processors this process may use, by affinity mask and container quota; may be fractional.</param>
/// <param name="Memory">Bytes of physical memory, or the container's limit where that is lower.</param>
/// <param name="Os">Operating system and version.</param>
/// <param name="Architecture">Process architecture: x64, arm64, ….</param>
/// <param name="PowerGovernor">CPU frequency governor, where the system tells it.</param>
public sealed record Machine(
    string Cpu, IReadOnlyList<string> InstructionSets, int Cores, double UsableCores, long Memory, string Os, string Architecture, string? PowerGovernor)
{
    /// <summary>Logical processors that the affinity mask leaves this process, such as <c>0-3,8</c> on Linux or <c>0xf</c> on Windows; empty where the system has no such thing.</summary>
    public string Affinity { get; init; } = "";

    /// <summary>Processors that the container's quota allows, may be fractional; null where there is none.</summary>
    public double? Quota { get; init; }

    /// <summary>Everything that could change a time, each as text: what is kept of one machine is never used on another.</summary>
    public IReadOnlyList<string> Fingerprint =>
    [
        Cpu, string.Join(',', InstructionSets), Number(Cores), Number(UsableCores), Affinity, Quota is { } quota ? Number(quota) : "", Number(Memory), Os, Architecture, PowerGovernor ?? "",
    ];

    /// <summary>Machines are the same where their fingerprints are.</summary>
    public bool Equals(Machine? other) => other is not null && Fingerprint.SequenceEqual(other.Fingerprint);

    /// <inheritdoc/>
    public override int GetHashCode() => Cpu.GetHashCode(StringComparison.Ordinal);

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}

/// <summary>The ONNX Runtime that timed the models and how it was set up.</summary>
/// <param name="Package">Package it came from, or "bundled", or the folder that was named.</param>
/// <param name="Version">Its version, as the native library says.</param>
/// <param name="Build">Its build information, as the native library says; empty where it says none.</param>
/// <param name="Provider">Execution providers that were asked for, preferred first.</param>
/// <param name="IntraOpThreads">Threads within an operator.</param>
/// <param name="InterOpThreads">Threads across operators.</param>
/// <param name="OptimizationLevel">Graph optimization level.</param>
public sealed record RuntimeInfo(
    string Package, string Version, string Build, string Provider, int IntraOpThreads, int InterOpThreads, string OptimizationLevel);
