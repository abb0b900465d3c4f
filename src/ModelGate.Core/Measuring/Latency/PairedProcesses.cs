namespace ModelGate.Measuring;

/// <summary>
/// Compares what a process has one value of, such as its start-up and its memory: a fresh process for each model, one right after the
/// other, and a coin for which comes first. Each such pair is a restart of the comparison.
/// </summary>
/// <param name="request">The model and how to feed it.</param>
/// <param name="metrics">What to compare by.</param>
/// <param name="baseline">What it is compared with.</param>
/// <param name="host">How to start a worker.</param>
/// <param name="turn">The turn on this machine.</param>
/// <param name="settled">Asked of each metric after every pair: true where more would change nothing.</param>
/// <param name="progress">Told after every pair; null for silence.</param>
/// <param name="spent">Seconds of <c>max_time</c> that are spent already.</param>
internal sealed class PairedProcesses(
    LatencyRequest request, IReadOnlyList<Metric> metrics, BaselineModel baseline, WorkerHost host, Turn turn,
    Func<Measurement.Compared, bool> settled, Action<LatencyProgress>? progress, double spent)
{
    private readonly RestartClock clock = new(request.Benchmark.MaxTime, spent);
    private readonly ComparedSeries[] series = [.. metrics.Select(static metric => new ComparedSeries(metric))];
    private readonly Random coin = new(baseline.Seed);
    private readonly LatencyRequest other = request with { Model = baseline.Path, Structure = baseline.Structure };

    private IEnumerable<ComparedSeries> Open => series.Where(static one => one.IsOpen);

    /// <summary>Takes pairs until enough is known or time runs out.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled; no process is left behind.</exception>
    public IReadOnlyList<Measurement> ToEnd(CancellationToken cancellation)
    {
        while (Open.Any() && !clock.IsOver)
        {
            clock.Begin();
            bool baselineFirst = coin.Next(2) == 0;
            var first = Run(baselineFirst ? other : request, cancellation);
            var second = first.Done is null ? first : Run(baselineFirst ? request : other, cancellation);
            if (second.Done is null)
            {
                var failure = second.Failure!;
                if (!clock.IsEndedBy(second))
                    return [.. metrics.Select(metric => new Measurement.Failed(metric, failure.Kind, failure.Reason))];
                break;
            }

            double duration = clock.End();
            var (ours, theirs) = baselineFirst ? (second.Done, first.Done!) : (first.Done!, second.Done);
            foreach (var (metric, one) in metrics.Zip(series))
            {
                if (one.IsOpen)
                    Add(one, ours.Of(metric, request)!.Value, theirs.Of(metric, other)!.Value);
            }

            ComparedSeries.Settle(Open, clock.Taken == 1 ? duration : 0, request.Benchmark.MaxTime, settled);
            progress?.Invoke(new(false, clock.Elapsed, [.. series.Select(static one => one.Compared)]));
        }

        ComparedSeries.End(Open);
        return [.. series.Select(static one => one.Compared)];
    }

    private static void Add(ComparedSeries one, double value, double baseline) => one.Add(Math.Log(value / baseline), value, baseline);

    private Restart Run(LatencyRequest model, CancellationToken cancellation)
    {
        var order = WorkerOrders.Of(model, turn.Location) with { Inputs = WorkerInputs.Of(request, baseline.Structure) };
        var restart = WorkerProcess.Run(host, order, new(clock.Deadline, request.MemoryCap, static (_, _) => null), cancellation);
        if (turn.Note(restart) is { } refused)
            return restart with { Done = null, Failure = refused };
        return ReferenceEquals(model, other) && restart.Failure is { } failure ? restart with { Failure = failure with { Reason = "of the baseline, " + failure.Reason } } : restart;
    }
}
