using ModelGate.Gating;
using ModelGate.Measuring;
using ModelGate.Policies;

namespace ModelGate.Tests.Measuring.Latency;

/// <summary>The real worker, the one that goes wrong on demand, and the runtime that the repository itself resolves.</summary>
internal static class Workers
{
    private static readonly string Configuration = Path.GetFileName(Path.GetDirectoryName(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar))!);

    public static WorkerHost Real { get; } = Host("src/ModelGate.Worker", "modelgate-worker");

    public static WorkerHost Faulty { get; } = Host("tests/ModelGate.FaultyWorker", "ModelGate.FaultyWorker");

    /// <summary>Found as a user's would be: the worker's project excludes the assets of its reference.</summary>
    public static RuntimeSearch Runtime { get; } = RuntimeOfProject.Read(
        Path.Combine(Repository.Root, "src", "ModelGate.Worker", "obj", "project.assets.json"), "net10.0", "", RuntimeIdentifiers.OfThisProcess);

    public static Metric[] Metrics(params string[] names) => [.. names.Select(name => MetricCatalogue.Find(name)!)];

    public static LatencyRequest Request(string model, Metric[] metrics, double maxTime = 60) => new()
    {
        Model = model,
        Metrics = metrics,
        Runtime = Runtime,
        Benchmark = new Benchmark { MaxTime = maxTime },
        QuietWait = 0,
        LockFile = Path.Combine(Path.GetTempPath(), "modelgate.tests." + Path.GetRandomFileName()),
    };

    /// <summary>Measures as long as it takes to have so many restarts; most of what there is to show, one shows.</summary>
    public static LatencyResult Measure(LatencyRequest request, WorkerHost host, int restarts = 1) =>
        LatencyMeasuring.Measure(request, host, sampled => sampled.Restarts.Count >= restarts, null, CancellationToken.None);

    /// <summary>Measures as long as it takes to judge a limit.</summary>
    public static LatencyResult MeasureAgainst(double limit, LatencyRequest request, WorkerHost host) =>
        LatencyMeasuring.Measure(request, host, sampled => RestartJudgement.Of(sampled, limit, 0.99).IsFinal, null, CancellationToken.None);

    private static WorkerHost Host(string project, string assembly) =>
        WorkerHost.Of(Path.Combine([Repository.Root, .. project.Split('/'), "bin", Configuration, "net10.0", assembly + ".dll"]));
}
