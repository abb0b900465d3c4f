namespace ModelGate.Measuring;

/// <summary>What the runs of one restart say of two models that took turns.</summary>
public static class PairedRuns
{
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

    private static double[] Sorted(IReadOnlyList<double> runs)
    {
        double[] sorted = [.. runs];
        Array.Sort(sorted);
        return sorted;
    }
}
