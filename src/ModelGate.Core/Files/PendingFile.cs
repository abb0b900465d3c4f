using Microsoft.Win32.SafeHandles;

namespace ModelGate;

/// <summary>
/// A file that appears under its name when it is whole, replacing what was there, and never appears when it never becomes so. Where the
/// system has files without a name it is one of them till then, so that not even a killed process leaves debris; elsewhere it has a
/// temporary name beside its target.
/// </summary>
/// <remarks>
/// That holds whatever ends the process. What a power cut leaves is another matter: only what has been flushed to the disk is sure to be there. A
/// file whose room was reserved is not flushed, as <c>cp</c>, compilers and linkers do not flush theirs: it can be made again from what it was made from, and
/// waiting for the disk took as long as making it. Any other file is flushed, the more so as a full disk may show only then.
/// </remarks>
public sealed class PendingFile : IDisposable
{
    private const int MostLinks = 40; // as Linux follows

    private readonly SafeFileHandle file;
    private readonly string target;
    private readonly string temporary;
    private readonly bool isReserved;
    private long written;
    private bool isNamed;
    private bool isCommitted;

    /// <summary>Begins a file.</summary>
    /// <param name="path">Its name when it is whole.</param>
    /// <param name="length">Bytes that it will have, where they are known and it is large: room for them is reserved at once where the system can do so. 0 otherwise.</param>
    /// <exception cref="IOException">It cannot be created, there is no room for it, or its target is a device or a pipe.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written.</exception>
    public PendingFile(string path, long length = 0)
    {
        target = Path.GetFullPath(path);
        RefuseSpecial(target);
        var folder = Path.GetDirectoryName(target) ?? throw new IOException($"{path} is not the name of a file.");
        Directory.CreateDirectory(folder);
        temporary = $"{target}.{Path.GetRandomFileName()}.tmp";
        var unnamed = UnnamedFile.TryCreate(folder);
        isNamed = unnamed is null;
        file = unnamed ?? File.OpenHandle(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, FileOptions.None, length);
        if (unnamed is null || length == 0) return;
        try
        {
            isReserved = UnnamedFile.TryReserve(unnamed, length);
        }
        catch (IOException)
        {
            unnamed.Dispose();
            throw;
        }
    }

    /// <summary>Writes bytes at its end.</summary>
    /// <exception cref="IOException">The disk is full, or the file larger than it may be.</exception>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        WriteAt(written, bytes);
        written += bytes.Length;
    }

    /// <summary>Writes bytes at a place of their own; several threads may do so at once.</summary>
    /// <exception cref="IOException">The disk is full, or the file larger than it may be.</exception>
    public void WriteAt(long position, ReadOnlySpan<byte> bytes)
    {
        try
        {
            RandomAccess.Write(file, bytes, position);
        }
        catch (ArgumentOutOfRangeException tooLarge)
        {
            throw TooLarge(tooLarge);
        }
    }

    /// <summary>
    /// Makes two files that belong together their targets: both are on disk before the first has its name, and who writes the same two waits. Where both
    /// replace others they have no file for the moment in between, and get the old ones back if the new ones cannot have their names, so that whatever ends the process there leaves no file of one pair beside one of the other: the old ones then lie beside their places, with <c>.tmp</c> at the end of their names.
    /// </summary>
    /// <param name="first">What the second refers to.</param>
    /// <param name="second">What is opened by its name.</param>
    /// <exception cref="IOException">The disk is full, or a target cannot be replaced.</exception>
    /// <exception cref="UnauthorizedAccessException">A target may not be written.</exception>
    public static void CommitBoth(PendingFile first, PendingFile second)
    {
        first.Flush();
        second.Flush();
        using var turn = FileTurn.Take(second.target + ".modelgate-lock");
        var replaced = new Stack<(string Target, string Aside)>();
        try
        {
            SetAside(second.target, replaced);
            SetAside(first.target, replaced);
            first.Commit();
            second.Commit();
        }
        catch
        {
            if (first.isCommitted && !replaced.Any(old => old.Target == first.target)) Try(() => File.Delete(first.target));
            foreach (var (target, aside) in replaced) Try(() => File.Move(aside, target, overwrite: true));
            throw;
        }
        // Both have their names; an old one that somebody holds open stays beside them.
        foreach (var (_, aside) in replaced) Try(() => Remove(aside));
    }

    /// <summary>Makes it the target.</summary>
    /// <exception cref="IOException">The disk is full, or the target cannot be replaced.</exception>
    /// <exception cref="UnauthorizedAccessException">The target may not be written.</exception>
    public void Commit()
    {
        Flush();
        if (!isNamed) UnnamedFile.Name(file, temporary);
        isNamed = true;
        file.Dispose();
        File.Move(temporary, target, overwrite: true);
        isCommitted = true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (isCommitted) return;
        file.Dispose();
        if (isNamed) File.Delete(temporary);
    }

    private static void Remove(string path)
    {
        File.SetAttributes(path, FileAttributes.Normal); // Windows deletes no read-only file
        File.Delete(path);
    }

    // What else is to be done is not left undone.
    private static void Try(Action action)
    {
        try
        {
            action();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
        }
    }

    private static void SetAside(string target, Stack<(string Target, string Aside)> replaced)
    {
        if (!File.Exists(target)) return;
        var aside = $"{target}.{Path.GetRandomFileName()}.tmp";
        File.Move(target, aside);
        replaced.Push((target, aside));
    }

    private void Flush()
    {
        if (!isReserved) RandomAccess.FlushToDisk(file); // a full disk may show only here
    }

    // A rename would put a plain file in the place of /dev/null, or of a pipe that somebody listens to. Neither has a length, nor can be given one.
    // A link to one is told by what it leads to, and one to an open file of a process by where it does: /dev/stdout would be gone for all.
    private static void RefuseSpecial(string path)
    {
        if (Directory.Exists(path))
            throw new IOException("it is a folder, not a file");
        if (FileIdentity.IsSpecial(path) || LeadsToOpenFile(path))
            throw new IOException("it is a device or a pipe, not a file");
        if (new FileInfo(path) is not { Exists: true, Length: 0 })
            return;
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete); // for both, or a pipe would wait for its reader
        try
        {
            RandomAccess.SetLength(file, 0);
        }
        catch (Exception exception) when (exception is IOException or NotSupportedException or ArgumentException)
        {
            throw new IOException("it is a device or a pipe, not a file", exception);
        }
    }

    private static bool LeadsToOpenFile(string path)
    {
        for (int left = MostLinks; left > 0 && new FileInfo(path).LinkTarget is { } target; left--)
        {
            path = Path.GetFullPath(target, Path.GetDirectoryName(path)!);
            if (path.StartsWith("/proc/", StringComparison.Ordinal) || path.StartsWith("/dev/fd/", StringComparison.Ordinal))
                return true;
        }

        return false;
    }

    // What .NET makes of EFBIG: the file is larger than its file system or a quota allows.
    private static IOException TooLarge(ArgumentOutOfRangeException exception) => new(exception.Message, FileErrors.FileTooLarge);
}
