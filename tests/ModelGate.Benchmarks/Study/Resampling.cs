using ModelGate.Gating;
using ModelGate.Measuring;
using ModelGate.Policies;

namespace ModelGate.Benchmarks.Study;

/// <summary>Gates on restarts that are drawn, with replacement, from recorded ones; they stop where the product stops.</summary>
internal static class Resampling
{
    /// <summary>Gates per figure.</summary>
    public const int Gates = 10_000;

    // Each with a generator of its own, so that figures do not depend on how many processors make them.
    private const int Parts = 20;

    /// <summary>What a policy that says nothing asks for.</summary>
    public static Benchmark Benchmark { get; } = new();

    /// <summary>Gates on the increase of a pair.</summary>
    /// <param name="lines">Recorded restarts.</param>
    /// <param name="limit">The increase that is allowed, as a share.</param>
    public static GateEnds Increase(PairLine[] lines, double limit)
    {
        double[] seconds = [.. lines.Select(line => line.Seconds)];
        return Run(seconds, new(SequentialTTest.First, SequentialTTest.First, 1), taken =>
        {
            var judgement = IncreaseJudgement.Of([.. taken.Select(line => lines[line].LogRatio)], limit, Benchmark.Confidence);
            return (judgement.Verdict, judgement.NextLook);
        });
    }

    /// <summary>Gates on a percentile of a model alone.</summary>
    /// <param name="lines">Recorded restarts.</param>
    /// <param name="percentile">The percentile.</param>
    /// <param name="limit">The limit, in microseconds.</param>
    public static GateEnds Absolute(AloneLine[] lines, Percentile percentile, double limit)
    {
        int needed = percentile.RunsNeeded(Benchmark.Confidence);
        double[] seconds = [.. lines.Select(line => line.Seconds(needed))], values = [.. lines.Select(line => line.Value(percentile))], shares = [.. lines.Select(line => line.TakenByOthers)];
        return Run(seconds, new(RestartJudgement.ClearRestarts, LookTable.Of(Benchmark.Confidence).First, RestartJudgement.ClearRestarts), taken =>
        {
            var sampled = new Measurement.Sampled(percentile.Metric, [.. taken.Select(line => values[line])], needed, false) { TakenByOthers = [.. taken.Select(line => shares[line])] };
            var judgement = RestartJudgement.Of(sampled, limit, Benchmark.Confidence);
            return (judgement.Verdict, judgement.NextLook);
        });
    }

    /// <summary>Share of pairs of different restarts that a rule would fire on.</summary>
    public static double Fires(AloneLine[] lines, Func<AloneLine, AloneLine, bool> rule)
    {
        var random = new Random(1);
        int fired = 0;
        for (int pair = 0; pair < Gates; pair++)
        {
            int before = random.Next(lines.Length), after = (before + 1 + random.Next(lines.Length - 1)) % lines.Length;
            fired += rule(lines[before], lines[after]) ? 1 : 0;
        }

        return (double)fired / Gates;
    }

    private static GateEnds Run(double[] seconds, Stops stops, Func<List<int>, (Verdict Verdict, int? NextLook)> judge)
    {
        var ends = new GateEnd[Gates];
        Parallel.For(0, Parts, part =>
        {
            var random = new Random(part);
            for (int gate = part; gate < Gates; gate += Parts)
                ends[gate] = One(seconds, stops, judge, random);
        });
        return new(ends);
    }

    // Ends as measuring does: at the verdict, or where another restart like those before would be over max_time.
    private static GateEnd One(double[] seconds, Stops stops, Func<List<int>, (Verdict Verdict, int? NextLook)> judge, Random random)
    {
        List<int> taken = [];
        double took = 0;
        int ask = stops.FirstAsked, most = int.MaxValue;
        while (true)
        {
            taken.Add(random.Next(seconds.Length));
            took += seconds[taken[^1]];
            if (taken.Count == 1 && stops.FirstLook * took > Benchmark.MaxTime)
                most = stops.WithoutLook;
            if (taken.Count == ask)
            {
                var (verdict, next) = judge(taken);
                if (next is null)
                    return new(verdict, took);
                ask = next.Value;
            }

            if (taken.Count >= most || Benchmark.MaxTime - took < took / taken.Count)
                return new(Verdict.Inconclusive, took);
        }
    }

    /// <summary>Where a gate may end.</summary>
    /// <param name="FirstAsked">Restarts after which there may be a verdict for the first time.</param>
    /// <param name="FirstLook">Restarts of the first look.</param>
    /// <param name="WithoutLook">Restarts that are taken where the first look cannot fit into <c>max_time</c>.</param>
    private sealed record Stops(int FirstAsked, int FirstLook, int WithoutLook);
}
