namespace ModelGate.Models.Safetensors;

/// <summary>Lists the tensors of a safetensors file, or of all the files that an index names.</summary>
internal static class SafetensorsReader
{
    /// <summary>Reads a file that fills a seekable stream: its header alone.</summary>
    /// <exception cref="ModelException">The file is damaged, or goes beyond a limit.</exception>
    public static ModelFile Read(Stream stream, long length, string path)
    {
        var tensors = new List<Tensor>();
        Add(tensors, SafetensorsHeader.Read(stream, length), null);
        return new ModelFile(path, ModelFormat.Safetensors, length, tensors, [], []);
    }

    /// <summary>Reads the index of a model in several files, and the header of each of them among the files beside it.</summary>
    /// <exception cref="ModelException">A file is missing, damaged, or does not hold what the index says.</exception>
    public static ModelFile ReadIndex(Stream stream, long length, string path, FilesBeside beside)
    {
        var index = SafetensorsIndex.Read(stream, length, path, beside);
        var (tensors, files, notes) = (new List<Tensor>(), new List<ExternalFile>(), new ModelNotes(path));
        foreach (var part in index.Parts)
        {
            var (header, bytes) = ReadPart(part, beside);
            if (tensors.Count + header.Entries.Count > Limits.Tensors) throw new ModelException(Diagnostics.ModelLimit, $"the files of the model together have more than {Limits.Tensors} tensors");
            files.Add(new ExternalFile(part.Path, bytes));
            Add(tensors, header, part.Path);
            var listed = 0;
            foreach (var entry in header.Entries)
            {
                if (part.Names.Contains(entry.Name)) listed++;
                else notes.Add($"tensor {Quoted.Name(entry.Name)} of {Quoted.Name(part.Name)} is not in the index; it is stored, and was counted");
            }
            if (part.Names.Count - listed is > 0 and var absent)
                throw new ModelException(Diagnostics.ModelMalformed, $"the index names {(absent == 1 ? "a tensor" : $"{absent} tensors")} in {Quoted.Name(part.Name)} that {(absent == 1 ? "is" : "are")} not there");
        }
        return new ModelFile(path, ModelFormat.Safetensors, length, tensors, files, notes.All());
    }

    private static void Add(List<Tensor> tensors, SafetensorsHeader header, string? file)
    {
        var packing = new PackedIntegers(header.Entries);
        foreach (var entry in header.Entries)
        {
            var elements = Shapes.Elements(entry.Dims, static what => new ModelException(Diagnostics.ModelMalformed, what));
            var dot = entry.Name.LastIndexOf('.');
            tensors.Add(new Tensor(
                entry.Name, entry.Type, entry.Dims, elements, entry.End - entry.Begin, Place.Initializer, "",
                SafetensorsRoles.Of(entry.Name, entry.Type, elements, entry.Dims.Length), dot < 0 ? "" : entry.Name[..dot], "")
            {
                LogicalElements = packing.LogicalElements(entry) ?? elements,
                Data = new DataRange(file, header.DataOffset + entry.Begin, entry.End - entry.Begin),
            });
        }
    }

    // What is wrong in a part is told with the part's name.
    private static (SafetensorsHeader Header, long Length) ReadPart(SafetensorsPart part, FilesBeside beside)
    {
        try
        {
            return beside.Read(part.Path, static stream => (SafetensorsHeader.Read(stream, stream.Length), stream.Length));
        }
        catch (ModelException exception)
        {
            throw new ModelException(exception.Kind, $"{Quoted.Name(part.Name)}: {exception.Message}", exception);
        }
    }
}
