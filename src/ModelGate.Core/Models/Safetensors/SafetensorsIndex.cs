using System.Text.Json;

namespace ModelGate.Models.Safetensors;

/// <summary>One file of a model in several, and the tensors that the index seeks in it.</summary>
internal sealed record SafetensorsPart(string Name, string Path)
{
    /// <summary>Names of its tensors.</summary>
    public HashSet<string> Names { get; } = new(StringComparer.Ordinal);
}

/// <summary>The index of a model in several files (<c>model.safetensors.index.json</c>, as Hugging Face's libraries write it): which tensor is in which file.</summary>
internal sealed class SafetensorsIndex
{
    private const int MostParts = 10_000;

    private readonly string model;
    private readonly Dictionary<string, SafetensorsPart> byLocation = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SafetensorsPart> byPath = new(FilePaths.Comparer);
    private readonly List<SafetensorsPart> parts = [];
    private readonly HashSet<string> names = new(StringComparer.Ordinal);
    private bool hasMap;

    private SafetensorsIndex(string path) => model = Path.GetFullPath(path);

    /// <summary>Its files, each once, in the order it names them.</summary>
    public IReadOnlyList<SafetensorsPart> Parts => parts;

    /// <summary>True where the beginning of a JSON document looks like an index.</summary>
    public static bool IsIndex(ReadOnlySpan<byte> header) =>
        header.Length > 0 && header[0] == (byte)'{' && (header.IndexOf("\"weight_map\""u8) >= 0 || header.IndexOf("\"total_size\""u8) >= 0);

    /// <summary>Reads an index that fills a seekable stream, and finds its files.</summary>
    /// <exception cref="ModelException">It is damaged, or names a file that is missing or out of its folder.</exception>
    public static SafetensorsIndex Read(Stream stream, long length, string path, FilesBeside beside)
    {
        if (length > SafetensorsHeader.Longest)
            throw new ModelException(Diagnostics.ModelLimit, $"the index is {length} bytes long; at most {SafetensorsHeader.Longest} are read");
        var json = new byte[(int)length];
        stream.Position = 0;
        stream.ReadExactly(json);
        var index = new SafetensorsIndex(path);
        JsonDocuments.Reading("the index", json, index.Parse);
        if (!index.hasMap) throw new ModelException(Diagnostics.ModelMalformed, "the index has no weight_map: it is truncated, or no index of a model");
        if (index.parts.Count == 0) throw new ModelException(Diagnostics.ModelMalformed, "the weight_map of the index names no tensor");
        var missing = index.parts.FindAll(part => !beside.Has(part.Path));
        return missing.Count == 0 ? index : throw new ModelException(Diagnostics.ExternalDataMissing,
            $"{(missing.Count == 1 ? "a file" : $"{missing.Count} files")} of the model not found beside its index: {string.Join(", ", missing.Take(10).Select(static part => Quoted.Name(part.Name)))}");
    }

    private void Parse(ref Utf8JsonReader json)
    {
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var key = JsonDocuments.Text(ref json, Limits.NameLength);
            json.Read();
            if (key != "weight_map")
            {
                json.Skip();
                continue;
            }
            if (hasMap || json.TokenType != JsonTokenType.StartObject) throw new ModelException(Diagnostics.ModelMalformed, "the weight_map of the index stands twice, or is no object");
            hasMap = true;
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName) ParseTensor(ref json);
        }
    }

    private void ParseTensor(ref Utf8JsonReader json)
    {
        var name = JsonDocuments.Text(ref json, Limits.NameLength);
        if (!names.Add(name)) throw new ModelException(Diagnostics.ModelMalformed, $"the index names tensor {Quoted.Name(name)} twice");
        if (names.Count > Limits.Tensors) throw new ModelException(Diagnostics.ModelLimit, $"the index names more than {Limits.Tensors} tensors");
        json.Read();
        if (json.TokenType != JsonTokenType.String || JsonDocuments.Text(ref json, Limits.NameLength) is not { Length: > 0 } location)
            throw new ModelException(Diagnostics.ModelMalformed, $"the index names no file for tensor {Quoted.Name(name)}");
        if (!byLocation.TryGetValue(location, out var part)) byLocation.Add(location, part = Find(name, location));
        part.Names.Add(name);
    }

    private SafetensorsPart Find(string tensor, string location)
    {
        if (byLocation.Count == MostParts) throw new ModelException(Diagnostics.ModelLimit, $"the index names more than {MostParts} files");
        var path = Siblings.Locate(model, location, what => new ModelException(Diagnostics.ExternalDataRefused, $"tensor {Quoted.Name(tensor)} is kept in {Quoted.Name(location)}, {what}"));
        if (byPath.TryGetValue(path, out var part)) return part;
        part = new SafetensorsPart(location, path);
        byPath.Add(path, part);
        parts.Add(part);
        return part;
    }
}
