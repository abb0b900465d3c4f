using System.Globalization;

namespace ModelGate.Measuring;

/// <summary>What a profile led to.</summary>
/// <typeparam name="T">What was made of it.</typeparam>
/// <param name="Value">What was made of it; set where <paramref name="Failure"/> is null.</param>
/// <param name="Failure">Why there is none.</param>
/// <param name="Runtime">What the worker said of the runtime it loaded; null where it came to none.</param>
internal sealed record Profiled<T>(T? Value, WorkerFailure? Failure, WorkerMessage? Runtime) where T : class;

/// <summary>Has a worker run a model under the runtime's profiler, apart from any timed run, and reads what it wrote.</summary>
internal static class WorkerProfiling
{
    /// <summary>Profiles a model in a process of its own.</summary>
    /// <param name="request">The model and how to feed it.</param>
    /// <param name="host">How to start a worker.</param>
    /// <param name="location">The runtime.</param>
    /// <param name="kind">Which session to profile and for how long; the prefix is set here.</param>
    /// <param name="deadline">Seconds after which the worker is ended.</param>
    /// <param name="read">Makes something of the executions of nodes, in the order they ended.</param>
    /// <param name="cancellation">Ends it; no process and no file is left behind.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static Profiled<T> Take<T>(
        LatencyRequest request, WorkerHost host, RuntimeLocation location, WorkerProfile kind, double deadline,
        Func<IEnumerable<(int Run, ProfiledNode Node)>, T> read, CancellationToken cancellation) where T : class
    {
        DirectoryInfo? folder = null;
        try
        {
            folder = Directory.CreateTempSubdirectory("modelgate-profile-");
            var order = WorkerOrders.Of(request, location) with { Profile = kind with { Prefix = Path.Combine(folder.FullName, "profile") } };
            // The graph as the file has it is looked at on the CPU: other providers take many of its nodes as one.
            order = kind.Optimized ? order : order with { Providers = [] };
            var restart = WorkerProcess.Run(host, order, new(deadline, request.MemoryCap, static (_, _) => null), cancellation);
            if (restart.Failure is { } failure)
                return new(null, failure, restart.Runtime);
            if (folder.GetFiles("profile*.json") is not [var file])
                return new(null, new(Diagnostics.ProfileUnusable, "the runtime wrote no profile."), restart.Runtime);
            using var text = file.OpenText();
            return new(read(ProfileReader.Read(text)), null, restart.Runtime);
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            return new(null, new(Diagnostics.ProfileUnusable, string.Create(CultureInfo.InvariantCulture, $"the profile cannot be read: {(e is InvalidDataException ? e.Message : FileErrors.Reason(e))}.")), null);
        }
        finally
        {
            if (folder is not null)
                Remove(folder);
        }
    }

    private static void Remove(DirectoryInfo folder)
    {
        try
        {
            folder.Delete(recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It lies in the system's temporary folder, which clears itself.
        }
    }
}
