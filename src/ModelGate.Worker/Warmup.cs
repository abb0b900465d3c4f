using System.Diagnostics;
using ModelGate.Measuring;

namespace ModelGate.Worker;

/// <summary>Runs a model until its time has settled: caches, lazily packed weights, processor frequency.</summary>
internal static class Warmup
{
    private const int LeastRuns = 5, Window = 10;
    private const double LeastSeconds = 0.2, MostSeconds = 2;

    // Mann-Kendall: of the 45 pairs of ten runs, a surplus of 27 rising or falling ones has a chance of 2 % without a trend.
    private const int TrendSurplus = 27;

    /// <summary>At least five runs and 200 ms, and no trend left in the last ten runs; two seconds at most.</summary>
    /// <returns>Seconds of a run: the median of the last ten.</returns>
    public static double Take(Action run)
    {
        List<double> runs = [];
        double spent = 0;
        do
        {
            long from = Stopwatch.GetTimestamp();
            run();
            runs.Add(Stopwatch.GetElapsedTime(from).TotalSeconds);
            spent += runs[^1];
        }
        while (spent < MostSeconds && (runs.Count < LeastRuns || spent < LeastSeconds || runs.Count < Window || HasTrend(runs)));

        return Median.Of(runs.TakeLast(Window));
    }

    private static bool HasTrend(List<double> runs)
    {
        int surplus = 0;
        for (int i = runs.Count - Window; i < runs.Count; i++)
        {
            for (int j = i + 1; j < runs.Count; j++)
                surplus += Math.Sign(runs[j] - runs[i]);
        }

        return Math.Abs(surplus) >= TrendSurplus;
    }
}
