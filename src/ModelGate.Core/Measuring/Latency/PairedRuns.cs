namespace ModelGate.Measuring;

/// <summary>What the runs of one restart say of two models that took turns.</summary>
public static class PairedRuns
{
    /// <summary>
    /// The logarithm of how many times longer the model takes than its baseline, by one percentile. For the median: the median over blocks of
    /// A B B A of the mean log-ratio within the block, in which a drift cancels. For others: of the two models' own percentiles.
    /// </summary>
    /// <param name="percentile">The percentile.</param>
    /// <param name="runs">Seconds of each run of the model; two per block.</param>
    /// <param name="baselineRuns">Seconds of the baseline's runs beside them; as many.</param>
    public static double LogRatio(Percentile percentile, IReadOnlyList<double> runs, IReadOnlyList<double> baselineRuns)
    {
        if (percentile.Fraction != 0.5)
            return Math.Log(percentile.Of(Sorted(runs)) / percentile.Of(Sorted(baselineRuns)));

        double[] blocks = new double[runs.Count / 2];
        for (int i = 0; i < blocks.Length; i++)
            blocks[i] = Math.Log(runs[2 * i] * runs[(2 * i) + 1] / (baselineRuns[2 * i] * baselineRuns[(2 * i) + 1])) / 2;
        Array.Sort(blocks);
        return (blocks[(blocks.Length - 1) / 2] + blocks[blocks.Length / 2]) / 2;
    }

    private static double[] Sorted(IReadOnlyList<double> runs)
    {
        double[] sorted = [.. runs];
        Array.Sort(sorted);
        return sorted;
    }
}
