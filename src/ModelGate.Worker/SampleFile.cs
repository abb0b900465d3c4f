using System.IO.Compression;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace ModelGate.Worker;

/// <summary>
/// Samples from a <c>.npz</c> archive: an array for each input, and an array <c>labels</c> where it has one. Along an array's first
/// dimension stand the samples: rows of the batch where it has as many dimensions as the input (one at a time, or as many as the model's
/// batch is fixed to), whole inputs where it has one more. One sample after the other is read; none is kept.
/// </summary>
internal sealed class SampleFile : IDisposable
{
    private const string NameOfLabels = "labels";
    private const long MostBytes = 1L << 30;

    private readonly string path;
    private readonly List<Part> parts = [];

    private SampleFile(string path) => this.path = path;

    /// <summary>How many times the models can be fed.</summary>
    public int Count { get; private set; }

    /// <summary>The classes that are right, in order, those already held against predictions left out; null where the archive has none.</summary>
    public Queue<long>? Labels { get; private set; }

    /// <summary>Opens an archive for the inputs that two models share: where one of them fixes a dimension, the other takes as many.</summary>
    /// <exception cref="WorkerException">MG4009: it does not fit the models.</exception>
    public static SampleFile Open(string path, InferenceSession session, InferenceSession other)
    {
        NumpyArray.RefuseEmpty(path);
        var file = new SampleFile(path);
        try
        {
            foreach (var (name, metadata) in session.InputMetadata)
                file.parts.Add(Part.Open(path, name, metadata, SharedInputs.Dimensions(metadata, other.InputMetadata[name])));
            long[] counts = [.. file.parts.Select(static part => part.Count).Distinct()];
            if (counts is not [> 0 and <= int.MaxValue and var count])
                throw NumpyArray.Wrong(path, $"its arrays hold {string.Join(" and ", counts)} samples; every input needs one of each");
            file.Count = (int)count;
            file.Labels = session.InputMetadata.ContainsKey(NameOfLabels) ? null : ReadLabels(path);
            return file;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException or NotSupportedException)
        {
            file.Dispose();
            throw NumpyArray.Wrong(path, FileErrors.Reason(e));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The next sample: one value per input, in the session's order.</summary>
    /// <exception cref="WorkerException">MG4009: the archive ends before its time.</exception>
    public OrtValue[] Next()
    {
        try
        {
            return [.. parts.Select(static part => part.Next())];
        }
        catch (EndOfStreamException)
        {
            throw NumpyArray.Wrong(path, $"an array in it ends before the last of its {Count} samples");
        }
        catch (Exception e) when (e is IOException or InvalidDataException or NotSupportedException)
        {
            throw NumpyArray.Wrong(path, FileErrors.Reason(e));
        }
    }

    /// <summary>Says what is wrong with the labels.</summary>
    public WorkerException WrongLabels(long labels, long classes) =>
        NumpyArray.Wrong(path, $"it holds {labels} labels, and the models chose {classes} classes; give one label for each, or leave `labels` out");

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var part in parts)
            part.Dispose();
    }

    private static Queue<long>? ReadLabels(string path)
    {
        using var archive = ZipFile.OpenRead(path);
        if (archive.GetEntry(NameOfLabels + ".npy") is null)
            return null;
        var array = NumpyArray.Read(path, NameOfLabels);
        return array.Type switch
        {
            TensorElementType.Int64 => new(MemoryMarshal.Cast<byte, long>(array.Data).ToArray()),
            TensorElementType.Int32 => new(MemoryMarshal.Cast<byte, int>(array.Data).ToArray().Select(static label => (long)label)),
            TensorElementType.UInt8 => new(array.Data.Select(static label => (long)label)),
            _ => throw NumpyArray.Wrong(path, $"its labels are of type {array.Type.ToString().ToLowerInvariant()}; save the numbers of the classes as int64"),
        };
    }

    /// <summary>The samples of one input.</summary>
    private sealed class Part(ZipArchive archive, Stream elements, TensorElementType type, long[] shape, long count, int bytes) : IDisposable
    {
        public long Count => count;

        public static Part Open(string path, string name, NodeMetadata metadata, int[] dimensions)
        {
            // An archive of its own for each input: they are read in turns.
#pragma warning disable CA2000 // The part has it from here on.
            var archive = ZipFile.OpenRead(path);
#pragma warning restore CA2000
            try
            {
                var elements = NumpyArray.Member(archive, path, name).Open();
                var header = NumpyHeader.Read(elements, path);
                if (!metadata.IsTensor || header.Type != metadata.ElementDataType)
                    throw NumpyArray.Wrong(path, $"'{name}' is {(metadata.IsTensor ? metadata.ElementDataType.ToString().ToLowerInvariant() : "no tensor")} in the model and {header.Type.ToString().ToLowerInvariant()} in it");
                int rank = dimensions.Length;
                long rows = header.Shape.Length == rank && rank > 0 ? Math.Max(1, dimensions[0]) : 1;
                long[] shape = header.Shape.Length == rank && rank > 0 ? [rows, .. header.Shape[1..]] : header.Shape.Length == rank + 1 ? header.Shape[1..] : [];
                if (header.Shape.Length == 0 || shape.Length != rank || shape.Where((size, at) => dimensions[at] >= 0 && dimensions[at] != size).Any() || header.Shape[0] % rows != 0)
                    throw NumpyArray.Wrong(path, $"'{name}' is [{string.Join(", ", dimensions.Select(static size => size < 0 ? "?" : $"{size}"))}] in the model and [{string.Join(", ", header.Shape)}] in it; its first dimension counts samples");
                long count = header.Shape[0] / rows, bytes = count == 0 ? 0 : header.Bytes / count;
                return bytes <= MostBytes ? new(archive, elements, header.Type, shape, count, (int)bytes) : throw NumpyArray.Wrong(path, $"a sample of '{name}' is larger than ModelGate feeds");
            }
            catch
            {
                archive.Dispose();
                throw;
            }
        }

        public OrtValue Next()
        {
            var value = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, type, shape);
            elements.ReadExactly(value.GetTensorMutableRawData()[..bytes]);
            return value;
        }

        public void Dispose()
        {
            elements.Dispose();
            archive.Dispose();
        }
    }
}
