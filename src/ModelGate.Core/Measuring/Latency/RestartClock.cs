using System.Diagnostics;

namespace ModelGate.Measuring;

/// <summary>The time that the restarts of one measuring may take, and have taken.</summary>
/// <param name="maxTime">Seconds they may take.</param>
/// <param name="spent">Seconds of that which are spent already.</param>
internal sealed class RestartClock(double maxTime, double spent)
{
    // A restart of a model that has run before: past this it hangs, and that is not a matter of too little time.
    private const double HangFactor = 10, ShortestHang = 10, ShortestTry = 1;

    private readonly Stopwatch clock = Stopwatch.StartNew();
    private double began, longest;

    /// <summary>Restarts that have ended.</summary>
    public int Taken { get; private set; }

    /// <summary>Seconds since the first began.</summary>
    public double Elapsed => clock.Elapsed.TotalSeconds;

    /// <summary>Seconds left.</summary>
    public double Remaining => maxTime - spent - Elapsed;

    /// <summary>True where another restart like those before would not fit.</summary>
    public bool IsOver => Taken > 0 && Remaining < Elapsed / Taken;

    /// <summary>Seconds after which the next restart is ended; the first is tried even where profiles took all the time there was.</summary>
    public double Deadline => Taken == 0 ? Math.Max(Remaining, ShortestTry) : Math.Min(Remaining, Math.Max(ShortestHang, HangFactor * longest));

    /// <summary>True where a restart that failed says only that time is over, and what the others told stands.</summary>
    public bool IsEndedBy(Restart restart) => Taken > 0 && restart.TimedOut && Remaining <= 0;

    /// <summary>A restart begins.</summary>
    public void Begin() => began = Elapsed;

    /// <summary>It has ended.</summary>
    /// <returns>Seconds it took.</returns>
    public double End()
    {
        Taken++;
        double duration = Elapsed - began;
        longest = Math.Max(longest, duration);
        return duration;
    }
}
