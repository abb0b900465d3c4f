using System.Diagnostics;
using System.Globalization;

namespace ModelGate.Measuring;

/// <summary>
/// Waits for other programs to leave the processors: a build compiles other projects while models are timed. Bounded, because a machine
/// that is always busy must be measured all the same; then the report says how busy it was.
/// </summary>
public static class Quiet
{
    /// <summary>Share of the processors that others may take without being waited for.</summary>
    private const double Calm = 0.25;

    /// <summary>Waits until it is calm; at once where it is, or where the system does not tell.</summary>
    /// <param name="busy">Takes a moment and gives the share of the processors in use then; null where it is not known.</param>
    /// <param name="most">Seconds to wait at most; 0 not to look at all.</param>
    /// <param name="waiting">Told the seconds waited, after every look.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>What it waited for, in plain words; null where there was nothing to wait for.</returns>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static string? Wait(Func<CancellationToken, double?> busy, double most, Action<double> waiting, CancellationToken cancellation)
    {
        if (most <= 0 || busy(cancellation) is not > Calm)
            return null;
        var clock = Stopwatch.StartNew();
        while (busy(cancellation) is { } share && share > Calm)
        {
            waiting(clock.Elapsed.TotalSeconds);
            if (clock.Elapsed.TotalSeconds >= most)
                return $"other programs took {(share * 100).ToString("0", CultureInfo.InvariantCulture)} % of the processors, even after {Seconds(clock)} s of waiting for them";
        }

        return $"other programs were busy, and were waited for {Seconds(clock)} s";
    }

    private static string Seconds(Stopwatch clock) => clock.Elapsed.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture);
}
