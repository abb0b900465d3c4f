using ModelGate.Compressing;
using ModelGate.Models;

namespace ModelGate.Measuring;

/// <summary>A compressed copy of a model in a folder of its own, which goes with it.</summary>
public sealed class CompressedCopy : IDisposable
{
    private readonly DirectoryInfo folder;

    private CompressedCopy(DirectoryInfo folder, Compression compression)
    {
        this.folder = folder;
        Compression = compression;
    }

    /// <summary>Full path of the copy.</summary>
    public string Path => Compression.Output;

    /// <summary>How it was compressed.</summary>
    public Compression Compression { get; }

    /// <summary>Writes a copy into the system's temporary folder.</summary>
    /// <exception cref="ModelException">The model cannot be read, or not compressed so, or the copy cannot be written.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled; nothing is left behind.</exception>
    public static CompressedCopy Write(string model, Scheme scheme, CancellationToken cancellation)
    {
        DirectoryInfo? folder = null;
        try
        {
            folder = Directory.CreateTempSubdirectory("modelgate-compressed-");
            return new(folder, ModelCompressor.Compress(model, scheme, System.IO.Path.Combine(folder.FullName, System.IO.Path.GetFileName(NameFor(model, scheme))), cancellation));
        }
        catch (Exception e)
        {
            if (folder is not null) Remove(folder);
            if (e is not (IOException or UnauthorizedAccessException)) throw;
            // Not the model's fault: what is told has to lead to the folder.
            throw new ModelException(Diagnostics.CopyNotWritten, $"its {scheme.Name} copy could not be written into the temporary folder {System.IO.Path.GetTempPath()}: {FileErrors.Reason(e)}", e);
        }
    }

    /// <summary>The name that a copy has where nobody gives it one: <c>detector.onnx</c> becomes <c>detector.int8.onnx</c>, beside it.</summary>
    public static string NameFor(string model, Scheme scheme) => System.IO.Path.ChangeExtension(model, scheme.Name + System.IO.Path.GetExtension(model));

    /// <inheritdoc/>
    public void Dispose() => Remove(folder);

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
