using System.Diagnostics;
using ModelGate.Policies;

namespace ModelGate.Measuring;

/// <summary>
/// How much others took of this machine since a moment, from Linux's own accounts: time stolen by the hypervisor, and time in which
/// something that could have run had to wait. It explains an inconclusive verdict; it never removes a sample.
/// </summary>
internal sealed record MachineLoad
{
    private const double WorthTelling = 0.05;

    private readonly long at = Stopwatch.GetTimestamp();
    private readonly double? stolen;
    private readonly double? waited;

    private MachineLoad() => (stolen, waited) = (LinuxAccounts.Stolen(), LinuxAccounts.Waited());

    /// <summary>The accounts as they stand now.</summary>
    public static MachineLoad Now() => new();

    /// <summary>What disturbed since then, in plain words; null where nothing did or the system does not tell.</summary>
    public string? Since()
    {
        double elapsed = Stopwatch.GetElapsedTime(at).TotalSeconds;
        double steal = (LinuxAccounts.Stolen() - stolen ?? 0) / elapsed / Environment.ProcessorCount, pressure = (LinuxAccounts.Waited() - waited ?? 0) / elapsed;
        return (steal > WorthTelling, pressure > WorthTelling) switch
        {
            (true, _) => $"the hypervisor took {Quantity.Percent(steal, "0")} of this machine's processor time while it was measured",
            (_, true) => $"processes had to wait for a processor during {Quantity.Percent(pressure, "0")} of the time it was measured",
            _ => null,
        };
    }
}
