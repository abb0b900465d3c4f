using System.Globalization;

namespace ModelGate.Models.Gguf;

/// <summary>Lists the tensors of a GGUF file; of the first file of a split model, those of all its files.</summary>
internal static class GgufReader
{
    // What llama.cpp's own splitting tool writes: name-00001-of-00003.gguf
    private const string PartNumber = "00000", Of = "-of-";

    /// <summary>Reads a file that fills a seekable stream: its header alone, and those of its other parts among the files beside it.</summary>
    /// <exception cref="ModelException">The file is damaged, goes beyond a limit, or lacks its other parts.</exception>
    public static ModelFile Read(Stream stream, long length, string path, FilesBeside beside)
    {
        var (tensors, files, notes) = (new List<Tensor>(), new List<ExternalFile>(), new ModelNotes(path));
        var first = GgufHeader.Read(stream, length);
        Add(tensors, first, null);
        if (first.Part > 0)
            notes.Add($"this is part {first.Part + 1} of {first.Parts} of a split model: its own tensors are counted; the first part stands for the whole model");
        else if (first.Parts > 1)
            AddParts(tensors, files, first, Path.GetFullPath(path), beside);
        return new ModelFile(path, ModelFormat.Gguf, length, tensors, files, notes.All())
        {
            FindLayers = () => new LayerGraph([.. tensors.Select(GgufRoles.KindOf)], null, null),
        };
    }

    private static void AddParts(List<Tensor> tensors, List<ExternalFile> files, GgufHeader first, string path, FilesBeside beside)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var tensor in first.Tensors) names.Add(tensor.Name);
        for (var part = 1; part < first.Parts; part++)
        {
            var name = NameOf(path, part, first.Parts) ?? throw new ModelException(Diagnostics.ExternalDataMissing,
                $"the file is the first of {first.Parts} parts, and is not named so that the others can be found (NAME-{Number(1)}{Of}{Number(first.Parts)}.gguf)");
            var location = Siblings.Locate(path, name, what => new ModelException(Diagnostics.ExternalDataRefused, $"part {Quoted.Name(name)} of the model is a file {what}"));
            if (!beside.Has(location)) throw new ModelException(Diagnostics.ExternalDataMissing, $"part {part + 1} of {first.Parts} of the model was not found beside the first: {Quoted.Name(name)}");
            var (header, bytes) = ReadPart(location, name, part, first.Parts, beside);
            foreach (var tensor in header.Tensors)
            {
                if (!names.Add(tensor.Name)) throw new ModelException(Diagnostics.ModelMalformed, $"tensor {Quoted.Name(tensor.Name)} of {Quoted.Name(name)} is in another part as well");
            }
            files.Add(new ExternalFile(location, bytes));
            Add(tensors, header, location);
            if (tensors.Count > Limits.Tensors) throw new ModelException(Diagnostics.ModelLimit, $"the parts together have more than {Limits.Tensors} tensors");
        }
        if (first.TensorsOfAllParts is { } all && all != tensors.Count)
            throw new ModelException(Diagnostics.ModelMalformed, $"the parts together have {tensors.Count} tensors, but the first says {all}");
    }

    private static (GgufHeader Header, long Length) ReadPart(string location, string name, int part, int parts, FilesBeside beside)
    {
        try
        {
            return beside.Read(location, stream =>
            {
                Span<byte> magic = stackalloc byte[(int)Math.Min(4, stream.Length)];
                stream.ReadExactly(magic);
                if (!magic.SequenceEqual("GGUF"u8)) throw new ModelException(Diagnostics.ModelMalformed, "this part of the model is no GGUF file");
                var header = GgufHeader.Read(stream, stream.Length);
                return header.Part == part && header.Parts == parts ? (header, stream.Length)
                    : throw new ModelException(Diagnostics.ModelMalformed, $"it says it is part {header.Part + 1} of {header.Parts}");
            });
        }
        catch (ModelException exception)
        {
            throw new ModelException(exception.Kind, $"{Quoted.Name(name)}: {exception.Message}", exception);
        }
    }

    private static void Add(List<Tensor> tensors, GgufHeader header, string? file)
    {
        foreach (var tensor in header.Tensors)
        {
            tensors.Add(new Tensor(
                tensor.Name, tensor.Type, tensor.Dims, tensor.Elements, tensor.Bytes, Place.Initializer, "",
                GgufRoles.Of(tensor.Name, tensor.Type, tensor.Elements, tensor.Dims.Length), GgufRoles.Module(tensor.Name), "")
            {
                Data = new DataRange(file, tensor.Offset, tensor.Bytes),
            });
        }
    }

    private static string? NameOf(string first, int part, int parts)
    {
        var name = Path.GetFileNameWithoutExtension(first);
        var ending = $"-{Number(1)}{Of}{Number(parts)}";
        return name.EndsWith(ending, StringComparison.Ordinal) ? $"{name[..^ending.Length]}-{Number(part + 1)}{Of}{Number(parts)}{Path.GetExtension(first)}" : null;
    }

    private static string Number(int part) => part.ToString(PartNumber, CultureInfo.InvariantCulture);
}
