namespace ModelGate.Measuring;

/// <summary>What every order to a worker has in common.</summary>
internal static class WorkerOrders
{
    /// <summary>The order to load and feed the model of a request, with nothing to do beyond that.</summary>
    public static WorkerOrder Of(LatencyRequest request, RuntimeLocation location) => new(
        "", request.Model, location.ManagedFolders, location.NativeFolders, request.Benchmark.IntraOpThreads, request.Benchmark.InterOpThreads,
        WorkerInputs.Of(request), request.Seed, TimesRuns: false)
    {
        Dimensions = request.Dimensions,
        Providers = [.. request.Benchmark.Providers.Where(static provider => provider != ExecutionProvider.Cpu).Select(static provider => provider.Name)],
    };
}
