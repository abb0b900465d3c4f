using System.Globalization;

namespace ModelGate.Models;

/// <summary>A regular file opened for reading, that tells whether it changed while it was read.</summary>
public sealed class OpenedFile : IDisposable
{
    private const int Attempts = 5;
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly string path;
    private readonly State atPath;
    private readonly DateTime written;

    private OpenedFile(string path, State atPath, FileStream stream)
    {
        this.path = path;
        this.atPath = atPath;
        Stream = stream;
        Length = stream.Length;
        written = File.GetLastWriteTimeUtc(stream.SafeFileHandle);
    }

    /// <summary>The file, unbuffered and seekable.</summary>
    public FileStream Stream { get; }

    /// <summary>Its length in bytes when it was opened.</summary>
    public long Length { get; }

    /// <summary>Opens a file, waiting up to a second and a half for another process that holds it locked.</summary>
    /// <exception cref="ModelException">It is missing, empty, not a regular file, locked, or may not be read.</exception>
    public static OpenedFile Open(string path)
    {
        if (path.Contains('\0', StringComparison.Ordinal)) throw Unreadable("its path holds a NUL");
        if (Directory.Exists(path)) throw Unreadable("it is a folder, not a file");
        try
        {
            // Pipes, devices and sockets mostly have no length, and opening one may wait for ever. Where the system does not tell them, an empty file is opened aside.
            var state = State.Of(path);
            if ((state.Length == 0 || OperatingSystem.IsMacOS()) && FileIdentity.IsSpecial(path)) throw Unreadable("it is not a regular file");
            return state.Length > 0 ? new OpenedFile(path, state, OpenWithRetry(path)) : throw Empty(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw Unreadable(FileErrors.Reason(exception), exception);
        }
    }

    /// <summary>Makes sure that the file is still what it was when it was opened, and that its path still leads to it.</summary>
    /// <exception cref="ModelException">It has changed, or was replaced or removed.</exception>
    public void CheckUnchanged()
    {
        if (Stream.Length != Length || File.GetLastWriteTimeUtc(Stream.SafeFileHandle) != written)
            throw new ModelException(Diagnostics.ModelChanged, "the file was written to while it was read");
        if (WasReplaced())
            throw new ModelException(Diagnostics.ModelChanged, "the file was replaced or removed while it was read");
    }

    /// <inheritdoc/>
    public void Dispose() => Stream.Dispose();

    private bool WasReplaced()
    {
        // On Linux .NET tells no time of birth, so another file of equal length and time would pass; but the system says of an open file that its name is gone.
        const string Gone = " (deleted)";
        if (OperatingSystem.IsLinux() && NameOfDescriptor() is { } name && name.EndsWith(Gone, StringComparison.Ordinal) && !File.Exists(name))
            return true;
        try
        {
            return State.Of(path) != atPath;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }

    private string? NameOfDescriptor() => new FileInfo("/proc/self/fd/" + Stream.SafeFileHandle.DangerousGetHandle().ToString(CultureInfo.InvariantCulture)).LinkTarget;

    private static FileStream OpenWithRetry(string path)
    {
        var wait = FirstWait;
        for (var attempt = 1; ; attempt++, wait *= 2)
        {
            try
            {
                return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            }
            catch (IOException exception) when (attempt < Attempts && exception is not (FileNotFoundException or DirectoryNotFoundException or PathTooLongException))
            {
                Thread.Sleep(wait);
            }
        }
    }

    private static ModelException Empty(string path)
    {
        var opening = Task.Factory.StartNew(() =>
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            return !stream.CanSeek || stream.ReadByte() >= 0;
        }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            return opening.Wait(Patience) && !opening.Result
                ? new ModelException(Diagnostics.ModelEmpty, "the file is empty (0 bytes)")
                : Unreadable("it is not a regular file");
        }
        catch (AggregateException exception) when (exception.InnerException is UnauthorizedAccessException)
        {
            return Unreadable(FileErrors.Reason(exception.InnerException), exception);
        }
        catch (AggregateException exception)
        {
            return Unreadable("it is not a regular file", exception);
        }
    }

    private static ModelException Unreadable(string why, Exception? inner = null) => new(Diagnostics.ModelUnreadable, why, inner);

    /// <summary>What tells one file at a path from another that takes its place.</summary>
    private readonly record struct State(long Length, long Written, long Created)
    {
        public static State Of(string path)
        {
            var file = Links.Target(path) ?? new FileInfo(path);
            return new(file.Length, file.LastWriteTimeUtc.Ticks, file.CreationTimeUtc.Ticks);
        }
    }
}
