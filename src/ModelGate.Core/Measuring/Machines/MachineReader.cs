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
            GC.GetGCMemoryInfo().TotalAvailableMemoryBytes, Os(), RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant(), Governor());
    }

    /// <summary>The CPU model of Linux's <c>/proc/cpuinfo</c>; empty where it names none, as on many ARM machines.</summary>
    public static string CpuNameOf(string cpuInfo) => Field(cpuInfo, "model name") ?? Field(cpuInfo, "Model") ?? Field(cpuInfo, "Hardware") ?? "";

    /// <summary>The CPU flags of Linux's <c>/proc/cpuinfo</c>.</summary>
    public static IReadOnlyList<string> FlagsOf(string cpuInfo) =>
        (Field(cpuInfo, "flags") ?? Field(cpuInfo, "Features") ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Processors that a container's quota allows.</summary>
    /// <param name="version2">Text of <c>cpu.max</c> (cgroup v2: quota and period, or <c>max</c>); empty where there is none.</param>
    /// <param name="quota">Text of <c>cpu.cfs_quota_us</c> (cgroup v1: -1 for none); empty where there is none.</param>
    /// <param name="period">Text of <c>cpu.cfs_period_us</c>.</param>
    /// <returns>Processors, may be fractional; null for no limit.</returns>
    public static double? QuotaOf(string version2, string quota, string period)
    {
        string[] fields = version2.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return fields is [var max, var per] ? Ratio(max, per) : Ratio(quota.Trim(), period.Trim());
    }

    private static double? Ratio(string quota, string period) =>
        double.TryParse(quota, NumberStyles.None, CultureInfo.InvariantCulture, out double of)
        && double.TryParse(period, NumberStyles.None, CultureInfo.InvariantCulture, out double per) && of > 0 && per > 0 ? of / per : null;

    private static string? Field(string cpuInfo, string name)
    {
        foreach (var line in cpuInfo.AsSpan().EnumerateLines())
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
    public static double UsableCores() =>
        QuotaOf(Text("/sys/fs/cgroup/cpu.max"), Text("/sys/fs/cgroup/cpu/cpu.cfs_quota_us"), Text("/sys/fs/cgroup/cpu/cpu.cfs_period_us")) is { } quota
            ? Math.Min(quota, Environment.ProcessorCount)
            : Environment.ProcessorCount;

    private static string Os()
    {
        foreach (var line in Text("/etc/os-release").AsSpan().EnumerateLines())
        {
            if (line.StartsWith("PRETTY_NAME="))
                return line["PRETTY_NAME=".Length..].Trim('"').ToString();
        }

        return RuntimeInformation.OSDescription;
    }

    private static string? Governor() =>
        Text("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor").Trim() is { Length: > 0 } governor ? governor : null;

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
