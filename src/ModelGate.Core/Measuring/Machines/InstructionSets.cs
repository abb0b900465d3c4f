using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace ModelGate.Measuring;

/// <summary>The instruction sets that decide which kernels ONNX Runtime picks, named as policies name them.</summary>
public static class InstructionSets
{
    // Linux's names of what .NET has no property for.
    private static readonly Dictionary<string, string> ByFlag = new()
    {
        ["sse4_2"] = "sse4.2",
        ["avx"] = "avx",
        ["avx2"] = "avx2",
        ["fma"] = "fma",
        ["f16c"] = "f16c",
        ["avx_vnni"] = "avx-vnni",
        ["avx512f"] = "avx512f",
        ["avx512bw"] = "avx512bw",
        ["avx512_vnni"] = "avx512-vnni",
        ["avx512_bf16"] = "avx512-bf16",
        ["avx512_fp16"] = "avx512-fp16",
        ["amx_tile"] = "amx-tile",
        ["amx_int8"] = "amx-int8",
        ["amx_bf16"] = "amx-bf16",
        ["asimd"] = "neon",
        ["asimddp"] = "dotprod",
        ["asimdhp"] = "fp16",
        ["i8mm"] = "i8mm",
        ["bf16"] = "bf16",
        ["sve"] = "sve",
        ["sve2"] = "sve2",
        ["sme"] = "sme",
    };

    /// <summary>Those of the machine, sorted: from the system's own flags where it lists them, and else from what .NET finds.</summary>
    /// <param name="flags">Flags of <c>/proc/cpuinfo</c>; empty on other systems.</param>
    public static IReadOnlyList<string> OfThisProcess(IReadOnlyList<string> flags) =>
        flags.Count > 0 ? OfFlags(flags) : [.. Found().Order(StringComparer.Ordinal)];

    /// <summary>Those that Linux's flags name, sorted.</summary>
    public static IReadOnlyList<string> OfFlags(IReadOnlyList<string> flags) =>
        [.. flags.Select(ByFlag.GetValueOrDefault).OfType<string>().Distinct().Order(StringComparer.Ordinal)];

    /// <summary>
    /// Those that the registers of CPUID name and the system lets programs use, by Intel's manual, volume 2, CPUID. Asked of the processor
    /// itself: in a program compiled to native code .NET's own properties tell what that was compiled for.
    /// </summary>
    /// <param name="cpuId">The registers of a leaf and its subleaf.</param>
    /// <param name="enabled">The state components that the system keeps for programs, as in the register XCR0.</param>
    internal static IEnumerable<string> OfProcessor(Func<int, int, (int Eax, int Ebx, int Ecx, int Edx)> cpuId, ulong enabled)
    {
        const ulong OfAvx = 0b110, OfAvx512 = 0b1110_0110, OfTiles = 3UL << 17;
        var usual = cpuId(1, 0);
        if (Has(usual.Ecx, 20)) yield return "sse4.2";
        if (cpuId(0, 0).Eax < 7 || !Lets(OfAvx))
            yield break;
        var (features, more) = (cpuId(7, 0), cpuId(7, 1));
        if (Has(usual.Ecx, 28)) yield return "avx";
        if (Has(usual.Ecx, 12)) yield return "fma";
        if (Has(usual.Ecx, 29)) yield return "f16c";
        if (Has(features.Ebx, 5)) yield return "avx2";
        if (Has(more.Eax, 4)) yield return "avx-vnni";
        if (Lets(OfAvx512))
        {
            if (Has(features.Ebx, 16)) yield return "avx512f";
            if (Has(features.Ebx, 30)) yield return "avx512bw";
            if (Has(features.Ecx, 11)) yield return "avx512-vnni";
            if (Has(features.Edx, 23)) yield return "avx512-fp16";
            if (Has(more.Eax, 5)) yield return "avx512-bf16";
        }

        if (Lets(OfTiles))
        {
            if (Has(features.Edx, 22)) yield return "amx-bf16";
            if (Has(features.Edx, 24)) yield return "amx-tile";
            if (Has(features.Edx, 25)) yield return "amx-int8";
        }

        bool Lets(ulong components) => (enabled & components) == components;
    }

    private static IEnumerable<string> Found() =>
        OperatingSystem.IsWindows() && X86Base.IsSupported ? OfProcessor(X86Base.CpuId, WindowsMachine.EnabledFeatures())
        : OperatingSystem.IsWindows() && AdvSimd.IsSupported ? WindowsMachine.HasDotProduct() ? ["neon", "dotprod"] : ["neon"]
        : OperatingSystem.IsMacOS() ? [.. FoundByDotNet(), .. MacMachine.Features()]
        : FoundByDotNet();

    private static IEnumerable<string> FoundByDotNet()
    {
        if (Sse42.IsSupported) yield return "sse4.2";
        if (Avx.IsSupported) yield return "avx";
        if (Avx2.IsSupported) yield return "avx2";
        if (Fma.IsSupported) yield return "fma";
        if (AdvSimd.IsSupported) yield return "neon";
        if (Dp.IsSupported) yield return "dotprod";
    }

    private static bool Has(int register, int bit) => (register & (1 << bit)) != 0;
}
