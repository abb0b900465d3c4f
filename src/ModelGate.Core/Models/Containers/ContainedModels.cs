using System.IO.Compression;
using ModelGate.Models.Safetensors;

namespace ModelGate.Models.Containers;

/// <summary>Finds models inside zip archives and .NET assemblies, by their content.</summary>
internal static class ContainedModels
{
    private const int MostEntries = 20_000;

    /// <summary>The models among the entries of a zip, and among the resources of the assemblies in it.</summary>
    /// <param name="entries">The entries.</param>
    /// <param name="package">Path of the zip.</param>
    /// <param name="allowance">How much may be inflated.</param>
    /// <exception cref="ModelException">An entry cannot be inflated or is not what the directory says, or there are more than are looked into.</exception>
    public static List<ContainedModel> InZip(IReadOnlyList<ZipArchiveEntry> entries, string package, InflationAllowance allowance)
    {
        if (entries.Count > MostEntries) throw new ModelException(Diagnostics.PackageUnreadable, $"it has {entries.Count} entries; at most {MostEntries} are looked into");
        List<ContainedModel> found = [];
        var beside = new ContainerFiles(entries, package, allowance);
        var isModel = SizeOnlyModels.IsZipped(entries); // then what cannot be measured in it is a part of it
        foreach (var entry in entries)
        {
            if (entry.Length > 0) AddFrom(entry);
        }
        return found;

        void AddFrom(ZipArchiveEntry entry)
        {
            EntryStream Open() => new(entry, allowance);

            using var stream = Open();
            var header = Header(stream);
            if (IsModel(header, entry.Length, entry.FullName, sizeOnly: !isModel))
                found.Add(new ContainedModel(entry.FullName, entry.Length) { Open = Open, Beside = beside });
            else if (header.AsSpan().StartsWith("MZ"u8))
                AddFromAssembly(stream, entry.FullName, Open);
        }

        void AddFromAssembly(EntryStream stream, string place, Func<EntryStream> open)
        {
            var models = InAssembly(stream, place, open, opensAnew: true);
            if (models.Count > 0) stream.Verify();
            found.AddRange(models);
        }
    }

    /// <summary>The models among the resources of an assembly.</summary>
    /// <param name="stream">The assembly.</param>
    /// <param name="place">What to call it; empty where it is the container itself.</param>
    /// <param name="open">Opens it.</param>
    /// <param name="opensAnew">True where that makes a stream of its own, to be disposed with the model.</param>
    public static List<ContainedModel> InAssembly(Stream stream, string place, Func<Stream> open, bool opensAnew)
    {
        List<ContainedModel> found = [];
        foreach (var resource in AssemblyResources.In(stream))
        {
            if (resource.Length == 0) continue;
            using var part = new PartOfStream(stream, resource.Offset, resource.Length, owns: false);
            if (IsModel(Header(part), resource.Length, resource.Name))
                found.Add(new ContainedModel($"{place}#{resource.Name}", resource.Length) { Open = () => new PartOfStream(open(), resource.Offset, resource.Length, opensAnew) });
        }
        return found;
    }

    /// <summary>True of the beginning of a model. ONNX has no magic number, so there the name has to agree, as for what only the size is known of; the others are told by theirs.</summary>
    /// <param name="header">The first <see cref="Content.HeaderLength"/> bytes, or all.</param>
    /// <param name="length">Bytes of the whole.</param>
    /// <param name="name">Its name.</param>
    /// <param name="sizeOnly">False to pass over what only the size is known of.</param>
    public static bool IsModel(ReadOnlySpan<byte> header, long length, string name, bool sizeOnly = true) => Content.Of(header, length).Format switch
    {
        null => SafetensorsIndex.IsIndex(header),
        ModelFormat.Other => sizeOnly && SizeOnlyModels.HasName(name),
        ModelFormat.Onnx => name.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase),
        _ => true,
    };

    private static byte[] Header(Stream stream)
    {
        var header = new byte[(int)Math.Min(Content.HeaderLength, stream.Length)];
        stream.ReadExactly(header);
        return header;
    }
}
