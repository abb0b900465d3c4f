namespace ModelGate;

/// <summary>The one way files are written: whole or not at all.</summary>
public static class AtomicFile
{
    /// <summary>Writes a file under a temporary name beside its target and renames it over the target; on failure no debris stays.</summary>
    /// <exception cref="IOException">The disk is full, or the target cannot be replaced.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder or the target may not be written.</exception>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        using var file = new PendingFile(path);
        file.Write(content);
        file.Commit();
    }
}
