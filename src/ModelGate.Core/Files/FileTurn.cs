using System.Diagnostics;

namespace ModelGate;

/// <summary>
/// The turn of one process among those that write the same files: a file that the system locks, which is gone when nobody holds it. What
/// a killed process leaves of it is no lock, and the next one takes it away.
/// </summary>
internal sealed class FileTurn : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10), Pause = TimeSpan.FromMilliseconds(20);

    private readonly FileStream held;

    private FileTurn(FileStream held) => this.held = held;

    /// <summary>Waits for it, ten seconds at most.</summary>
    /// <param name="path">The file to lock; made where it is missing.</param>
    /// <exception cref="IOException">Another process has it all the time, or it cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be made.</exception>
    public static FileTurn Take(string path)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.None, bufferSize: 1, OperatingSystem.IsWindows() ? FileOptions.DeleteOnClose : FileOptions.None);
                if (!IsGone(file))
                    return new(file);
                file.Dispose();
            }
            catch (Exception taken) when (clock.Elapsed < Patience && (FileErrors.IsLocked(taken) || (taken is UnauthorizedAccessException && OperatingSystem.IsWindows()))) // which is how it calls a file that is being deleted
            {
                Thread.Sleep(Pause);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!OperatingSystem.IsWindows())
            File.Delete(held.Name);
        held.Dispose();
    }

    // The one before took it away after this one had opened it: whoever comes next would lock another.
    private static bool IsGone(FileStream file) => OperatingSystem.IsLinux()
        ? new FileInfo($"/proc/self/fd/{file.SafeFileHandle.DangerousGetHandle()}").LinkTarget?.EndsWith(" (deleted)", StringComparison.Ordinal) == true
        : !File.Exists(file.Name);
}
