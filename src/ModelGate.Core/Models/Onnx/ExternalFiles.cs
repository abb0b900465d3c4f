using System.Globalization;

namespace ModelGate.Models.Onnx;

/// <summary>
/// The files of external data that a model refers to. Their bytes are not read: only whether they are there, where they lie and how long they are.
/// </summary>
/// <param name="modelPath">Path of the model.</param>
/// <param name="beside">The files beside it.</param>
internal sealed class ExternalFiles(string modelPath, FilesBeside beside)
{
    private const int Listed = 10;

    private readonly string model = Path.GetFullPath(modelPath);
    private readonly Dictionary<string, FileOfData> byLocation = new(StringComparer.Ordinal);
    private readonly Dictionary<string, FileOfData> byPath = new(FilePaths.Comparer);
    private readonly List<string> missing = [];

    /// <summary>The files, each once, in the order the model names them.</summary>
    public IReadOnlyList<ExternalFile> Files => [.. byPath.Values.Where(file => file.Exists).Select(file => new ExternalFile(file.Path, file.Length) { Checksum = file.Checksum })];

    /// <summary>Those of the files that another name of the disk leads to as well, with the number of their names (CVE-2026-34446).</summary>
    public List<HardLink> HardLinked()
    {
        List<HardLink> linked = [];
        foreach (var file in byPath.Values)
        {
            if (file.Exists && FileIdentity.Of(file.Path) is { Names: > 1 and var names }) linked.Add(new(file.Path, names));
        }
        return linked;
    }

    /// <summary>Finds the file that a tensor names.</summary>
    /// <exception cref="ModelException">The location is refused.</exception>
    public FileOfData Locate(StoredTensor tensor, string name)
    {
        var location = tensor.External?.Location;
        if (string.IsNullOrEmpty(location))
            throw ProtobufReader.Malformed(tensor.Offset, $"tensor {Quoted.Name(name)} says that its data is external, and not where");
        if (!byLocation.TryGetValue(location, out var file))
        {
            if (byLocation.Count == Limits.FilesBeside) throw new ModelException(Diagnostics.ModelLimit, $"at byte {tensor.Offset}: the model names more than {Limits.FilesBeside} files beside itself");
            file = Find(location, what => new ModelException(
                Diagnostics.ExternalDataRefused, $"at byte {tensor.Offset}: tensor {Quoted.Name(name)} keeps its data in {Quoted.Name(location)}, {what}"));
            byLocation.Add(location, file);
        }
        return file;
    }

    /// <summary>Takes the bytes of a tensor; null where another tensor has been given the same ones.</summary>
    /// <exception cref="ModelException">The range is not in the file.</exception>
    public DataRange? Take(StoredTensor tensor, string name, long bytes)
    {
        var file = Locate(tensor, name);
        var offset = Number(tensor.External!.Offset, "offset", OutOfRange) ?? 0;
        var length = Number(tensor.External.Length, "length", OutOfRange) ?? bytes;
        if (length != bytes && length != 0)
            throw OutOfRange($"needs {bytes} bytes but names {length} of");
        file.Checksum ??= tensor.External.Checksum;
        var range = new DataRange(file.Path, offset, bytes);
        if (!file.Exists) return range;
        if (offset > file.Length || bytes > file.Length - offset)
            throw OutOfRange($"needs {bytes} bytes from {offset}, beyond the end ({file.Length}) of");
        return bytes == 0 || file.Ranges.TryAdd((offset, bytes), name) ? range : null;

        ModelException OutOfRange(string what) => new(Diagnostics.ExternalDataRange, $"at byte {tensor.Offset}: tensor {Quoted.Name(name)} {what} {Quoted.Name(tensor.External!.Location!)}");
    }

    /// <summary>Ends the reading.</summary>
    /// <exception cref="ModelException">Files are missing, or tensors overlap.</exception>
    public void Check()
    {
        if (missing.Count > 0)
        {
            var more = missing.Count > Listed ? $" and {missing.Count - Listed} more" : "";
            throw new ModelException(Diagnostics.ExternalDataMissing, $"{(missing.Count == 1 ? "a file" : $"{missing.Count} files")} of external data not found beside the model: {string.Join(", ", missing.Take(Listed).Select(Quoted.Name))}{more}");
        }
        foreach (var file in byPath.Values)
        {
            var end = 0L;
            foreach (var ((offset, bytes), name) in file.Ranges.OrderBy(range => range.Key.Offset))
            {
                if (offset < end)
                    throw new ModelException(Diagnostics.ExternalDataRange, $"tensor {Quoted.Name(name)} overlaps another at byte {offset} of {Quoted.Name(file.Path)}");
                end = offset + bytes;
            }
        }
    }

    private FileOfData Find(string location, Func<string, ModelException> refused)
    {
        var path = Siblings.Locate(model, location, refused);
        if (byPath.TryGetValue(path, out var known)) return known;
        var length = beside.LengthOf(path);
        var file = new FileOfData(path, length is not null, length ?? 0);
        if (!file.Exists) missing.Add(location);
        byPath.Add(path, file);
        return file;
    }

    private static long? Number(string? text, string what, Func<string, ModelException> outOfRange) =>
        text is null ? null
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : throw outOfRange($"has the {what} {Quoted.Name(text)} in");

    /// <summary>A file with several names.</summary>
    internal sealed record HardLink(string Path, long Names);

    /// <summary>A file of external data, and which of its bytes belong to a tensor.</summary>
    internal sealed record FileOfData(string Path, bool Exists, long Length)
    {
        public Dictionary<(long Offset, long Bytes), string> Ranges { get; } = [];

        public string? Checksum { get; set; }
    }
}
