using System.Diagnostics;
using ModelGate.Measuring;

namespace ModelGate.Worker;

/// <summary>Runs a model until its time has settled: caches, lazily packed weights, processor frequency.</summary>
internal static class Warmup
{
    private const int Window = 10;
    private const double LeastSeconds = 0.2, MostSeconds = 2;

    // Mann-Kendall, a chance of 2 % without a trend: a surplus of 27 rising or falling ones of the 45 pairs of ten runs, or, of two models
    // that take turns, of 14 of the 20 pairs of five runs of each.
    private const int TrendSurplus = 27, TrendSurplusOfTwo = 14;

    /// <summary>At least ten runs and 200 ms, and no trend left in the last ten runs; two seconds at most.</summary>
    /// <param name="turns">The model; or two that take turns, both in every round.</param>
    /// <returns>Seconds of a round: of each turn the median of its share of the last ten runs.</returns>
    public static double Take(params ReadOnlySpan<Action> turns)
    {
        List<double> runs = [];
        double spent = 0;
        do
        {
            foreach (var run in turns)
            {
                long from = Stopwatch.GetTimestamp();
                run();
                runs.Add(Stopwatch.GetElapsedTime(from).TotalSeconds);
                spent += runs[^1];
            }
        }
        while (spent < MostSeconds && (spent < LeastSeconds || runs.Count < Window || HasTrend(runs, turns.Length)));

        return Round(runs, turns.Length);
    }

    /// <summary>Whether the last ten runs still rise or fall, each turn held against itself.</summary>
    internal static bool HasTrend(IReadOnlyList<double> runs, int turns)
    {
        int surplus = 0;
        for (int i = runs.Count - Window; i < runs.Count; i++)
        {
            for (int j = i + turns; j < runs.Count; j += turns)
                surplus += Math.Sign(runs[j] - runs[i]);
        }

        return Math.Abs(surplus) >= (turns == 1 ? TrendSurplus : TrendSurplusOfTwo);
    }

    /// <summary>Seconds of a round, by the last ten runs or as many as there are.</summary>
    internal static double Round(IReadOnlyList<double> runs, int turns) =>
        Enumerable.Range(0, turns).Sum(turn => Median.Of(runs.TakeLast(Window).Where((_, at) => at % turns == turn)));
}
