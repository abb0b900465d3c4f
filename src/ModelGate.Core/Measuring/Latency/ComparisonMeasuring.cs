using System.Globalization;
using ModelGate.Gating;

namespace ModelGate.Measuring;

/// <summary>
/// Measures how much longer a model takes than another: both in one process, taking turns, in one fresh process after another, until
/// enough is known or time runs out. Files of equal content are timed like any others.
/// </summary>
public static class ComparisonMeasuring
{
    // Of both models together. On a quiet machine sessions differ more than runs within one, and less would do; on a busy one it is the runs.
    private const double TargetSeconds = 1;
    private const int MostRuns = 1000;

    /// <summary>Compares a model with its baseline by the latency metrics of a request. Whatever the models do, this returns.</summary>
    /// <param name="request">The model, and the percentiles to compare by.</param>
    /// <param name="baseline">What it is compared with.</param>
    /// <param name="host">How to start a worker.</param>
    /// <param name="settled">Asked of each metric after every restart: true where more restarts would change nothing.</param>
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
        foreach (var model in (LatencyRequest[])[request, request with { Model = baseline.Path, Structure = baseline.Structure }])
        {
            if (turn.LookAtPlacement(model, host, cancellation) is { } misplaced)
                return turn.End(misplaced, request.Metrics);
        }

        turn.WaitForQuiet(progress, cancellation);
        return new Run(request, baseline, host, turn, settled, progress).ToEnd(cancellation);
    }

    /// <summary>The log-ratios of one percentile, while it is measured.</summary>
    private sealed class Series(Percentile percentile)
    {
        private readonly List<double> logRatios = [], values = [], baselines = [];

        public Percentile Percentile => percentile;

        public bool IsOpen { get; set; } = true;

        public bool TimeRanOut { get; set; }

        public double? NeededTime { get; set; }

        public Measurement.Compared Compared => new(percentile.Metric, [.. logRatios], TimeRanOut)
        {
            Value = Median(values),
            Baseline = Median(baselines),
            NeededTime = NeededTime,
        };

        public void Add(RestartFigures figures)
        {
            logRatios.Add(PairedRuns.LogRatio(percentile, figures.Runs, figures.BaselineRuns));
            values.Add(percentile.Of([.. figures.Runs.Order()]));
            baselines.Add(percentile.Of([.. figures.BaselineRuns.Order()]));
        }

        private static double Median(List<double> values)
        {
            double[] sorted = [.. values.Order()];
            return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
        }
    }

    /// <summary>The restarts of one pair of models.</summary>
    private sealed class Run(
        LatencyRequest request, BaselineModel baseline, WorkerHost host, Turn turn, Func<Measurement.Compared, bool> settled, Action<LatencyProgress>? progress)
    {
        private readonly RestartClock clock = new(request.Benchmark.MaxTime, spent: 0);
        private readonly Series[] series = [.. request.Metrics.Select(metric => new Series(Percentile.Of(metric) ?? throw new ArgumentException($"{metric} is not compared within a process.")))];
        private readonly Random coin = new(baseline.Seed);

        private IEnumerable<Series> Open => series.Where(one => one.IsOpen);

        private int RunsNeeded => Open.Max(one => one.Percentile.RunsNeeded(request.Benchmark.Confidence));

        public LatencyResult ToEnd(CancellationToken cancellation)
        {
            while (Open.Any() && !clock.IsOver)
            {
                clock.Begin();
                var restart = WorkerProcess.Run(host, Order(), Bounds(), cancellation);
                if ((turn.Note(restart) ?? Refusal(restart)) is { } failure)
                {
                    if (!clock.IsEndedBy(restart))
                        return turn.End(failure, request.Metrics);
                    break;
                }

                Take(restart.Done!, clock.End());
                progress?.Invoke(new(false, clock.Elapsed, [.. series.Select(one => one.Compared)]));
            }

            EndOpen();
            return turn.End([.. series.Select(one => one.Compared)]);
        }

        private void Take(RestartFigures figures, double duration)
        {
            double needed = ComparisonTable.First * duration;
            foreach (var one in Open)
            {
                one.Add(figures);
                if (clock.Taken == 1 && needed > request.Benchmark.MaxTime)
                    one.NeededTime = needed;
                if (settled(one.Compared))
                    one.IsOpen = false;
                else if (one.NeededTime is not null)
                    (one.IsOpen, one.TimeRanOut) = (false, true);
            }
        }

        private void EndOpen()
        {
            foreach (var one in Open)
                (one.IsOpen, one.TimeRanOut) = (false, true);
        }

        private WorkerFailure? Refusal(Restart restart) => restart.Declined is not { } pairTime
            ? restart.Failure
            : new(Diagnostics.WorkerTimedOut,
                $"an inference of each model takes {Duration.Text(pairTime)} and {RunsNeeded.ToString(CultureInfo.InvariantCulture)} are needed in each restart, so {ComparisonTable.First.ToString(CultureInfo.InvariantCulture)} restarts need " +
                $"about {Duration.Text(ComparisonTable.First * RunsNeeded * pairTime)}; max_time is {Duration.Text(request.Benchmark.MaxTime)}.");

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
