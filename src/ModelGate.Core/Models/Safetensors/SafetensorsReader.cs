namespace ModelGate.Models.Safetensors;

/// <summary>Lists the tensors of a safetensors file, or of all the files that an index names.</summary>
internal static class SafetensorsReader
{
    private const int FewElements = 4096;

    /// <summary>Reads a file that fills a seekable stream: its header, of the data the shapes of packed weights alone, and the configuration beside it where those leave open how weights are packed.</summary>
    /// <exception cref="ModelException">The file is damaged, or goes beyond a limit.</exception>
    public static ModelFile Read(Stream stream, long length, string path, FilesBeside beside)
    {
        var (tensors, notes) = (new List<Tensor>(), new ModelNotes(path));
        var header = SafetensorsHeader.Read(stream, length);
        var packing = new PackedTensors(header.Entries, new QuantizationSettings(path, beside));
        Add(tensors, header, packing, null, notes);
        foreach (var note in packing.Notes()) notes.Add(note);
        return new ModelFile(path, ModelFormat.Safetensors, length, tensors, [], notes.All());
    }

    /// <summary>Reads the index of a model in several files, and the header of each of them among the files beside it.</summary>
    /// <exception cref="ModelException">A file is missing, damaged, or does not hold what the index says.</exception>
    public static ModelFile ReadIndex(Stream stream, long length, string path, FilesBeside beside)
    {
        var index = SafetensorsIndex.Read(stream, length, path, beside);
        var (tensors, files, notes) = (new List<Tensor>(), new List<ExternalFile>(), new ModelNotes(path));
        var (headers, all) = (new List<SafetensorsHeader>(), new List<SafetensorsEntry>());
        foreach (var part in index.Parts)
        {
            var (header, bytes) = ReadPart(part, beside);
            if (all.Count + header.Entries.Count > Limits.Tensors) throw new ModelException(Diagnostics.ModelLimit, $"the files of the model together have more than {Limits.Tensors} tensors");
            files.Add(new ExternalFile(part.Path, bytes));
            headers.Add(header);
            all.AddRange(header.Entries);
        }
        var packing = new PackedTensors(all, new QuantizationSettings(path, beside)); // of one layer some may lie in a file and some in the next
        for (var number = 0; number < headers.Count; number++)
        {
            var (part, header) = (index.Parts[number], headers[number]);
            Add(tensors, header, packing, part.Path, notes);
            var listed = 0;
            foreach (var entry in header.Entries)
            {
                if (part.Names.Contains(entry.Name)) listed++;
                else notes.Add($"tensor {Quoted.Name(entry.Name)} of {Quoted.Name(part.Name)} is not in the index; it is stored, and was counted");
            }
            if (part.Names.Count - listed is > 0 and var absent)
                throw new ModelException(Diagnostics.ModelMalformed, $"the index names {(absent == 1 ? "a tensor" : $"{absent} tensors")} in {Quoted.Name(part.Name)} that {(absent == 1 ? "is" : "are")} not there");
        }
        foreach (var note in packing.Notes()) notes.Add(note);
        return new ModelFile(path, ModelFormat.Safetensors, length, tensors, files, notes.All());
    }

    private static void Add(List<Tensor> tensors, SafetensorsHeader header, PackedTensors packing, string? file, ModelNotes notes)
    {
        foreach (var entry in header.Entries)
        {
            var elements = Shapes.Elements(entry.Dims, static what => new ModelException(Diagnostics.ModelMalformed, what));
            var dot = entry.Name.LastIndexOf('.');
            var packed = packing.Find(entry, elements);
            var tensor = new Tensor(
                entry.Name, entry.Type, entry.Dims, elements, entry.End - entry.Begin, Place.Initializer, "",
                packed?.Role ?? SafetensorsRoles.Of(entry.Name, entry.Type, elements, entry.Dims.Length), dot < 0 ? "" : entry.Name[..dot], "")
            {
                LogicalElements = packed?.LogicalElements ?? elements,
                Data = new DataRange(file, header.DataOffset + entry.Begin, entry.End - entry.Begin),
            };
            tensors.Add(tensor);
            if (packed is null && IsOfBytes(tensor)) notes.Add($"tensor {Quoted.Name(entry.Name)} holds {elements} {entry.Type}, each of which counts as one weight; of packed weights it would hold more, and nothing beside it says so");
            if (MayBePacked(tensor)) notes.Add($"tensor {Quoted.Name(entry.Name)} holds {elements} {entry.Type} in {entry.Dims.Length} dimensions and is taken for indices; weights packed in a way that is not known would not be counted");
        }
    }

    // Weights of eight bits are signed, or have a scale for each row beside them.
    private static bool IsOfBytes(Tensor tensor) => tensor.IsParameter && tensor.Type == DataTypes.UInt8 && tensor.Elements > FewElements;

    // Indices of a model fill a row, or are of 64 bits.
    private static bool MayBePacked(Tensor tensor)
    {
        return tensor is { Role: Role.Index, Dims.Count: > 1, Type.Bits: 16 or 32, Elements: > FewElements };
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
