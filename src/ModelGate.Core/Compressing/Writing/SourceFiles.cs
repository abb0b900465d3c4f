using Microsoft.Win32.SafeHandles;
using ModelGate.Models;

namespace ModelGate.Compressing;

/// <summary>Bytes of a file: a tensor's values, or whatever else is copied as it is.</summary>
/// <param name="Path">Full path of the file.</param>
/// <param name="Offset">Where they begin.</param>
/// <param name="Length">How many.</param>
internal sealed record FileRange(string Path, long Offset, long Length);

/// <summary>The files a model is made of, opened for reading while it is compressed.</summary>
/// <param name="cancellation">Stops reading, between blocks: passes over the weights that write nothing are stopped by nothing else.</param>
internal sealed class SourceFiles(CancellationToken cancellation = default) : IDisposable
{
    private readonly Dictionary<string, SafeFileHandle> open = [];

    /// <summary>Room for what is read of them.</summary>
    public Scratch Scratch { get; } = new();

    /// <summary>Reads bytes of a range, from <paramref name="at"/> in it.</summary>
    /// <exception cref="ModelException">The file has become shorter, or can be read no more. What fails to be written is told otherwise.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public void Read(FileRange range, long at, Span<byte> bytes)
    {
        cancellation.ThrowIfCancellationRequested();
        try
        {
            var file = Open(range.Path);
            while (bytes.Length > 0)
            {
                var read = RandomAccess.Read(file, bytes, range.Offset + at);
                if (read == 0) throw new ModelException(Diagnostics.ModelChanged, $"at byte {range.Offset + at}: {Path.GetFileName(range.Path)} ended earlier than when it was opened");
                bytes = bytes[read..];
                at += read;
            }
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ModelException(Diagnostics.ModelChanged, $"{Path.GetFileName(range.Path)} was removed while it was read", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelException(Diagnostics.ModelUnreadable, $"at byte {range.Offset + at} of {Path.GetFileName(range.Path)}: {FileErrors.Reason(e)}", e);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var file in open.Values) file.Dispose();
    }

    private SafeFileHandle Open(string path)
    {
        if (!open.TryGetValue(path, out var file))
        {
            file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            open.Add(path, file);
        }
        return file;
    }
}
