namespace ModelGate.Measuring;

/// <summary>How to start a worker process.</summary>
/// <param name="DotNet">Full path of the <c>dotnet</c> host.</param>
/// <param name="Worker">Full path of the worker's assembly.</param>
public sealed record WorkerHost(string DotNet, string Worker)
{
    /// <summary>
    /// The host that the running process uses: found from the folder of the shared framework (ROOT/shared/Microsoft.NETCore.App/VERSION),
    /// so that neither PATH nor an environment variable decides what runs.
    /// </summary>
    /// <param name="coreLibrary">Path of the core library of the running process.</param>
    /// <returns>Full path of the host; null where the process is not framework-dependent.</returns>
    public static string? DotNetOf(string coreLibrary)
    {
        string? root = Path.GetDirectoryName(Path.GetDirectoryName(Path.GetDirectoryName(Path.GetDirectoryName(coreLibrary))));
        if (root is null)
            return null;
        string host = Path.Combine(root, OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet");
        return File.Exists(host) ? host : null;
    }
}
