using System.Globalization;
using System.IO.Compression;
using System.Text;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace ModelGate.Worker;

/// <summary>An array from a <c>.npy</c> file, or from a <c>.npz</c> archive of them.</summary>
/// <param name="Type">Its element type.</param>
/// <param name="Shape">Its dimensions.</param>
/// <param name="Data">Its elements, row by row.</param>
/// <remarks>Source: numpy.lib.format in the documentation of NumPy. Nothing pickled is ever read.</remarks>
internal sealed record NumpyArray(TensorElementType Type, long[] Shape, byte[] Data)
{
    private const long MostBytes = 1L << 30;

    /// <summary>Reads the array for an input.</summary>
    /// <param name="path">Full path of the file.</param>
    /// <param name="input">Name of the input: the member of an archive that is read.</param>
    /// <exception cref="WorkerException">MG4009: it cannot be read.</exception>
    public static NumpyArray Read(string path, string input)
    {
        try
        {
            RefuseEmpty(path);
            if (!path.EndsWith(".npz", StringComparison.OrdinalIgnoreCase))
            {
                using var file = File.OpenRead(path);
                return Read(file, path);
            }

            using var archive = ZipFile.OpenRead(path);
            using var member = Member(archive, path, input).Open();
            return Read(member, path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException or NotSupportedException)
        {
            throw Wrong(path, FileErrors.Reason(e));
        }
    }

    /// <summary>Refuses what has no length before it is opened: opening a pipe may wait for ever.</summary>
    /// <exception cref="WorkerException">MG4009: it has none.</exception>
    public static void RefuseEmpty(string path)
    {
        if (new FileInfo(path) is { Exists: true, Length: 0 })
            throw Wrong(path, "it is empty, or no regular file");
    }

    /// <summary>The array of a name in an archive.</summary>
    /// <exception cref="WorkerException">MG4009: there is none.</exception>
    public static ZipArchiveEntry Member(ZipArchive archive, string path, string name) => archive.GetEntry(name + ".npy")
        ?? throw Wrong(path, $"it has no array '{name}'; it has {string.Join(", ", archive.Entries.Take(20).Select(static one => Shortened(Path.ChangeExtension(one.FullName, null))))}");

    // A name may be as long as 64 KB.
    private static string Shortened(string name) => name.Length <= 64 ? name : name[..64] + "…";

    /// <summary>Says what is wrong with a file of arrays.</summary>
    public static WorkerException Wrong(string path, string what) => new("MG4009", $"{Path.GetFileName(path)} cannot be used as an input: {what}");

    private static NumpyArray Read(Stream stream, string path)
    {
        var header = NumpyHeader.Read(stream, path);
        if (header.Bytes > MostBytes)
            throw Wrong(path, $"its shape ({string.Join(", ", header.Shape)}) is larger than ModelGate feeds");
        byte[] data = new byte[(int)header.Bytes];
        stream.ReadExactly(data);
        return new(header.Type, header.Shape, data);
    }
}

/// <summary>What stands before the elements of an array in a <c>.npy</c> file.</summary>
/// <param name="Type">Element type.</param>
/// <param name="ElementSize">Bytes of an element.</param>
/// <param name="Shape">Dimensions.</param>
internal sealed record NumpyHeader(TensorElementType Type, int ElementSize, long[] Shape)
{
    private const int MostBytesOfHeader = 64 << 10, MostDimensions = 64;
    private const long MostBytes = 1L << 50;

    /// <summary>Bytes of all elements.</summary>
    public long Bytes { get; private init; }

    /// <summary>Reads it; the stream then stands at the first element.</summary>
    /// <exception cref="WorkerException">MG4009: it is none that can be fed to a model.</exception>
    public static NumpyHeader Read(Stream stream, string path)
    {
        Span<byte> start = stackalloc byte[8];
        if (stream.ReadAtLeast(start, 8, throwOnEndOfStream: false) < 8 || start[0] != 0x93 || !start[1..6].SequenceEqual("NUMPY"u8))
            throw NumpyArray.Wrong(path, "it is no NumPy array");
        Span<byte> length = stackalloc byte[4];
        stream.ReadExactly(start[6] == 1 ? length[..2] : length);
        long header = length[0] | ((long)length[1] << 8) | ((long)length[2] << 16) | ((long)length[3] << 24);
        if (header > MostBytesOfHeader)
            throw NumpyArray.Wrong(path, "its header is longer than any array needs");
        byte[] text = new byte[header];
        stream.ReadExactly(text);
        return Of(Encoding.UTF8.GetString(text), path);
    }

    // {'descr': '<f4', 'fortran_order': False, 'shape': (1, 3, 224, 224), }
    private static NumpyHeader Of(string header, string path)
    {
        string type = Between(header, "'descr': '", "'"), order = Between(header, "'fortran_order': ", ",");
        var (element, size) = type.TrimStart('<', '|', '=') switch
        {
            "f4" => (TensorElementType.Float, 4),
            "f8" => (TensorElementType.Double, 8),
            "f2" => (TensorElementType.Float16, 2),
            "i8" => (TensorElementType.Int64, 8),
            "i4" => (TensorElementType.Int32, 4),
            "i2" => (TensorElementType.Int16, 2),
            "i1" => (TensorElementType.Int8, 1),
            "u8" => (TensorElementType.UInt64, 8),
            "u4" => (TensorElementType.UInt32, 4),
            "u2" => (TensorElementType.UInt16, 2),
            "u1" => (TensorElementType.UInt8, 1),
            "b1" => (TensorElementType.Bool, 1),
            _ => throw NumpyArray.Wrong(path, $"its elements are of type '{type}'; save it as one of float32, float64, float16, int8 to int64, uint8 to uint64 or bool, little-endian"),
        };
        if (order != "False")
            throw NumpyArray.Wrong(path, "it is stored column by column; save it with numpy.ascontiguousarray");

        string[] dims = Between(header, "'shape': (", ")").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        long[] shape = new long[dims.Length];
        UInt128 bytes = (UInt128)size;
        for (int i = 0; i < dims.Length; i++)
        {
            if (dims.Length > MostDimensions || !long.TryParse(dims[i], NumberStyles.None, CultureInfo.InvariantCulture, out shape[i]) || (bytes *= (UInt128)shape[i]) > MostBytes)
                throw NumpyArray.Wrong(path, $"its shape ({string.Join(", ", dims.Take(MostDimensions))}) is larger than ModelGate feeds");
        }

        return new(element, size, shape) { Bytes = (long)bytes };
    }

    private static string Between(string text, string before, string after)
    {
        int from = text.IndexOf(before, StringComparison.Ordinal);
        int to = from < 0 ? -1 : text.IndexOf(after, from + before.Length, StringComparison.Ordinal);
        return to < 0 ? "" : text[(from + before.Length)..to];
    }
}
