using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace ModelGate.Measuring;

/// <summary>Reads what this machine is, from what its system tells. What it does not tell is left out, never guessed.</summary>
public static class MachineReader
{
    /// <summary>This machine.</summary>
    public static Machine Read()
    {
        string cpuInfo = Text("/proc/cpuinfo");
        return new(
            CpuName(cpuInfo), InstructionSets.OfThisProcess(FlagsOf(cpuInfo)), AllCores(cpuInfo), UsableCores(),
            GC.GetGCMemoryInfo().TotalAvailableMemoryBytes, Os(), RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant(), Governor())
        {
            Affinity = Affinity(),
            Quota = ControlGroups.Quota(Text),
        };
    }

    /// <summary>The CPU model of Linux's <c>/proc/cpuinfo</c>; empty where it names none, as on many ARM machines.</summary>
    public static string CpuNameOf(string cpuInfo) => Field(cpuInfo, "model name") ?? Field(cpuInfo, "Model") ?? Field(cpuInfo, "Hardware") ?? "";

    /// <summary>The CPU flags of Linux's <c>/proc/cpuinfo</c>.</summary>
    public static IReadOnlyList<string> FlagsOf(string cpuInfo) =>
        (Field(cpuInfo, "flags") ?? Field(cpuInfo, "Features") ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);

    // A line such as "model name : AMD EPYC 7763".
    private static string? Field(string text, string name)
    {
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            int colon = line.IndexOf(':');
            if (colon > 0 && line[..colon].TrimEnd().SequenceEqual(name))
                return line[(colon + 1)..].Trim().ToString();
        }

        return null;
    }

    private static string CpuName(string cpuInfo)
    {
        string name = OperatingSystem.IsWindows() ? WindowsMachine.CpuName() : OperatingSystem.IsMacOS() ? MacMachine.CpuName() : CpuNameOf(cpuInfo);
        return name.Length > 0 ? string.Join(' ', name.Split(' ', StringSplitOptions.RemoveEmptyEntries)) : "unknown " + RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant();
    }

    // Environment.ProcessorCount knows the affinity mask and rounds the quota up; the machine's own count is more.
    private static int AllCores(string cpuInfo)
    {
        int listed = 0;
        foreach (var line in cpuInfo.AsSpan().EnumerateLines())
        {
            if (line.StartsWith("processor"))
                listed++;
        }

        return Math.Max(listed, Environment.ProcessorCount);
    }

    /// <summary>Processors this process may use, by affinity mask and container quota; may be fractional.</summary>
    public static double UsableCores() => ControlGroups.Quota(Text) is { } quota ? Math.Min(quota, Environment.ProcessorCount) : Environment.ProcessorCount;

    private static string Os()
    {
        foreach (var line in Text("/etc/os-release").AsSpan().EnumerateLines())
        {
            if (line.StartsWith("PRETTY_NAME="))
                return line["PRETTY_NAME=".Length..].Trim('"').ToString();
        }

        return RuntimeInformation.OSDescription;
    }

    private static string? Governor() => OperatingSystem.IsWindows() ? WindowsMachine.PowerScheme()
        : Text("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor").Trim() is { Length: > 0 } governor ? governor : null;

    private static string Affinity()
    {
        if (!OperatingSystem.IsWindows())
            return Field(Text("/proc/self/status"), "Cpus_allowed_list") ?? "";
        using var self = Process.GetCurrentProcess();
        return "0x" + self.ProcessorAffinity.ToString("x", CultureInfo.InvariantCulture);
    }

    private static string Text(string path)
    {
        try
        {
            return OperatingSystem.IsLinux() && File.Exists(path) ? File.ReadAllText(path) : "";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
