using System.Globalization;
using ModelGate.Gating;

namespace ModelGate.Measuring;

/// <summary>
/// Measures how much more a model takes than another. Latencies: both in one process, taking turns, in one fresh process after another,
/// until enough is known or time runs out. What a process has one value of, such as its start-up: in fresh processes of each, in pairs.
/// Files of equal content are timed like any others.
/// </summary>
public static class ComparisonMeasuring
{
    // Of both models together. Half of what a restart takes of a 20 ms model is its start: with less each would say too little for that, and
    // with more eight of them, which decide most comparisons, would not fit into 20 s on a busy machine.
    private const double TargetSeconds = 0.75;
    private const int MostRuns = 1000;

    /// <summary>Compares a model with its baseline by the metrics of a request. Whatever the models do, this returns.</summary>
    /// <param name="request">The model, and the metrics to compare by: any whose increase may have a budget and that need the model to run.</param>
    /// <param name="baseline">What it is compared with.</param>
    /// <param name="host">How to start a worker.</param>
    /// <param name="settled">Asked of each metric that is not exact after every restart: true where more restarts would change nothing.</param>
    /// <param name="progress">Told after every restart, and while the machine is waited for; null for silence.</param>
    /// <param name="cancellation">Ends it; no process is left behind.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static LatencyResult Measure(
        LatencyRequest request, BaselineModel baseline, WorkerHost host, Func<Measurement.Compared, bool> settled, Action<LatencyProgress>? progress, CancellationToken cancellation)
    {
        using var turn = Turn.Take(request, progress, cancellation);
        if (turn.Failure is { } failure)
            return turn.End(failure, request.Metrics);
        if (baseline.Structure?.ForeignOperator is { } foreign)
            return turn.End(new WorkerFailure(Diagnostics.ModelAsksForCode, $"the operator {foreign} of the baseline needs code that no runtime brings along, and ModelGate loads none for a model."), request.Metrics);
        var (ours, theirs) = WorkerInputs.OfEach(request, baseline);
        foreach (var model in (LatencyRequest[])[ours, theirs])
        {
            if (turn.LookAtPlacement(model, host, cancellation) is { } misplaced)
                return turn.End(misplaced, request.Metrics);
        }

        var exact = ComparedProfiles.Of(request with { Metrics = [.. request.Metrics.Where(static metric => metric.Source == Source.Profile)] }, baseline, host, turn, cancellation);
        turn.WaitForQuiet(progress, cancellation);
        var run = new Run(request, [.. request.Metrics.Where(static metric => Percentile.Of(metric) is not null)], baseline, host, turn, settled, progress);
        IReadOnlyList<Measurement> inTurns = run.ToEnd(cancellation);
        Metric[] others = [.. request.Metrics.Where(static metric => metric.Source == Source.Worker && Percentile.Of(metric) is null)];
        var ofProcesses = new PairedProcesses(request, others, baseline, host, turn, settled, progress, run.Spent).ToEnd(cancellation);
        var measured = exact.Concat(inTurns).Concat(ofProcesses).ToDictionary(static measurement => measurement.Metric);
        var result = turn.End([.. request.Metrics.Select(metric => measured[metric])]);
        return OpenDimensions.Note(request, baseline.Structure) is { } open && !measured.Values.All(static measurement => measurement is Measurement.Failed) ? result with { Notes = [.. result.Notes, open] } : result;
    }

    /// <summary>The restarts of one pair of models, both in one process.</summary>
    private sealed class Run(
        LatencyRequest request, IReadOnlyList<Metric> metrics, BaselineModel baseline, WorkerHost host, Turn turn, Func<Measurement.Compared, bool> settled, Action<LatencyProgress>? progress)
    {
        private readonly RestartClock clock = new(request.Benchmark.MaxTime, spent: 0);
        private readonly Percentile[] percentiles = [.. metrics.Select(metric => Percentile.Of(metric)!)];
        private readonly ComparedSeries[] series = [.. metrics.Select(static metric => new ComparedSeries(metric))];
        private readonly Random coin = new(baseline.Seed);

        private IEnumerable<ComparedSeries> Open => series.Where(one => one.IsOpen);

        private int RunsNeeded => percentiles.Zip(series).Where(static one => one.Second.IsOpen).Max(one => one.First.RunsNeeded(request.Benchmark.Confidence));

        // What a run does elsewhere, on other threads or devices, goes on while others have this thread's processor.
        private bool IsOfOneThread => request.Benchmark is { IntraOpThreads: 1, InterOpThreads: 1 } && request.Benchmark.Providers.All(static provider => provider == ExecutionProvider.Cpu);

        /// <summary>Seconds that it took.</summary>
        public double Spent => clock.Elapsed;

        public IReadOnlyList<Measurement> ToEnd(CancellationToken cancellation)
        {
            while (Open.Any() && !clock.IsOver)
            {
                clock.Begin();
                var restart = WorkerProcess.Run(host, Order(), Bounds(), cancellation);
                if ((turn.Note(restart) ?? Refusal(restart)) is { } failure)
                {
                    if (!clock.IsEndedBy(restart))
                        return [.. metrics.Select(metric => new Measurement.Failed(metric, failure.Kind, failure.Reason))];
                    break;
                }

                Take(restart.Done!, clock.End());
                progress?.Invoke(new(false, clock.Elapsed, [.. series.Select(one => one.Compared)]));
            }

            ComparedSeries.End(Open);
            if (series.Any(static one => one.Compared.OfProcessor))
                turn.Remark("the ratio is of the times for which runs had a processor, without what others took of them");
            return [.. series.Select(one => one.Compared)];
        }

        private void Take(RestartFigures figures, double duration)
        {
            var ofProcessor = IsOfOneThread ? PairedRuns.OfProcessor(figures) : null;
            double[] sorted = [.. figures.Runs.Order()], baselines = [.. figures.BaselineRuns.Order()];
            foreach (var (percentile, one) in percentiles.Zip(series))
            {
                if (one.IsOpen)
                    one.Add(PairedRuns.LogRatio(percentile, figures.Runs, figures.BaselineRuns), percentile.Of(sorted), percentile.Of(baselines), ofProcessor is null ? null : PairedRuns.LogRatio(percentile, ofProcessor.Runs, ofProcessor.BaselineRuns));
            }

            ComparedSeries.Settle(Open, clock.Taken == 1 ? duration : 0, request.Benchmark.MaxTime, settled);
        }

        private WorkerFailure? Refusal(Restart restart) => restart.Declined is not { } pairTime
            ? restart.Failure
            : new(Diagnostics.WorkerTimedOut,
                $"an inference of each model takes {Duration.Text(pairTime)} and {RunsNeeded.ToString(CultureInfo.InvariantCulture)} are needed in each restart, so {SequentialTTest.First.ToString(CultureInfo.InvariantCulture)} restarts need " +
                $"about {Duration.Text(SequentialTTest.First * RunsNeeded * pairTime)}; max_time is {Duration.Text(request.Benchmark.MaxTime)}.");

        private WorkerOrder Order() => WorkerOrders.Of(request, turn.Location) with
        {
            Inputs = WorkerInputs.Of(request, baseline.Structure),
            TimesRuns = true,
            Against = new(baseline.Path, coin.Next(2) == 0),
        };

        private RestartBounds Bounds()
        {
            double deadline = clock.Deadline;
            return new(deadline, request.MemoryCap, (pairTime, spent) =>
            {
                int runs = RunsFor(pairTime, RunsNeeded);
                return clock.Taken > 0 || spent + (runs * pairTime) <= deadline ? runs : null;
            });
        }
    }

    /// <summary>Runs of each model in one restart: an even number, because two of each make a block.</summary>
    internal static int RunsFor(double pairTime, int needed) =>
        (int)Math.Clamp(Math.Ceiling(TargetSeconds / pairTime), needed, Math.Max(needed, MostRuns)) is var runs && runs % 2 == 0 ? runs : runs + 1;
}
