using System.Diagnostics;
using System.Globalization;
using ModelGate.Policies;

namespace ModelGate.Measuring;

/// <summary>
/// How much others took of this machine since a moment, from Linux's own accounts: time stolen by the hypervisor, and time in which
/// something that could have run had to wait. It explains an inconclusive verdict; it never removes a sample.
/// </summary>
internal sealed record MachineLoad
{
    private const double WorthTelling = 0.05;

    // /proc/stat counts in USER_HZ, which Linux fixes at 100 for its ABI.
    private const double TicksPerSecond = 100, MicrosecondsPerSecond = 1e6;

    private readonly long at = Stopwatch.GetTimestamp();
    private readonly double? stolen;
    private readonly double? waited;

    private MachineLoad() => (stolen, waited) = (Stolen(), Waited());

    /// <summary>The accounts as they stand now.</summary>
    public static MachineLoad Now() => new();

    /// <summary>What disturbed since then, in plain words; null where nothing did or the system does not tell.</summary>
    public string? Since()
    {
        double elapsed = Stopwatch.GetElapsedTime(at).TotalSeconds;
        double steal = (Stolen() - stolen ?? 0) / elapsed / Environment.ProcessorCount, pressure = (Waited() - waited ?? 0) / elapsed;
        return (steal > WorthTelling, pressure > WorthTelling) switch
        {
            (true, _) => $"the hypervisor took {Quantity.Percent(steal, "0")} of this machine's processor time while it was measured",
            (_, true) => $"processes had to wait for a processor during {Quantity.Percent(pressure, "0")} of the time it was measured",
            _ => null,
        };
    }

    // First line: cpu user nice system idle iowait irq softirq steal …
    private static double? Stolen() =>
        FirstLine("/proc/stat")?.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, _, _, _, _, _, _, _, var steal, ..]
        && double.TryParse(steal, NumberStyles.None, CultureInfo.InvariantCulture, out double ticks) ? ticks / TicksPerSecond : null;

    // First line: some avg10=0.00 avg60=0.00 avg300=0.00 total=12345
    private static double? Waited() =>
        FirstLine("/proc/pressure/cpu")?.Split("total=") is [_, var total]
        && double.TryParse(total, NumberStyles.None, CultureInfo.InvariantCulture, out double microseconds) ? microseconds / MicrosecondsPerSecond : null;

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
