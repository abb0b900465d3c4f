namespace ModelGate;

/// <summary>A file under a temporary name beside its target: renamed over it when it is whole, deleted when it never becomes so.</summary>
public sealed class PendingFile : IDisposable
{
    private readonly string target;
    private readonly string temporary;
    private bool isCommitted;

    /// <summary>Begins a file.</summary>
    /// <exception cref="IOException">It cannot be created.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written.</exception>
    public PendingFile(string path)
    {
        target = Path.GetFullPath(path);
        Directory.CreateDirectory(Path.GetDirectoryName(target) ?? throw new IOException($"{path} is not the name of a file."));
        temporary = $"{target}.{Path.GetRandomFileName()}.tmp";
        Stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 64 * 1024);
    }

    /// <summary>What to write to.</summary>
    public FileStream Stream { get; }

    /// <summary>Makes it the target.</summary>
    /// <exception cref="IOException">The disk is full, or the target cannot be replaced.</exception>
    /// <exception cref="UnauthorizedAccessException">The target may not be written.</exception>
    public void Commit()
    {
        Stream.Flush(flushToDisk: true); // a full disk may show only here
        Stream.Dispose();
        File.Move(temporary, target, overwrite: true);
        isCommitted = true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (isCommitted) return;
        try
        {
            Stream.Dispose();
        }
        finally
        {
            File.Delete(temporary);
        }
    }
}
