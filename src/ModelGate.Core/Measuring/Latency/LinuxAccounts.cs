using System.Globalization;

namespace ModelGate.Measuring;

/// <summary>What Linux itself counts of how a machine's processors were shared out. This file is compiled into the worker too.</summary>
internal static class LinuxAccounts
{
    // /proc/stat counts in USER_HZ, which Linux fixes at 100 for its ABI.
    private const double TicksPerSecond = 100, MicrosecondsPerSecond = 1e6, NanosecondsPerSecond = 1e9;

    /// <summary>
    /// Seconds of all processors together, since the machine started, in which one of them had work and the hypervisor ran something else
    /// (<c>steal</c>), in steps of 10 ms; null where the system does not tell.
    /// </summary>
    public static double? Stolen() =>
        // First line: cpu user nice system idle iowait irq softirq steal …
        FirstLine("/proc/stat")?.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, _, _, _, _, _, _, _, var steal, ..]
        && double.TryParse(steal, NumberStyles.None, CultureInfo.InvariantCulture, out double ticks) ? ticks / TicksPerSecond : null;

    /// <summary>Seconds since the machine started in which something that could have run had to wait for a processor; null where the system does not tell.</summary>
    public static double? Waited() =>
        // First line: some avg10=0.00 avg60=0.00 avg300=0.00 total=12345
        FirstLine("/proc/pressure/cpu")?.Split("total=") is [_, var total]
        && double.TryParse(total, NumberStyles.None, CultureInfo.InvariantCulture, out double microseconds) ? microseconds / MicrosecondsPerSecond : null;

    /// <summary>Seconds in which threads of this process could have run and had to wait for a processor, since each began; null where the system does not tell.</summary>
    public static double? WaitedHere()
    {
        try
        {
            // Of each thread: nanoseconds on a processor, nanoseconds of waiting for one, times it was given one.
            return OperatingSystem.IsLinux() && FirstLine("/proc/self/schedstat") is not null
                ? Directory.EnumerateDirectories("/proc/self/task").Sum(static thread =>
                    FirstLine(Path.Combine(thread, "schedstat"))?.Split(' ') is [_, var waited, ..] && double.TryParse(waited, NumberStyles.None, CultureInfo.InvariantCulture, out double nanoseconds) ? nanoseconds / NanosecondsPerSecond : 0)
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>
    /// How often this thread has given its processor away by itself since it began, because it slept, read, or waited for a lock or another
    /// thread; null where the system does not tell. To have it taken away does not count.
    /// </summary>
    public static long? GivenAwayByThisThread()
    {
        const string Name = "voluntary_ctxt_switches:";
        try
        {
            return OperatingSystem.IsLinux() && File.ReadLines("/proc/thread-self/status").FirstOrDefault(static line => line.StartsWith(Name, StringComparison.Ordinal)) is { } line
                && long.TryParse(line.AsSpan(Name.Length), NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture, out long count) ? count : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>First line of a file of the system's accounts; null where there is none.</summary>
    public static string? FirstLine(string path)
    {
        try
        {
            return OperatingSystem.IsLinux() ? File.ReadLines(path).FirstOrDefault() : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
