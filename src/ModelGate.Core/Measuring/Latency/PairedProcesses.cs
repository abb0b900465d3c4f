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
    private readonly (LatencyRequest Model, LatencyRequest Baseline) each = WorkerInputs.OfEach(request, baseline);

    private IEnumerable<ComparedSeries> Open => series.Where(static one => one.IsOpen);

    /// <summary>Takes pairs until enough is known or time runs out.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled; no process is left behind.</exception>
    public IReadOnlyList<Measurement> ToEnd(CancellationToken cancellation)
    {
        while (Open.Any() && !clock.IsOver)
        {
            clock.Begin();
            bool baselineFirst = coin.Next(2) == 0;
            var first = Run(baselineFirst, cancellation);
            var second = first.Done is null ? first : Run(!baselineFirst, cancellation);
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
                    Add(one, ours.Of(metric, each.Model)!.Value, theirs.Of(metric, each.Baseline)!.Value);
            }

            ComparedSeries.Settle(Open, clock.Taken == 1 ? duration : 0, request.Benchmark.MaxTime, settled);
            progress?.Invoke(new(false, clock.Elapsed, [.. series.Select(static one => one.Compared)]));
        }

        ComparedSeries.End(Open);
        return [.. series.Select(static one => one.Compared)];
    }

    private static void Add(ComparedSeries one, double value, double baseline) => one.Add(Math.Log(value / baseline), value, baseline);

    private Restart Run(bool ofBaseline, CancellationToken cancellation)
    {
        var (model, beside) = ofBaseline ? (each.Baseline, request.Structure) : (each.Model, baseline.Structure);
        var order = WorkerOrders.Of(model, turn.Location) with { Inputs = WorkerInputs.Of(model, beside) };
        var restart = WorkerProcess.Run(host, order, new(clock.Deadline, request.MemoryCap, static (_, _) => null), cancellation);
        if (turn.Note(restart) is { } refused)
            return restart with { Done = null, Failure = refused };
        return ofBaseline && restart.Failure is { } failure ? restart with { Failure = failure with { Reason = "of the baseline, " + failure.Reason } } : restart;
    }
}
