using System.Globalization;

namespace ModelGate.Worker;

/// <summary>How often this process had to give up its processor to another.</summary>
internal static class ContextSwitches
{
    private const string Line = "nonvoluntary_ctxt_switches:";

    /// <summary>Since the process began; null where the system does not tell.</summary>
    public static long? Involuntary() =>
        OperatingSystem.IsLinux() && File.Exists("/proc/self/status")
        && File.ReadLines("/proc/self/status").FirstOrDefault(static line => line.StartsWith(Line, StringComparison.Ordinal)) is { } line
        && long.TryParse(line.AsSpan(Line.Length).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out long count) ? count : null;
}
