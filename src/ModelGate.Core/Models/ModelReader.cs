using ModelGate.Models.Gguf;
using ModelGate.Models.Onnx;
using ModelGate.Models.OrtFormat;
using ModelGate.Models.Safetensors;
using ModelGate.Models.TensorFlowLite;

namespace ModelGate.Models;

/// <summary>Reads what a model file holds, told by its content, without reading its weights and without executing anything.</summary>
public static class ModelReader
{
    /// <summary>Reads a model's structure: a few kilobytes, whatever the file weighs.</summary>
    /// <param name="path">Path of the model; external data is sought beside it.</param>
    /// <exception cref="ModelException">The file cannot be opened, is no model, is damaged, or goes beyond a limit.</exception>
    public static ModelFile Read(string path)
    {
        using var file = OpenedFile.Open(path);
        try
        {
            var model = Read(file.Stream, path);
            file.CheckUnchanged();
            return model;
        }
        catch (IOException exception)
        {
            throw new ModelException(Diagnostics.ModelUnreadable, FileErrors.Reason(exception), exception);
        }
        catch (OutOfMemoryException exception)
        {
            throw TooLarge(file.Length, exception);
        }
    }

    /// <summary>What to throw where a process has too little memory for a model.</summary>
    /// <param name="length">Bytes of its file.</param>
    /// <param name="inner">What the runtime says.</param>
    internal static ModelException TooLarge(long length, OutOfMemoryException inner) =>
        new(Diagnostics.ModelLimit, $"its structure takes more memory than this process may have; the file has {length} bytes", inner);

    /// <summary>Reads a model's structure from a seekable stream.</summary>
    /// <param name="stream">The whole of the model file.</param>
    /// <param name="path">The path it stands for; external data is sought beside it.</param>
    /// <exception cref="ModelException">It is no model, is damaged, or goes beyond a limit.</exception>
    public static ModelFile Read(Stream stream, string path) => Read(stream, path, FilesBeside.OnDisk);

    /// <summary>Reads a model's structure from a seekable stream.</summary>
    /// <param name="stream">The whole of the model file.</param>
    /// <param name="path">The path it stands for.</param>
    /// <param name="beside">The files beside it.</param>
    /// <exception cref="ModelException">It is no model, is damaged, or goes beyond a limit.</exception>
    internal static ModelFile Read(Stream stream, string path, FilesBeside beside)
    {
        var length = stream.Length;
        Span<byte> header = stackalloc byte[(int)Math.Min(Content.HeaderLength, length)];
        stream.Position = 0;
        stream.ReadExactly(header);
        if (header.IsEmpty) throw new ModelException(Diagnostics.ModelEmpty, "the file is empty (0 bytes)");
        if (length > Limits.FileLength)
            return OfSizeOnly(ModelFormat.Other, $"longer than the {Limits.FileLength} bytes that are parsed");

        var content = Content.Of(header, length);
        if (content == Content.LfsPointer)
            throw new ModelException(Diagnostics.LfsPointer, "the file is a Git LFS pointer, not the model");
        if (content.Format is null && SafetensorsIndex.IsIndex(header)) return SafetensorsReader.ReadIndex(stream, length, path, beside);
        return content.Format switch
        {
            null => throw new ModelException(Diagnostics.NotAModel, $"the file is {content.Name}"),
            ModelFormat.Onnx => OnnxReader.Read(stream, header, length, path, beside),
            ModelFormat.OrtFormat => OnnxReader.Read(OrtParser.Parse(stream, length, path), ModelFormat.OrtFormat, length, path, beside),
            ModelFormat.Safetensors => SafetensorsReader.Read(stream, length, path, beside),
            ModelFormat.Gguf => GgufReader.Read(stream, length, path, beside),
            ModelFormat.TensorFlowLite => LiteReader.Read(stream, length, path, beside),
            { } format => OfSizeOnly(format, content.Name),
        };

        ModelFile OfSizeOnly(ModelFormat format, string name) => new(path, format, length, [], [],
            [new Diagnostic(Diagnostics.ModelNote, new SourceLocation(path), $"the file is {name}: parameters are not measurable in this format, only its size is")]);
    }
}
