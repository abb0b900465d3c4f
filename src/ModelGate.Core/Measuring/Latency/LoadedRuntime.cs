using ModelGate.Policies;

namespace ModelGate.Measuring;

/// <summary>The runtime of a worker, as reports name it.</summary>
internal static class LoadedRuntime
{
    /// <summary>Puts together where it came from, what it says of itself, and how it was set up.</summary>
    /// <param name="loaded">What the worker said once the native library was loaded.</param>
    /// <param name="location">Where it came from.</param>
    /// <param name="benchmark">How it was set up.</param>
    public static RuntimeInfo Of(WorkerMessage loaded, RuntimeLocation location, Benchmark benchmark) =>
        new(location.Package, loaded.Version ?? "", loaded.Build ?? "", Benchmark.Text(benchmark.Providers), benchmark.IntraOpThreads, benchmark.InterOpThreads, "all");
}
