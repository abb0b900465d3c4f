using System.Diagnostics;
using ModelGate.Gating;
using ModelGate.Measuring;
using ModelGate.PackageTests.Setup;
using ModelGate.Policies;
using ModelGate.Tests;

namespace ModelGate.Benchmarks.Study;

/// <summary>Runs restarts and gates through the real worker and the real runtime, and records each as soon as it is there.</summary>
internal sealed class Recorder : IDisposable
{
    private const int RunsKept = 100;

    // Of each slice, as long as both kinds are missing.
    private const double ShareOfQuiet = 2.0 / 3;

    // Seconds, as a gate waits before its first restart.
    private const double MostWait = 10;

    private static readonly Percentile P50 = Percentile.Of(MetricCatalogue.Find("latency.p50")!)!, P95 = Percentile.Of(MetricCatalogue.Find("latency.p95")!)!;
    private static readonly Benchmark Benchmark = new();

    private readonly DirectoryInfo models = Directory.CreateTempSubdirectory("modelgate-study-");
    private readonly Random coin = new();

    /// <summary>The worker of this repository.</summary>
    public static WorkerHost Host { get; } = WorkerHost.Of(
        Path.Combine(Repository.Root, "src", "ModelGate.Worker", "bin", Feed.Configuration, "net10.0", "modelgate-worker.dll"));

    /// <summary>The runtime that the repository itself resolves.</summary>
    public static RuntimeSearch Runtime { get; } = RuntimeOfProject.Read(
        Path.Combine(Repository.Root, "src", "ModelGate.Worker", "obj", "project.assets.json"), "net10.0", "", RuntimeIdentifiers.OfThisProcess);

    /// <summary>The runtime as it describes itself once it is loaded.</summary>
    public RuntimeInfo LoadedRuntime()
    {
        var restart = WorkerProcess.Run(Host, Order(StudyModel.All[0].Save(models.FullName, 0)), new(Deadline: 60, long.MaxValue, (_, _) => P50.RunsNeeded(Benchmark.Confidence)), CancellationToken.None);
        return Measuring.LoadedRuntime.Of(restart.Runtime ?? throw new InvalidOperationException(restart.Failure?.Reason), Runtime.Location!, Benchmark);
    }

    /// <summary>Records what is missing, always the cell that is furthest behind, until all is there or the time is over.</summary>
    /// <param name="recordings">The cells.</param>
    /// <param name="minutes">How long it may take.</param>
    /// <param name="log">Told what is recorded.</param>
    public void Record(IReadOnlyList<Recording> recordings, double minutes, TextWriter log)
    {
        var clock = Stopwatch.StartNew();
        // Quiet and busy apart: what the one leaves running must not touch the other.
        foreach (bool busy in (bool[])[false, true])
        {
            if (recordings.All(one => one.Cell.Busy != busy || one.Done >= 1))
                continue;
            using var hogs = busy ? new Hogs(Environment.ProcessorCount) : null;
            double until = busy || recordings.All(one => !one.Cell.Busy || one.Done >= 1) ? minutes : minutes * ShareOfQuiet;
            while (clock.Elapsed.TotalMinutes < until && recordings.Where(one => one.Cell.Busy == busy && one.Done < 1).MinBy(one => one.Done) is { } next)
            {
                RecordOne(next);
                log.WriteLine($"{clock.Elapsed:hh\\:mm\\:ss} {next.Cell.FileName} {next.Lines.Count} of {next.Cell.Target}");
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => models.Delete(recursive: true);

    private void RecordOne(Recording recording)
    {
        var cell = recording.Cell;
        // What other programs do once the restart runs stays in the record: nothing is ever taken out of it.
        if (!cell.Busy && cell.Kind != Kind.Gate)
            Quiet.Wait(Processors.Busy, MostWait, static _ => { }, CancellationToken.None);
        string model = cell.Model.Save(models.FullName, cell.Extra), baseline = cell.Model.Save(models.FullName, 0);
        recording.Add(cell.Kind switch
        {
            Kind.Alone => Alone(model).Fields,
            Kind.Pair => Pair(model, baseline).Fields,
            _ => Gate(model, baseline).Fields,
        });
    }

    private AloneLine Alone(string model)
    {
        var (figures, seconds) = Restart(Order(model), (runTime, _) => LatencyMeasuring.RunsFor(runTime, P95.RunsNeeded(Benchmark.Confidence)));
        double[] sorted = [.. figures.Runs.Order()];
        return new(Micro(P50.Of(sorted)), Micro(P95.Of(sorted)), Micro(figures.RunTime), Micro(seconds - figures.Runs.Sum()), Micro(figures.Stolen), Micro(figures.Waited), Micro(figures.Runs.Sum()), [.. figures.Runs.Take(RunsKept).Select(Micro)]);
    }

    private PairLine Pair(string model, string baseline)
    {
        var order = Order(model) with { Against = new(baseline, coin.Next(2) == 0) };
        var (figures, seconds) = Restart(order, (pairTime, _) => ComparisonMeasuring.RunsFor(pairTime, P50.RunsNeeded(Benchmark.Confidence)));
        double passed = PairedRuns.LogRatio(P50, figures.Runs, figures.BaselineRuns);
        return new(PairedRuns.OfProcessor(figures) is { } times ? PairedRuns.LogRatio(P50, times.Runs, times.BaselineRuns) : passed, seconds, Micro(P50.Of([.. figures.BaselineRuns.Order()])), passed);
    }

    private GateLine Gate(string model, string baseline)
    {
        const double allowed = 0.05;
        var clock = Stopwatch.StartNew();
        var request = new LatencyRequest { Model = model, Metrics = [P50.Metric], Runtime = Runtime, Benchmark = Benchmark };
        var result = ComparisonMeasuring.Measure(
            request, new(baseline, null, coin.Next()), Host, compared => IncreaseJudgement.Of(compared.LogRatios, allowed, Benchmark.Confidence).IsFinal, null, CancellationToken.None);
        var at = new SourceLocation("study");
        var budget = new Budget(P50.Metric, new(allowed, "5%", at), null, null, false, at) { OnIncrease = true };
        var judged = Gating.Gate.Judge(new("study", null, [budget], []) { Increases = result.Measurements }, Benchmark).Single();
        return new(judged.Verdict, judged.Restarts.Count, clock.Elapsed.TotalSeconds, judged.Measured ?? double.NaN);
    }

    private (RestartFigures Figures, double Seconds) Restart(WorkerOrder order, Func<double, double, int?> runs)
    {
        var clock = Stopwatch.StartNew();
        var restart = WorkerProcess.Run(Host, order, new(Deadline: 60, long.MaxValue, runs), CancellationToken.None);
        return (restart.Done ?? throw new InvalidOperationException(restart.Failure?.Reason), clock.Elapsed.TotalSeconds);
    }

    private WorkerOrder Order(string model)
    {
        var location = Runtime.Location ?? throw new InvalidOperationException(Runtime.Failure!.Reason);
        return new("", model, location.ManagedFolders, location.NativeFolders, Benchmark.IntraOpThreads, Benchmark.InterOpThreads, [], Seed: 1, TimesRuns: true);
    }

    private static double Micro(double seconds) => seconds * 1e6;
}
