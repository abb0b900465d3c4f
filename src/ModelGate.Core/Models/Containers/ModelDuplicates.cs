using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using ModelGate.Models.Onnx;

namespace ModelGate.Models.Containers;

/// <summary>Models of a package that are there more than once.</summary>
internal static class ModelDuplicates
{
    private const int BufferSize = 1 << 18;

    /// <summary>
    /// How many models repeat another: byte for byte; or, where one of two keeps its weights in a file beside it, with the same tensors by
    /// name, type and shape and the same values in them, however they are stored. Only what could be a repeat is read. Lists of operators, such
    /// as the thresholds of trees, are compared by their length alone.
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

    // In the order of the bytes, so that each file is inflated once. Null where the values of a tensor stand in pieces: such a model repeats none.
    private static string? Digest(ReadModel each)
    {
        var tensors = InOrder(each.Structure).ToArray();
        var digests = new byte[tensors.Length][];
        foreach (var file in tensors.Index().Where(static tensor => tensor.Item.Bytes > 0 && PlaceOf(tensor.Item) >= 0).GroupBy(static tensor => tensor.Item.Data?.File))
        {
            using var stream = Open(each.Model, file.Key);
            foreach (var (index, tensor) in file.OrderBy(static tensor => PlaceOf(tensor.Item)))
            {
                if (Digest(stream, tensor) is not { } digest) return null;
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

    // Where its values are found in their file; -1 of a list of an operator's.
    private static long PlaceOf(Tensor tensor) => tensor.Data?.Offset ?? tensor.Stored?.Offset ?? -1;

    private static byte[]? Digest(ReadOnlyStream stream, Tensor tensor)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        if (tensor.Data is not { } data) return TypedValues.TryHash(stream, tensor, hash) ? hash.GetHashAndReset() : null;
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            stream.Position = data.Offset;
            for (var left = data.Length; left > 0;)
            {
                var part = buffer.AsSpan(0, (int)Math.Min(BufferSize, left));
                stream.ReadExactly(part);
                hash.AppendData(part);
                left -= part.Length;
            }
            return hash.GetHashAndReset();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static IEnumerable<Tensor> InOrder(ModelFile model) =>
        model.Tensors.OrderBy(static tensor => tensor.Graph, StringComparer.Ordinal).ThenBy(static tensor => tensor.Name, StringComparer.Ordinal);

    private sealed record ReadModel(ContainedModel Model, ModelFile Structure);
}
