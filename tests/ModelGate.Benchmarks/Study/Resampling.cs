using ModelGate.Gating;
using ModelGate.Measuring;

namespace ModelGate.Benchmarks.Study;

/// <summary>Gates on restarts that are drawn, with replacement, from recorded ones.</summary>
internal static class Resampling
{
    /// <summary>Gates per cell.</summary>
    public const int Gates = 3000;

    private const double Confidence = 0.99;

    /// <summary>How resampled gates ended.</summary>
    /// <param name="Breaches">Share that ended in breach.</param>
    /// <param name="Passes">Share that ended in pass.</param>
    /// <param name="Seconds">Seconds that each gate took, sorted.</param>
    public sealed record Outcome(double Breaches, double Passes, double[] Seconds)
    {
        /// <summary>Share that ended in one of the two.</summary>
        public double Decided => Breaches + Passes;

        /// <summary>Seconds within which a share of the gates was over.</summary>
        public double Within(double share) => Seconds[Math.Min(Seconds.Length - 1, (int)(share * Seconds.Length))];
    }

    /// <summary>Gates on the increase of a pair.</summary>
    /// <param name="lines">Recorded restarts.</param>
    /// <param name="limit">The increase that is allowed.</param>
    public static Outcome Increase(PairLine[] lines, double limit) => Run(lines.Length, line => lines[line].Seconds, taken =>
    {
        var judgement = IncreaseJudgement.Of([.. taken.Select(line => lines[line].LogRatio)], limit, Confidence);
        return (judgement.Verdict, judgement.IsFinal);
    });

    /// <summary>Gates on a percentile of a model alone.</summary>
    /// <param name="lines">Recorded restarts.</param>
    /// <param name="percentile">The percentile.</param>
    /// <param name="limit">The limit, in microseconds.</param>
    public static Outcome Absolute(AloneLine[] lines, Percentile percentile, double limit)
    {
        int needed = percentile.RunsNeeded(Confidence);
        return Run(lines.Length, line => lines[line].Seconds(needed), taken =>
        {
            var sampled = new Measurement.Sampled(percentile.Metric, [.. taken.Select(line => Value(lines[line], percentile))], needed, false);
            var judgement = RestartJudgement.Of(sampled, limit, Confidence);
            return (judgement.Verdict, judgement.IsFinal);
        });
    }

    /// <summary>The recorded value of a percentile.</summary>
    public static double Value(AloneLine line, Percentile percentile) => percentile.Fraction == 0.5 ? line.P50 : line.P95;

    /// <summary>Share of pairs of different restarts that a rule would fire on.</summary>
    public static double Fires(AloneLine[] lines, Func<AloneLine, AloneLine, bool> rule)
    {
        var random = new Random(1);
        return Share(() =>
        {
            int before = random.Next(lines.Length), after = (before + 1 + random.Next(lines.Length - 1)) % lines.Length;
            return rule(lines[before], lines[after]);
        });
    }

    private static Outcome Run(int lines, Func<int, double> seconds, Func<List<int>, (Verdict Verdict, bool IsFinal)> judge)
    {
        var random = new Random(1);
        int breaches = 0, passes = 0;
        double[] took = new double[Gates];
        for (int gate = 0; gate < Gates; gate++)
        {
            List<int> taken = [];
            Verdict verdict;
            bool isFinal;
            do
            {
                taken.Add(random.Next(lines));
                took[gate] += seconds(taken[^1]);
                (verdict, isFinal) = judge(taken);
            }
            while (!isFinal);
            if (verdict == Verdict.Breach)
                breaches++;
            else if (verdict == Verdict.Pass)
                passes++;
        }

        Array.Sort(took);
        return new((double)breaches / Gates, (double)passes / Gates, took);
    }

    private static double Share(Func<bool> trial) => (double)Enumerable.Range(0, Gates).Count(_ => trial()) / Gates;
}
