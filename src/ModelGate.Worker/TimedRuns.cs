using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace ModelGate.Worker;

/// <summary>The runs of one model as two clocks tell them.</summary>
/// <param name="count">How many there will be.</param>
internal sealed class TimedRuns(int count)
{
    private const double NanosecondsPerSecond = 1e9;
    private const int Tries = 100;

    private readonly long[] ticks = new long[count], processor = new long[count];

    /// <summary>How many there are.</summary>
    public int Count => ticks.Length;

    /// <summary>Seconds of each run.</summary>
    public double[] Seconds => [.. ticks.Select(static tick => (double)tick / Stopwatch.Frequency)];

    /// <summary>Seconds of each run for which this thread had a processor; null where the system does not tell.</summary>
    public double[]? ProcessorSeconds()
    {
        if (!ThreadClock.IsThere)
            return null;
        long asking = Asking();
        return [.. processor.Select(nanoseconds => Math.Max(0, nanoseconds - asking) / NanosecondsPerSecond)];
    }

    // To ask the clock takes a good part of a microsecond of every run: as long as between two questions with nothing in between, at the least.
    private static long Asking()
    {
        long least = long.MaxValue;
        for (int i = 0; i < Tries; i++)
        {
            long from = ThreadClock.Nanoseconds();
            least = Math.Min(least, ThreadClock.Nanoseconds() - from);
        }

        return least;
    }

    /// <summary>Times one run.</summary>
    /// <param name="at">Which.</param>
    /// <param name="model">The model.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Time(int at, LoadedModel model)
    {
        long processorFrom = ThreadClock.Nanoseconds(), from = Stopwatch.GetTimestamp();
        model.Run();
        long to = Stopwatch.GetTimestamp();
        (ticks[at], processor[at]) = (to - from, ThreadClock.Nanoseconds() - processorFrom);
    }
}
