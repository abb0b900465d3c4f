namespace ModelGate.Benchmarks.Study;

/// <summary>Rules that latency gates commonly use, each on the runs of one process before and one process after.</summary>
internal static class OtherRules
{
    /// <summary>"The 95th percentile is more than 5 % higher."</summary>
    public static bool P95FivePercentHigher(AloneLine before, AloneLine after) => after.P95 > 1.05 * before.P95;

    /// <summary>Mann and Whitney's test, one-sided at 5 %: the runs after tend to take longer. Normal approximation with mid-ranks; runs that tie are rare.</summary>
    public static bool MannWhitney(double[] before, double[] after)
    {
        const double Normal95 = 1.6449;
        double[] sorted = [.. before.Order()];
        double u = after.Sum(run => (CountBelow(sorted, run) + CountUpTo(sorted, run)) / 2.0);
        double n = before.Length, m = after.Length;
        return (u - (n * m / 2)) / Math.Sqrt(n * m * (n + m + 1) / 12) > Normal95;
    }

    private static int CountBelow(double[] sorted, double value)
    {
        int index = Array.BinarySearch(sorted, value);
        if (index < 0)
            return ~index;
        while (index > 0 && sorted[index - 1] == value)
            index--;
        return index;
    }

    private static int CountUpTo(double[] sorted, double value)
    {
        int index = Array.BinarySearch(sorted, value);
        if (index < 0)
            return ~index;
        while (index < sorted.Length && sorted[index] == value)
            index++;
        return index;
    }
}
