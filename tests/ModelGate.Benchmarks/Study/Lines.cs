using ModelGate.Gating;
using ModelGate.Measuring;

namespace ModelGate.Benchmarks.Study;

/// <summary>A restart of a model alone, as it is recorded. Times are in microseconds.</summary>
/// <param name="P50">Median of the runs.</param>
/// <param name="P95">95th percentile of the runs.</param>
/// <param name="RunTime">A run at the end of the warm-up.</param>
/// <param name="Overhead">All of the restart but its timed runs.</param>
/// <param name="Stolen">What the hypervisor took of all processors together during the timed runs.</param>
/// <param name="Waited">How long threads of the worker waited for a processor during the timed runs.</param>
/// <param name="Timed">The timed runs together.</param>
/// <param name="Runs">The first hundred runs, in order.</param>
internal sealed record AloneLine(double P50, double P95, double RunTime, double Overhead, double Stolen, double Waited, double Timed, double[] Runs)
{
    public static AloneLine Of(double[] fields) => new(fields[0], fields[1], fields[2], fields[3], fields[4], fields[5], fields[6], fields[7..]);

    public double[] Fields => [P50, P95, RunTime, Overhead, Stolen, Waited, Timed, .. Runs];

    /// <summary>Share of the time of the timed runs that others took.</summary>
    public double TakenByOthers => RestartFigures.ShareTaken(Stolen, Waited, Timed);

    /// <summary>Seconds that this restart takes where so many runs are needed.</summary>
    public double Seconds(int needed) => (Overhead + (RunTime * LatencyMeasuring.RunsFor(RunTime / 1e6, needed))) / 1e6;

    /// <summary>A percentile of the runs that a gate on it takes: the median of a slow model rests on fewer of them than were recorded.</summary>
    public double Value(Percentile percentile)
    {
        int runs = LatencyMeasuring.RunsFor(RunTime / 1e6, percentile.RunsNeeded(Resampling.Benchmark.Confidence));
        return runs <= Runs.Length ? percentile.Of([.. Runs[..runs].Order()]) : percentile.Fraction == 0.5 ? P50 : P95;
    }
}

/// <summary>A restart of two models in turns, as it is recorded.</summary>
/// <param name="LogRatio">Of the medians, by the times that the product compares by.</param>
/// <param name="Seconds">The whole restart.</param>
/// <param name="Baseline">Median of the baseline, in microseconds.</param>
/// <param name="PassedLogRatio">Of the medians, by the time that passed.</param>
internal sealed record PairLine(double LogRatio, double Seconds, double Baseline, double PassedLogRatio)
{
    public static PairLine Of(double[] fields) => new(fields[0], fields[1], fields[2], fields[3]);

    public double[] Fields => [LogRatio, Seconds, Baseline, PassedLogRatio];
}

/// <summary>A whole gate, as it is recorded.</summary>
/// <param name="Verdict">Number of the verdict.</param>
/// <param name="Restarts">Restarts it took.</param>
/// <param name="Seconds">Seconds it took, waiting included.</param>
/// <param name="Increase">The increase it found, as a share.</param>
internal sealed record GateLine(Verdict Verdict, int Restarts, double Seconds, double Increase)
{
    public static GateLine Of(double[] fields) => new((Verdict)(int)fields[0], (int)fields[1], fields[2], fields[3]);

    public double[] Fields => [(double)Verdict, Restarts, Seconds, Increase];
}
