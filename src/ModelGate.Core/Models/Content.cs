using System.Buffers.Binary;
using System.Text;

namespace ModelGate.Models;

/// <summary>What the first bytes of a file say it is.</summary>
internal sealed class Content(ModelFormat? format, string name)
{
    /// <summary>The model format; null where the file is no model.</summary>
    public ModelFormat? Format { get; } = format;

    /// <summary>What to call it.</summary>
    public string Name { get; } = name;

    /// <summary>How many bytes are looked at.</summary>
    public const int HeaderLength = 512;

    /// <summary>A Git LFS pointer, which stands where a model should be.</summary>
    public static readonly Content LfsPointer = new(null, "a Git LFS pointer");

    /// <summary>ONNX has no magic number: it is what nothing else is and what begins like its message.</summary>
    public static readonly Content Onnx = new(ModelFormat.Onnx, "ONNX");

    /// <summary>Tells a file by its first bytes; its name has no say.</summary>
    /// <param name="header">The first <see cref="HeaderLength"/> bytes, or all where there are fewer.</param>
    /// <param name="length">Length of the whole file.</param>
    public static Content Of(ReadOnlySpan<byte> header, long length)
    {
        if (header.StartsWith("version https://git-lfs.github.com/spec/"u8)) return LfsPointer;
        if (header.StartsWith("GGUF"u8)) return new(ModelFormat.Gguf, "GGUF");
        if (Holds(header, 4, "TFL3"u8)) return new(ModelFormat.TensorFlowLite, "TensorFlow Lite");
        if (Holds(header, 4, "ORTM"u8)) return new(ModelFormat.OrtFormat, "ONNX Runtime format");
        if (Holds(header, 8, "{"u8) && BinaryPrimitives.ReadUInt64LittleEndian(header) <= (ulong)Math.Max(0, length - 8)) return new(ModelFormat.Safetensors, "safetensors");
        if (header.StartsWith("PK\u0003\u0004"u8)) return new(ModelFormat.Other, "a zip archive, as PyTorch, Keras, ML.NET and Core ML write them");
        if (Holds(header, 1, "HDF\r\n"u8)) return new(ModelFormat.Other, "HDF5, as Keras writes it");
        if (header.Length > 1 && header[0] == 0x80 && header[1] is >= 2 and <= 5) return new(ModelFormat.Other, "a Python pickle, as PyTorch and scikit-learn write it");
        if (Holds(header, 1, "NUMPY"u8)) return new(ModelFormat.Other, "a NumPy array");
        if (TextName(header) is { } text) return new(null, text);
        if (BinaryName(header) is { } binary) return new(null, binary);
        if (BeginsLikeCoreMl(header)) return new(ModelFormat.Other, "a Core ML model");
        return BeginsLikeOnnx(header) ? Onnx : new(null, $"no model format that ModelGate knows (it begins with the bytes {Convert.ToHexStringLower(header[..Math.Min(8, header.Length)])})");
    }

    private static string? BinaryName(ReadOnlySpan<byte> header) =>
        header.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]) ? "a gzip archive"
        : header.StartsWith((ReadOnlySpan<byte>)[0x7F, 0x45, 0x4C, 0x46]) ? "an ELF binary"
        : header.StartsWith("MZ"u8) ? "a Windows binary"
        : header.StartsWith("%PDF"u8) ? "a PDF document"
        : Holds(header, 1, "PNG"u8) ? "a PNG image"
        : header.IndexOfAnyExcept((byte)0) < 0 ? "nothing but zero bytes at its beginning"
        : null;

    private static string? TextName(ReadOnlySpan<byte> header)
    {
        foreach (var value in header)
        {
            if (value < 0x20 && value is not ((byte)'\t' or (byte)'\n' or (byte)'\r') || value == 0x7F) return null;
        }
        var text = Encoding.UTF8.GetString(header).TrimStart('\uFEFF', ' ', '\t', '\r', '\n');
        return text.StartsWith("<!doctype html", StringComparison.OrdinalIgnoreCase) || text.StartsWith("<html", StringComparison.OrdinalIgnoreCase) ? "an HTML page"
            : text.StartsWith('<') ? "an XML document"
            : text.StartsWith('{') || text.StartsWith('[') ? "a JSON document"
            : "a text file";
    }

    // The first field of ModelProto: ir_version, an other small number, or a message or text of at least a plausible number.
    private static bool BeginsLikeOnnx(ReadOnlySpan<byte> header) =>
        (header[0] & 7, header[0] >> 3) is (0, 1 or 5) or (2, 2 or 3 or 4 or 6 or 7 or 8 or 14);

    // Core ML's Model (Model.proto) begins with a version and a description, as ONNX begins with a version and its producer's name; but the
    // description is a message that begins with the first input, a message that begins with a name.
    private static bool BeginsLikeCoreMl(ReadOnlySpan<byte> header)
    {
        const byte Version = 0x08, Description = 0x12, First = 0x0A;
        if (header.Length < 4 || header[0] != Version || header[1] >= 0x80 || header[2] != Description) return false;
        return IsNested(ref header, 3) && IsNested(ref header, 1);

        // Passes over a length; true where a first field of bytes begins behind it.
        static bool IsNested(ref ReadOnlySpan<byte> header, int at)
        {
            while (at < header.Length && header[at] >= 0x80) at++;
            header = header[Math.Min(at + 1, header.Length)..];
            return header.Length > 2 && header[0] == First;
        }
    }

    private static bool Holds(ReadOnlySpan<byte> header, int offset, ReadOnlySpan<byte> text) =>
        header.Length >= offset + text.Length && header.Slice(offset, text.Length).SequenceEqual(text);
}
