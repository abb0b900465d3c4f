using System.Globalization;

namespace ModelGate.Measuring;

/// <summary>How busy the processors of this machine are, from Linux's own accounts.</summary>
internal static class Processors
{
    private static readonly TimeSpan Window = TimeSpan.FromMilliseconds(200);

    /// <summary>Share of all processor time, between 0 and 1, that anything took over the next fifth of a second; null where the system does not tell.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static double? Busy(CancellationToken cancellation)
    {
        if (Accounts() is not { } before)
            return null;
        cancellation.WaitHandle.WaitOne(Window);
        cancellation.ThrowIfCancellationRequested();
        return Accounts() is { } after && after.All > before.All ? 1 - ((double)(after.Idle - before.Idle) / (after.All - before.All)) : null;
    }

    // First line: cpu user nice system idle iowait irq softirq steal guest …, of which guest is counted in user already.
    private static (long Idle, long All)? Accounts()
    {
        const int Idle = 3, WaitingForDisk = 4, Counted = 8;
        if (LinuxAccounts.FirstLine("/proc/stat")?.Split(' ', StringSplitOptions.RemoveEmptyEntries) is not ["cpu", .. var fields] || fields.Length < Counted)
            return null;
        long[] ticks = new long[Counted];
        for (int i = 0; i < Counted; i++)
        {
            if (!long.TryParse(fields[i], NumberStyles.None, CultureInfo.InvariantCulture, out ticks[i]))
                return null;
        }

        return (ticks[Idle] + ticks[WaitingForDisk], ticks.Sum());
    }
}
