namespace ModelGate.Models;

/// <summary>A regular file opened for reading, that tells whether it changed while it was read.</summary>
public sealed class OpenedFile : IDisposable
{
    private const int Attempts = 5;
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly DateTime written;

    private OpenedFile(FileStream stream)
    {
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
            // Pipes, devices and sockets have no length, and opening one may wait for ever. So an empty file is opened aside.
            var length = Links.Target(path)?.Length ?? new FileInfo(path).Length;
            return length > 0 ? new OpenedFile(OpenWithRetry(path)) : throw Empty(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw Unreadable(FileErrors.Reason(exception), exception);
        }
    }

    /// <summary>Makes sure that the file is still what it was when it was opened.</summary>
    /// <exception cref="ModelException">It has changed.</exception>
    public void CheckUnchanged()
    {
        if (Stream.Length != Length || File.GetLastWriteTimeUtc(Stream.SafeFileHandle) != written)
            throw new ModelException(Diagnostics.ModelChanged, "the file was written to while it was read");
    }

    /// <inheritdoc/>
    public void Dispose() => Stream.Dispose();

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
}
