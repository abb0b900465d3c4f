using System.Diagnostics;

namespace ModelGate.Measuring;

/// <summary>
/// One benchmark at a time on a machine: parallel builds, also of other users, queue here. The lock is the operating system's own
/// on an open file, so a process that dies gives it back and nothing can be stale.
/// </summary>
/// <param name="path">The file to lock; made where it is missing.</param>
public sealed class MachineLock(string path) : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100), PatienceWithOpening = TimeSpan.FromSeconds(1);

    private FileStream? held;

    /// <summary>The same file for every user of the machine.</summary>
    public static string DefaultPath => OperatingSystem.IsWindows()
        ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.CommonApplicationData), "modelgate.machine.lock")
        : "/tmp/modelgate.machine.lock";

    /// <summary>Waits for the machine.</summary>
    /// <param name="patience">How long to wait at most.</param>
    /// <param name="waiting">Told how long it has waited, about ten times a second.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <returns>True once it is had, until this is disposed; false where patience ran out.</returns>
    /// <exception cref="IOException">The file can be neither opened nor made, or is none.</exception>
    /// <exception cref="UnauthorizedAccessException">The file can be neither opened nor made.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public bool Acquire(TimeSpan patience, Action<TimeSpan> waiting, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        while (!TryOpen())
        {
            if (clock.Elapsed >= patience)
                return false;
            waiting(clock.Elapsed);
            cancellation.WaitHandle.WaitOne(Pause);
            cancellation.ThrowIfCancellationRequested();
        }

        return true;
    }

    /// <summary>Gives the machine back.</summary>
    public void Dispose() => held?.Dispose();

    private bool TryOpen()
    {
        try
        {
            // Reading is enough to lock, and another user's file cannot be opened for more. Opening it as new would be refused by
            // systems that protect files of others in shared folders, so that comes second.
            if (!File.Exists(path))
                Create();
            held = new FileInfo(path).Length > 0 ? Open() : OpenAside();
            return true;
        }
        catch (IOException e) when (FileErrors.IsLocked(e))
        {
            return false;
        }
    }

    private FileStream Open() => new(path, FileMode.Open, FileAccess.Read, FileShare.None);

    // Anybody may put a pipe where all users look for this file, and opening one waits for ever. Pipes and devices have no length, which our own file has.
    private FileStream OpenAside()
    {
        var opening = Task.Factory.StartNew(Open, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        if (!((IAsyncResult)opening).AsyncWaitHandle.WaitOne(PatienceWithOpening))
        {
            _ = opening.ContinueWith(static late => late.Result.Dispose(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
            throw new IOException($"'{path}' is not a regular file");
        }

        var opened = opening.GetAwaiter().GetResult();
        if (opened.CanSeek)
            return opened;
        opened.Dispose();
        throw new IOException($"'{path}' is not a regular file");
    }

    private void Create()
    {
        try
        {
            using var made = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite);
            made.Write("Whoever times models on this machine locks this file meanwhile.\n"u8);
        }
        catch (IOException) when (File.Exists(path))
        {
            // Another process was quicker; its file is as good.
        }
    }
}
