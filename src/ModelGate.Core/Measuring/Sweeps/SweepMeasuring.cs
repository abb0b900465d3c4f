using System.Diagnostics;

namespace ModelGate.Measuring;

/// <summary>What a sweep led to.</summary>
/// <param name="Measurement">The growth of the latency: one exponent per restart, or why there is none.</param>
/// <param name="Result">The costs at each size; null where none was measured.</param>
internal sealed record SweepOutcome(Measurement Measurement, SweepResult? Result);

/// <summary>
/// Measures how a model's latency grows over a dimension. Each restart of the worker runs the model at every size in one session, in an
/// order of its own, and gives one fitted exponent: so the exponent is judged by the same looks as any other metric with one value per restart.
/// </summary>
/// <param name="request">What to measure, and how.</param>
/// <param name="host">How to start a worker.</param>
/// <param name="turn">The turn on this machine.</param>
/// <param name="settled">Asked after every restart: true where more would change nothing.</param>
/// <param name="progress">Told after every restart; null for silence.</param>
internal sealed class SweepMeasuring(LatencyRequest request, WorkerHost host, Turn turn, Func<Measurement.Sampled, bool> settled, Action<LatencyProgress>? progress)
{
    /// <summary>Measures one sweep.</summary>
    /// <param name="sweep">The dimension and its sizes.</param>
    /// <param name="maxTime">Seconds it may take.</param>
    /// <param name="cancellation">Ends it; no process is left behind.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public SweepOutcome Measure(Sweep sweep, double maxTime, CancellationToken cancellation)
    {
        var spent = Stopwatch.StartNew();
        var metric = MetricCatalogue.Growth(sweep.Dimension);
        var macs = Profile(sweep, optimized: false, maxTime - spent.Elapsed.TotalSeconds, run => MacCount.Of(run, graph: ProfileMeasuring.GraphOf(request.Model)) is { WithoutFormula.Count: 0 } count ? count.Total : null, cancellation);
        var activations = Profile(sweep, optimized: true, maxTime - spent.Elapsed.TotalSeconds, ActivationMemory.Of, cancellation);

        var clock = new RestartClock(maxTime, spent.Elapsed.TotalSeconds);
        List<double> exponents = [];
        List<IReadOnlyList<double>> latencies = [];
        while (!clock.IsOver)
        {
            clock.Begin();
            var restart = WorkerProcess.Run(host, Order(sweep, clock.Taken), new(clock.Deadline, request.MemoryCap, static (_, _) => null), cancellation);
            if ((turn.Note(restart) ?? restart.Failure) is { } failure)
            {
                if (!clock.IsEndedBy(restart))
                    return new(new Measurement.Failed(metric, failure.Kind, failure.Reason), null);
                break;
            }

            clock.End();
            latencies.Add(restart.Swept!);
            exponents.Add(Growth.Exponent(sweep.Sizes, restart.Swept!));
            var sampled = Sampled(timeRanOut: false);
            progress?.Invoke(new(false, spent.Elapsed.TotalSeconds, [sampled]));
            if (settled(sampled))
                return new(sampled, Result());
        }

        return new(Sampled(timeRanOut: true), Result());

        Measurement.Sampled Sampled(bool timeRanOut) => new(metric, [.. exponents], RunsPerRestart: 1, timeRanOut);

        SweepResult Result() => new(sweep.Dimension,
            [.. sweep.Sizes.Select((size, i) => new SweepPoint(size, Median.Of(latencies.Select(one => one[i])), activations?[i], macs?[i]))]);
    }

    // One value per size; null where there is no profile to read them from, or no time left for it, which the latency will tell the reason of.
    private List<double?>? Profile(Sweep sweep, bool optimized, double remaining, Func<IEnumerable<(int Run, ProfiledNode Node)>, double?> read, CancellationToken cancellation) =>
        remaining > 0 && WorkerProfiling.Take(request, host, turn.Location, new("", optimized, Seconds: 0) { Sweep = new(sweep.Dimension, sweep.Sizes) }, remaining, profile => RunByRun(profile, read), cancellation).Value
            is { } values && values.Count == sweep.Sizes.Count ? values : null;

    private static List<double?> RunByRun(IEnumerable<(int Run, ProfiledNode Node)> profile, Func<IEnumerable<(int Run, ProfiledNode Node)>, double?> read) =>
        [.. profile.GroupBy(static one => one.Run).OrderBy(static run => run.Key).Select(run => read(run.Select(static one => (0, one.Node))))];

    private WorkerOrder Order(Sweep sweep, int restart) => WorkerOrders.Of(request, turn.Location) with { Sweep = new(sweep.Dimension, sweep.Sizes), Seed = request.Seed + restart };
}
