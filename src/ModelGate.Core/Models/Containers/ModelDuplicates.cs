using System.Security.Cryptography;
using System.Text;
using ModelGate.Models.Onnx;

namespace ModelGate.Models.Containers;

/// <summary>Models of a package that are there more than once.</summary>
internal static class ModelDuplicates
{
    private const int PartLength = 1 << 14;

    /// <summary>
    /// How many models repeat another: byte for byte; or, where one of two keeps its weights in a file beside it, with the same tensors by
    /// name, type and shape and the same values in them, however they are stored. Only what could be a repeat is read.
    /// </summary>
    /// <param name="models">The models.</param>
    /// <param name="container">Path of the package.</param>
    /// <exception cref="ModelException">One is not what the package's directory says.</exception>
    public static long Count(IReadOnlyList<ContainedModel> models, string container)
    {
        List<ContainedModel> different = [];
        foreach (var group in models.GroupBy(static model => model.Length))
        {
            if (group.Skip(1).Any()) different.AddRange(group.GroupBy(static model => model.Checksum()).Select(static same => same.First()));
            else different.AddRange(group);
        }
        return models.Count - different.Count + CountByWeights(different, container);
    }

    private static long CountByWeights(List<ContainedModel> models, string container)
    {
        if (models.Count < 2) return 0;
        List<ReadModel> read = [];
        foreach (var model in models)
        {
            if (Read(model, container) is { } structure) read.Add(new(model, structure));
        }
        var repeats = 0L;
        foreach (var alike in read.GroupBy(static each => Declared(each.Structure)).Where(static group => group.Skip(1).Any() && group.Any(static each => each.Structure.ExternalFiles.Count > 0)))
            repeats += alike.Select(Digest).OfType<string>().GroupBy(static digest => digest).Sum(static same => (long)same.Count() - 1);
        return repeats;
    }

    // What cannot be read as a model repeats none; that it is damaged is for `inspect` to say. A container that lies is another thing.
    private static ModelFile? Read(ContainedModel model, string container)
    {
        try
        {
            return model.Read(container) is { Format: ModelFormat.Onnx } structure ? structure : null;
        }
        catch (ModelException exception) when (exception.Kind != Diagnostics.PackageUnreadable && exception.Kind != Diagnostics.ModelLimit)
        {
            return null;
        }
    }

    private static string Declared(ModelFile model)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var tensor in InOrder(model)) hash.AppendData(Encoding.UTF8.GetBytes($"{tensor.Graph}\0{tensor.Name}\0{tensor.Type}\0{string.Join(',', tensor.Dims)}\0{tensor.Operator}\n"));
        return Convert.ToHexString(hash.GetHashAndReset());
    }

    // In the order of the bytes, so that each file is inflated once. Null where the values of a tensor are not found as one: such a model repeats none.
    private static string? Digest(ReadModel each)
    {
        var tensors = InOrder(each.Structure).ToArray();
        if (tensors.Any(static tensor => tensor.Bytes > 0 && PlaceOf(tensor) is null)) return null;
        var digests = new byte[tensors.Length][];
        foreach (var file in tensors.Index().Where(static tensor => tensor.Item.Bytes > 0).GroupBy(static tensor => RunOf(tensor.Item)?.File))
        {
            using var stream = Open(each.Model, file.Key);
            var reader = new ProtobufReader(stream, stream.Length); // one for all: a second would begin before what the first has read ahead, and so anew
            foreach (var (index, tensor) in file.OrderBy(static tensor => PlaceOf(tensor.Item)))
            {
                var place = PlaceOf(tensor)!.Value;
                if (place < reader.Position) reader = new ProtobufReader(stream, stream.Length); // an attribute that holds lists of two types
                reader.Jump(place - reader.Position);
                if (Digest(reader, tensor) is not { } digest) return null;
                digests[index] = digest;
            }
        }
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var digest in digests) hash.AppendData(digest ?? []);
        return Convert.ToHexString(hash.GetHashAndReset());
    }

#pragma warning disable CA2000 // Who asks for it disposes it.
    private static ReadOnlyStream Open(ContainedModel model, string? file) =>
        file is null ? model.Open() : model.Beside.Open(file) ?? throw new ModelException(Diagnostics.PackageUnreadable, $"its entry {Quoted.Name(file)} is gone");
#pragma warning restore CA2000

    // Where its values are found in their file; null where they are not.
    private static long? PlaceOf(Tensor tensor) => RunOf(tensor)?.Offset ?? (tensor.Message is { Fields: not (ValueFields.Runs or ValueFields.FlatTexts), More.Count: 0 } message ? message.Offset : null);

    private static DataRange? RunOf(Tensor tensor) => tensor.Data ?? (tensor.Message is { Runs: [var only] } ? only : null);

    private static byte[]? Digest(ProtobufReader reader, Tensor tensor)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        if (RunOf(tensor) is not { } data) return MessageValues.TryHash(reader, tensor, hash) ? hash.GetHashAndReset() : null;
        for (var left = data.Length; left > 0;)
        {
            var part = reader.Take((int)Math.Min(PartLength, left));
            hash.AppendData(part);
            left -= part.Length;
        }
        return hash.GetHashAndReset();
    }

    private static IEnumerable<Tensor> InOrder(ModelFile model) =>
        model.Tensors.OrderBy(static tensor => tensor.Graph, StringComparer.Ordinal).ThenBy(static tensor => tensor.Name, StringComparer.Ordinal);

    private sealed record ReadModel(ContainedModel Model, ModelFile Structure);
}
