using Microsoft.Win32.SafeHandles;

namespace ModelGate.Models;

/// <summary>A regular file opened for reading, that tells whether it changed while it was read.</summary>
public sealed class OpenedFile : IDisposable
{
    private const int Attempts = 5;
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly string path;
    private readonly State atPath;
    private readonly State opened;

    private OpenedFile(string path, State atPath, SafeFileHandle handle)
    {
        this.path = path;
        Handle = handle;
        opened = State.Of(handle);
        this.atPath = opened.Number == 0 ? atPath : opened;
        Stream = new HandleStream(handle, opened.Length);
    }

    /// <summary>The file, for reads from several threads.</summary>
    internal SafeFileHandle Handle { get; }

    /// <summary>The file, unbuffered and seekable.</summary>
    public Stream Stream { get; }

    /// <summary>Its length in bytes when it was opened.</summary>
    public long Length => opened.Length;

    /// <summary>Opens a file, waiting up to a second and a half for another process that holds it locked.</summary>
    /// <exception cref="ModelException">It is missing, empty, not a regular file, locked, or may not be read.</exception>
    public static OpenedFile Open(string path)
    {
        if (path.Contains('\0', StringComparison.Ordinal)) throw Unreadable("its path holds a NUL");
        var status = FileStatus.Of(path);
        if (status is null ? Directory.Exists(path) : status.IsFolder) throw Unreadable("it is a folder, not a file");
        try
        {
            // Opening a pipe, a device or a socket may wait for ever. Where the system does not tell them, an empty file is opened aside.
            if (status is null ? FileIdentity.IsSpecial(path) : !status.IsRegular) throw Unreadable("it is not a regular file");
            var state = State.Of(status, path);
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
        if (opened.Number != 0 && !WasReplaced()) return; // its path leads to the file that was opened, as it was
        if (State.Of(Handle) != opened)
            throw new ModelException(Diagnostics.ModelChanged, "the file was written to while it was read");
        if (WasReplaced())
            throw new ModelException(Diagnostics.ModelChanged, "the file was replaced or removed while it was read");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Stream.Dispose();
        Handle.Dispose();
    }

    private bool WasReplaced()
    {
        try
        {
            return State.Of(FileStatus.Of(path), path) != atPath;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }

    private static SafeFileHandle OpenWithRetry(string path)
    {
        var wait = FirstWait;
        for (var attempt = 1; ; attempt++, wait *= 2)
        {
            try
            {
                return File.OpenHandle(path, share: FileShare.ReadWrite | FileShare.Delete);
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

    /// <summary>What tells one file from another that takes its place, and from itself once it was written to. Its number is 0 where the system tells none; then its birth has to do.</summary>
    private sealed record State(long Length, long Written, long Created, ulong Volume, ulong Number)
    {
        private State(FileStatus status) : this(status.Length, status.Written, 0, status.Volume, status.Number)
        {
        }

        public static State Of(FileStatus? status, string path)
        {
            if (status is not null) return new(status);
            var file = Links.Target(path) ?? new FileInfo(path);
            return new(file.Length, file.LastWriteTimeUtc.Ticks, file.CreationTimeUtc.Ticks, 0, 0);
        }

        public static State Of(SafeFileHandle file) =>
            FileStatus.Of(file) is { } status ? new(status) : new(RandomAccess.GetLength(file), File.GetLastWriteTimeUtc(file).Ticks, 0, 0, 0);
    }
}
