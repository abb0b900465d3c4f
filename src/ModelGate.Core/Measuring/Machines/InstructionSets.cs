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

    private static IEnumerable<string> Found()
    {
        if (Sse42.IsSupported) yield return "sse4.2";
        if (Avx.IsSupported) yield return "avx";
        if (Avx2.IsSupported) yield return "avx2";
        if (Fma.IsSupported) yield return "fma";
        if (AvxVnni.IsSupported) yield return "avx-vnni";
        if (Avx512F.IsSupported) yield return "avx512f";
        if (Avx512BW.IsSupported) yield return "avx512bw";
        if (IsVnniOf512()) yield return "avx512-vnni";
        if (AdvSimd.IsSupported) yield return "neon";
        if (Dp.IsSupported) yield return "dotprod";
    }

    // Leaf 7, ECX bit 11 (Intel's manual, volume 2, CPUID).
    private static bool IsVnniOf512() => X86Base.IsSupported && X86Base.CpuId(0, 0).Eax >= 7 && Avx512F.IsSupported && (X86Base.CpuId(7, 0).Ecx & (1 << 11)) != 0;
}
