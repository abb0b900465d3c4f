using System.Buffers;
using System.Security.Cryptography;
using ModelGate.Comparing;
using ModelGate.Models;

namespace ModelGate.Measuring;

/// <summary>A weight that is stored more than once.</summary>
/// <param name="First">The first that holds these bytes.</param>
/// <param name="Repeats">The others.</param>
public sealed record DuplicateWeight(Tensor First, IReadOnlyList<Tensor> Repeats)
{
    /// <summary>Bytes that the repeats take.</summary>
    public long WastedBytes => Repeats.Sum(static tensor => tensor.Bytes);
}

/// <summary>Finds weights that are stored more than once, byte for byte. Only those that another has the length of are read.</summary>
public static class DuplicateWeights
{
    private const int Smallest = 1024, BufferSize = 1 << 18;

    /// <summary>The weights of at least a kibibyte that are stored more than once, the most wasteful first.</summary>
    /// <exception cref="ModelException">A file cannot be read, or changed while it was.</exception>
    public static IReadOnlyList<DuplicateWeight> Of(ModelFile model, CancellationToken cancellation = default)
    {
        Tensor[] candidates =
        [
            .. model.Tensors.Where(static tensor => tensor is { IsParameter: true, Bytes: >= Smallest } && TensorContents.Has(tensor))
                .GroupBy(static tensor => tensor.Bytes).Where(static group => group.Skip(1).Any()).SelectMany(static group => group),
        ];
        if (candidates.Length == 0) return [];
        using var files = new WeightFiles(model);
        var digests = new string[candidates.Length];
        Threads.Each(candidates.Length, index => digests[index] = candidates[index].Data is { } data ? Digest(files, data, cancellation) : "", cancellation);
        AddOthers(model, candidates, digests, cancellation);
        files.CheckUnchanged();
        return
        [
            .. candidates.Select((tensor, index) => (tensor, digest: digests[index])).GroupBy(static each => each.digest, static each => each.tensor)
                .Where(static group => group.Skip(1).Any()).Select(static group => new DuplicateWeight(group.First(), [.. group.Skip(1)]))
                .OrderByDescending(static duplicate => duplicate.WastedBytes),
        ];
    }

    /// <summary>Elements of the repeats.</summary>
    public static long Elements(IReadOnlyList<DuplicateWeight> duplicates) => duplicates.Sum(static duplicate => duplicate.Repeats.Sum(static tensor => tensor.LogicalElements));

    // Those whose values are not one run of bytes: few and small, so one after the other.
    private static void AddOthers(ModelFile model, Tensor[] candidates, string[] digests, CancellationToken cancellation)
    {
        if (!Array.Exists(candidates, static tensor => tensor.Data is null)) return;
        using var contents = new TensorContents(Path.GetFullPath(model.Path));
        for (var index = 0; index < digests.Length; index++)
        {
            cancellation.ThrowIfCancellationRequested();
            if (candidates[index].Data is null) digests[index] = contents.Hash(candidates[index]) ?? $"unread {index}";
        }
    }

    private static string Digest(WeightFiles files, DataRange data, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            for (var at = 0L; at < data.Length; at += BufferSize)
            {
                cancellation.ThrowIfCancellationRequested();
                var part = buffer.AsSpan(0, (int)Math.Min(BufferSize, data.Length - at));
                files.Read(data, at, part);
                hash.AppendData(part);
            }
            return Convert.ToHexString(hash.GetHashAndReset());
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
