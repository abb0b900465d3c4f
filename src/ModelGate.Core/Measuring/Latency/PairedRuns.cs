namespace ModelGate.Measuring;

/// <summary>What the runs of one restart say of two models that took turns.</summary>
public static class PairedRuns
{
    // A clock that moves in steps tells many runs more time than has passed. The two clocks are not read in the same moment, so a few runs may.
    private const double MostOver = 0.05, Skew = 5e-6, LeastFitting = 0.9;

    // Of the runs of one model: too few to be any of the percentiles.
    private const double MostGivenAway = 0.005;

    /// <summary>
    /// A restart's runs by how long each had a processor, where that is all that a model took: what others take of the machine is then no part
    /// of a comparison. With a hog on every processor, restarts of a 20 ms model against itself spread by 1.0 % so, and by 6.0 % by the time
    /// that passed; on a quiet machine both say much the same.
    /// </summary>
    /// <param name="figures">The restart.</param>
    /// <returns>
    /// The runs; null where the system does not tell, or where the thread gave its processor away by itself: a model that sleeps, reads or
    /// waits for other threads takes more than it has a processor.
    /// </returns>
    internal static PairedTimes? OfProcessor(RestartFigures figures) =>
        figures.ProcessorRuns.Count > 0 && figures.GivenAway <= MostGivenAway * figures.Runs.Count && Fits(figures.ProcessorRuns, figures.Runs) && Fits(figures.ProcessorBaselineRuns, figures.BaselineRuns)
            ? new(AtMost(figures.ProcessorRuns, figures.Runs), AtMost(figures.ProcessorBaselineRuns, figures.BaselineRuns))
            : null;

    /// <summary>
    /// The logarithm of how many times longer the model takes than its baseline, by one percentile. For the median: the median of the
    /// log-ratios of pairs, A B and B A of each block A B B A: a drift, or who runs second, moves one half of them up and the other down.
    /// A run that something else hit spoils its pair, not its block. With a hog on every processor, restarts of a 2 ms model against itself
    /// spread by 0.7 % so; with the mean of each block, by 12 %. For other percentiles: of the two models' own percentiles.
    /// </summary>
    /// <param name="percentile">The percentile.</param>
    /// <param name="runs">Seconds of each run of the model; two per block.</param>
    /// <param name="baselineRuns">Seconds of the baseline's runs beside them; as many.</param>
    public static double LogRatio(Percentile percentile, IReadOnlyList<double> runs, IReadOnlyList<double> baselineRuns)
    {
        if (percentile.Fraction != 0.5)
            return Math.Log(percentile.Of(Sorted(runs)) / percentile.Of(Sorted(baselineRuns)));

        double[] pairs = new double[runs.Count];
        for (int i = 0; i < pairs.Length; i++)
            pairs[i] = Math.Log(runs[i] / baselineRuns[i]);
        return Median.Of(pairs);
    }

    private static bool Fits(IReadOnlyList<double> processor, IReadOnlyList<double> passed) =>
        processor.All(static run => run > 0) && processor.Zip(passed).Count(static run => run.First <= (run.Second * (1 + MostOver)) + Skew) >= LeastFitting * passed.Count;

    private static double[] AtMost(IReadOnlyList<double> processor, IReadOnlyList<double> passed) => [.. processor.Zip(passed, Math.Min)];

    private static double[] Sorted(IReadOnlyList<double> runs)
    {
        double[] sorted = [.. runs];
        Array.Sort(sorted);
        return sorted;
    }
}

/// <summary>The runs of a restart that two models are compared by, in seconds.</summary>
/// <param name="Runs">Of the model; two per block.</param>
/// <param name="BaselineRuns">Of the baseline, beside them.</param>
internal sealed record PairedTimes(IReadOnlyList<double> Runs, IReadOnlyList<double> BaselineRuns);
