namespace ModelGate.Measuring;

/// <summary>How to start a worker process.</summary>
/// <param name="DotNet">The <c>dotnet</c> host.</param>
/// <param name="Worker">Full path of the worker's assembly.</param>
public sealed record WorkerHost(string DotNet, string Worker)
{
    /// <summary>A worker, started with the host that runs this process, or with the machine's own where this process is compiled to native code.</summary>
    /// <param name="worker">Full path of the worker's assembly.</param>
    public static WorkerHost Of(string worker) => new(DotNetHost.OfThisProcess(), worker);
}
