using System.Diagnostics;
using System.Globalization;
using ModelGate.Gating;

namespace ModelGate.Measuring;

/// <summary>Measures a model by running it: one fresh worker process after another, until enough is known or time runs out.</summary>
public static class LatencyMeasuring
{
    private const double TargetSeconds = 0.25;
    private const int MostRuns = 1000;

    /// <summary>Measures the metrics of a request. Whatever a model does, this returns.</summary>
    /// <param name="request">What to measure.</param>
    /// <param name="host">How to start a worker.</param>
    /// <param name="settled">Asked of each metric after every restart: true where more restarts would change nothing.</param>
    /// <param name="progress">Told after every restart, and while the machine is waited for; null for silence.</param>
    /// <param name="cancellation">Ends it; no process is left behind.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static LatencyResult Measure(
        LatencyRequest request, WorkerHost host, Func<Measurement.Sampled, bool> settled, Action<LatencyProgress>? progress, CancellationToken cancellation)
    {
        using var turn = Turn.Take(request, progress, cancellation);
        if (turn.Failure is { } failure)
            return turn.End(failure, request.Metrics);

        var spent = Stopwatch.StartNew();
        if (turn.LookAtPlacement(request, host, cancellation) is { } misplaced)
            return turn.End(misplaced, request.Metrics);
        var profile = ProfileMeasuring.Of(request, host, turn.Location, cancellation);
        if (profile.Loaded is { } loaded)
            turn.Note(loaded);
        var timed = request with { Metrics = [.. request.Metrics.Where(metric => !profile.Measurements.Any(measurement => measurement.Metric == metric) && !MetricCatalogue.IsGrowth(metric))] };
        if (timed.Metrics.Count + request.Sweeps.Count > 0)
        {
            spent.Stop();
            turn.WaitForQuiet(progress, cancellation);
            spent.Start();
        }

        List<SweepOutcome> sweeps = [];
        Sweep[] asked = [.. request.Sweeps.Where(sweep => request.Metrics.Contains(MetricCatalogue.Growth(sweep.Dimension)))];
        // Each has an equal part of what is left, so that none is starved by the one before; what one does not need is the others'.
        int parts = asked.Length + (timed.Metrics.Count > 0 ? 1 : 0);
        foreach (var sweep in asked)
            sweeps.Add(new SweepMeasuring(request, host, turn, settled, progress).Measure(sweep, (request.Benchmark.MaxTime - spent.Elapsed.TotalSeconds) / parts--, cancellation));
        var result = timed.Metrics.Count == 0 ? turn.End([]) : new Run(timed, host, turn, settled, progress, profile.Roofline, spent.Elapsed.TotalSeconds).ToEnd(cancellation);
        return Together(request, profile, sweeps, result);
    }

    private static LatencyResult Together(LatencyRequest request, ProfileMeasuring profile, IReadOnlyList<SweepOutcome> sweeps, LatencyResult timed)
    {
        var measured = profile.Measurements.Select(measurement => InWordsOf(timed.Measurements, measurement)).Concat(sweeps.Select(static sweep => sweep.Measurement)).Concat(timed.Measurements).ToDictionary(static measurement => measurement.Metric);
        string? open = measured.Values.All(static measurement => measurement is Measurement.Failed) ? null : OpenDimensions.Note(OfSweepsAlone(request)); // what does not run says it itself
        return timed with
        {
            Measurements = [.. request.Metrics.Select(metric => measured[metric])],
            Macs = profile.Macs,
            Operators = profile.Operators,
            Sweeps = [.. sweeps.Select(static sweep => sweep.Result).OfType<SweepResult>()],
            Notes = open is null ? [.. timed.Notes, .. profile.Notes] : [.. timed.Notes, .. profile.Notes, open],
        };
    }

    // Where nothing but sweeps is measured, what they vary is 1 nowhere.
    private static LatencyRequest OfSweepsAlone(LatencyRequest request) => !request.Metrics.All(MetricCatalogue.IsGrowth) ? request
        : request with { Dimensions = [.. request.Dimensions, .. request.Sweeps.Select(static sweep => new WorkerDimension(sweep.Dimension, sweep.Sizes[0]))] };

    // What stands in the way of profile and timing alike is told once: the runtime only calls the nodes of the graph it optimized by other names.
    private static Measurement InWordsOf(IReadOnlyList<Measurement> timed, Measurement profiled)
    {
        const string Words = "The runtime said: ";
        return profiled is Measurement.Failed failed && timed.OfType<Measurement.Failed>().FirstOrDefault(other => other.Kind == failed.Kind && Ours(other) == Ours(failed)) is { } same
            ? failed with { Reason = same.Reason }
            : profiled;

        static string Ours(Measurement.Failed failed) => failed.Reason.Split(Words)[0];
    }

    /// <summary>The values of one metric, while it is measured.</summary>
    private sealed class Series(Metric metric, LatencyRequest request, Roofline? roofline)
    {
        private readonly List<double> restarts = [], takenByOthers = [];
        private readonly Percentile? percentile = Percentile.Of(metric);
        private int runs = int.MaxValue;

        public Metric Metric => metric;

        public bool IsOpen { get; set; } = true;

        public bool TimeRanOut { get; set; }

        public double? NeededTime { get; set; }

        // Why there is no value of this metric, though there may be of others.
        public WorkerFailure? Failure { get; set; }

        public int RunsNeeded => percentile?.RunsNeeded(request.Benchmark.Confidence) ?? 0;

        // What is worth taking even where the first look is out of reach; metrics with one value per restart know no clear case.
        public int RestartsOfAClearCase => percentile is null ? 1 : RestartJudgement.ClearRestarts;

        public Measurement.Sampled Sampled => new(metric, [.. restarts], percentile is null ? 1 : runs, TimeRanOut) { NeededTime = NeededTime, TakenByOthers = [.. takenByOthers] };

        public Measurement Measurement => Failure is { } failure ? new Measurement.Failed(metric, failure.Kind, failure.Reason) : Sampled;

        public bool Any => restarts.Count > 0;

        public void Add(RestartFigures figures, ReadOnlySpan<double> sorted)
        {
            takenByOthers.Add(figures.TakenByOthers);
            restarts.Add(figures.Of(metric, request) ?? percentile?.Of(sorted) ?? roofline!.Seconds(figures.Peak, figures.Bandwidth));
            runs = Math.Min(runs, sorted.Length);
        }
    }

    /// <summary>The restarts of one model.</summary>
    private sealed class Run(
        LatencyRequest request, WorkerHost host, Turn turn, Func<Measurement.Sampled, bool> settled, Action<LatencyProgress>? progress, Roofline? roofline, double spent)
    {
        // Profiles were taken on the same account.
        private readonly RestartClock clock = new(request.Benchmark.MaxTime, spent);
        private readonly Series[] series = [.. request.Metrics.Select(metric => new Series(metric, request, roofline))];
        private readonly List<(Reach Probed, Reach Reached)> reaches = [];

        private IEnumerable<Series> Open => series.Where(one => one.IsOpen);

        public LatencyResult ToEnd(CancellationToken cancellation)
        {
            while (Open.Any() && !clock.IsOver)
            {
                clock.Begin();
                var restart = WorkerProcess.Run(host, Order(), Bounds(), cancellation);
                if ((turn.Note(restart) ?? Refusal(restart)) is { } failure)
                {
                    if (restart.Declined is { } runTime && GiveUp(runTime, failure))
                        continue;
                    if (!clock.IsEndedBy(restart))
                        return turn.End(failure, request.Metrics);
                    break;
                }

                Take(restart.Done!, clock.End());
                progress?.Invoke(new(false, clock.Elapsed, [.. series.Where(one => one.Any).Select(one => one.Sampled)]));
            }

            EndOpen();
            return turn.End([.. series.Select(one => one.Measurement)]) with { Bound = Bound() };
        }

        private void Take(RestartFigures figures, double duration)
        {
            if (figures.Peak > 0)
            {
                var probed = new Reach(figures.Peak, figures.Bandwidth);
                var reached = roofline!.Reached(probed, figures.Runs.DefaultIfEmpty(0).Min());
                reaches.Add((probed, reached));
                figures = figures with { Peak = reached.Peak, Bandwidth = reached.Bandwidth };
            }

            double[] sorted = [.. figures.Runs];
            Array.Sort(sorted);
            double overhead = Math.Max(0, duration - figures.Runs.Sum());
            foreach (var one in Open)
            {
                one.Add(figures, sorted);
                double needed = LookTable.Of(request.Benchmark.Confidence).First * (overhead + Math.Max(one.RunsNeeded * figures.RunTime, one.RunsNeeded > 0 ? TargetSeconds : 0));
                if (clock.Taken == 1 && needed > request.Benchmark.MaxTime)
                    one.NeededTime = needed;
                if (settled(one.Sampled))
                    one.IsOpen = false;
                else if (one.NeededTime is not null && clock.Taken >= one.RestartsOfAClearCase)
                    (one.IsOpen, one.TimeRanOut) = (false, true);
            }
        }

        private BoundHere? Bound()
        {
            if (roofline is null || reaches.Count == 0)
                return null;
            var (probed, reached) = (Reach.Best(reaches.Select(static one => one.Probed)), Reach.Best(reaches.Select(static one => one.Reached)));
            return new(roofline, reached.Peak, reached.Bandwidth) { OfProbe = roofline.Seconds(probed.Peak, probed.Bandwidth) };
        }

        private void EndOpen()
        {
            foreach (var one in Open)
                (one.IsOpen, one.TimeRanOut) = (false, true);
        }

        // A percentile that needs more runs than there is time for is given up alone, where others need fewer.
        private bool GiveUp(double runTime, WorkerFailure failure)
        {
            int most = Open.Max(one => one.RunsNeeded);
            foreach (var one in Open.Where(one => one.RunsNeeded == most || one.RunsNeeded * runTime > clock.Remaining))
                (one.IsOpen, one.Failure) = (false, failure);
            return Open.Any();
        }

        private WorkerFailure? Refusal(Restart restart)
        {
            if (restart.Declined is not { } runTime)
                return restart.Failure;
            int runs = Open.Max(one => one.RunsNeeded);
            return new(Diagnostics.WorkerTimedOut,
                $"an inference takes {Duration.Text(runTime)} and {runs.ToString(CultureInfo.InvariantCulture)} are needed in each restart, so {LookTable.Of(request.Benchmark.Confidence).First.ToString(CultureInfo.InvariantCulture)} restarts need " +
                $"about {Duration.Text(LookTable.Of(request.Benchmark.Confidence).First * runs * runTime)}; max_time is {Duration.Text(request.Benchmark.MaxTime)}.");
        }

        private WorkerOrder Order() => WorkerOrders.Of(request, turn.Location) with
        {
            TimesRuns = Open.Any(one => one.RunsNeeded > 0),
            Sessions = IsOpen("throughput") ? request.Sessions : 0,
            WorkingSet = IsOpen("latency.bound") ? Math.Max(1, roofline!.Bytes) : 0,
        };

        private bool IsOpen(string metric) => Open.Any(one => one.Metric.Name == metric);

        private RestartBounds Bounds()
        {
            double deadline = clock.Deadline;
            return new(deadline, request.MemoryCap, (runTime, spent) =>
            {
                int runs = RunsFor(runTime, Open.Max(one => one.RunsNeeded));
                return spent + (runs * runTime) <= deadline ? runs : clock.Taken == 0 ? null : runs;
            });
        }
    }

    /// <summary>Runs to time in one restart: a quarter of a second's worth, but no fewer than the percentiles need and no more than 1000.</summary>
    internal static int RunsFor(double runTime, int needed) =>
        (int)Math.Clamp(Math.Ceiling(TargetSeconds / runTime), needed, Math.Max(needed, MostRuns));
}
