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

    private static IEnumerable<string> Found() => [.. FoundByDotNet(), .. FoundByProcessor(), .. OperatingSystem.IsMacOS() ? MacMachine.Features() : []];

    private static IEnumerable<string> FoundByDotNet()
    {
        if (Sse42.IsSupported) yield return "sse4.2";
        if (Avx.IsSupported) yield return "avx";
        if (Avx2.IsSupported) yield return "avx2";
        if (Fma.IsSupported) yield return "fma";
        if (AvxVnni.IsSupported) yield return "avx-vnni";
        if (Avx512F.IsSupported) yield return "avx512f";
        if (Avx512BW.IsSupported) yield return "avx512bw";
        if (AdvSimd.IsSupported) yield return "neon";
        if (Dp.IsSupported) yield return "dotprod";
    }

    // What .NET has no property for, by Intel's manual, volume 2, CPUID: whether the system lets programs use it, the wider set it belongs to tells.
    private static IEnumerable<string> FoundByProcessor()
    {
        if (!X86Base.IsSupported || X86Base.CpuId(0, 0).Eax < 7)
            yield break;
        var (usual, features, more) = (X86Base.CpuId(1, 0), X86Base.CpuId(7, 0), X86Base.CpuId(7, 1));
        if (Avx.IsSupported && Has(usual.Ecx, 29)) yield return "f16c";
        if (Avx512F.IsSupported && Has(features.Ecx, 11)) yield return "avx512-vnni";
        if (Avx512F.IsSupported && Has(features.Edx, 23)) yield return "avx512-fp16";
        if (Avx512F.IsSupported && Has(more.Eax, 5)) yield return "avx512-bf16";
        if (!OperatingSystem.IsWindows() || !WindowsMachine.LetsUseTiles())
            yield break;
        if (Has(features.Edx, 22)) yield return "amx-bf16";
        if (Has(features.Edx, 24)) yield return "amx-tile";
        if (Has(features.Edx, 25)) yield return "amx-int8";
    }

    private static bool Has(int register, int bit) => (register & (1 << bit)) != 0;
}
