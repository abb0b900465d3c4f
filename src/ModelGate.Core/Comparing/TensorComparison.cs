using System.Runtime.InteropServices;
using ModelGate.Compressing;
using ModelGate.Models;

namespace ModelGate.Comparing;

/// <summary>
/// The tensors of two models held against each other: by name, and where that finds other bytes by type, shape and content, so that a tensor
/// that only goes by another name is told as that; what is left over by what it weighs and is used for (<see cref="TensorPairs"/>). Values are streamed; memory follows the number of tensors.
/// </summary>
/// <param name="Tensors">Each tensor of either model once: those of the second in file order, then those that it lacks.</param>
public sealed record TensorComparison(IReadOnlyList<ComparedTensor> Tensors)
{
    /// <summary>Parameters of the second model that are not, byte for byte, in the first under whatever name: all of a tensor where anything of it differs.</summary>
    public long ChangedParameters => Tensors.Where(IsNew).Where(static one => one.After!.IsParameter).Sum(static one => one.After!.LogicalElements);

    /// <summary>Parameters of the second model.</summary>
    public long Parameters => Tensors.Where(static one => one.After is { IsParameter: true }).Sum(static one => one.After!.LogicalElements);

    /// <summary>Share of the second model's parameters that the first has as well, 0 to 1; 1 where there are none.</summary>
    public double SharedShare => Parameters == 0 ? 1 : 1 - ((double)ChangedParameters / Parameters);

    /// <summary>Bytes of the second model's tensors that the first lacks: what a delta has to ship, names and graph apart.</summary>
    public long DeltaSize => Tensors.Where(IsNew).Sum(static one => one.After!.Bytes);

    /// <summary>How many tensors have become something, and their bytes.</summary>
    public (int Count, long Bytes) Of(TensorChange change) =>
        (Tensors.Count(one => one.Change == change), Tensors.Where(one => one.Change == change).Sum(static one => one.Tensor.Bytes));

    /// <summary>Compares two models whose tensors are read.</summary>
    /// <exception cref="ModelException">A file is not what it was when its structure was read.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static TensorComparison Of(ModelFile before, ModelFile after, CancellationToken cancellation = default)
    {
        using var old = new TensorContents(Path.GetFullPath(before.Path));
        using var now = new TensorContents(Path.GetFullPath(after.Path));
        return new Run(old, now, cancellation).Compare(before.Tensors, after.Tensors);
    }

    private static bool IsNew(ComparedTensor one) => one.Change is TensorChange.Changed or TensorChange.Added or TensorChange.Unread;

    // With the bytes: two sparse tensors of one shape may store unlike many values, as two texts may have unlike many letters.
    private static string ShapeOf(Tensor tensor) => $"{tensor.Type}[{string.Join(',', tensor.Dims)}] {tensor.Bytes}";

    private sealed class Run(TensorContents before, TensorContents after, CancellationToken cancellation)
    {
        public TensorComparison Compare(IReadOnlyList<Tensor> old, IReadOnlyList<Tensor> now)
        {
            var byName = new TensorPairs(old, now).ByName();
            ComparedTensor?[] named = new ComparedTensor?[now.Count];
            Alike?[] same = new Alike?[now.Count];
            var contents = new ContentIndex(old, before);
            HashSet<Tensor> kept = new(ReferenceEqualityComparer.Instance);
            for (int i = 0; i < now.Count; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                if (byName.Before(now[i]) is { } paired)
                    named[i] = Compare(paired, now[i]);
                same[i] = named[i]?.Change is TensorChange.Identical or TensorChange.Unread || !TensorContents.Has(now[i]) ? null : contents.Find(now[i], after);
                // Where a name stands for the content of another tensor, what it stood for may stand elsewhere itself.
                if (same[i] is null && named[i] is { } settled)
                    kept.Add(settled.Before!);
            }

            for (int i = 0; i < now.Count; i++)
            {
                if (same[i] is { } alike)
                    named[i] = alike.Take(kept) is { } source ? new(TensorChange.Renamed, source, now[i]) : new(TensorChange.Copied, alike.First, now[i]);
            }

            return new(WithTheRest(old, now, named));
        }

        private List<ComparedTensor> WithTheRest(IReadOnlyList<Tensor> old, IReadOnlyList<Tensor> now, ComparedTensor?[] known)
        {
            var told = known.Select(static one => one?.Before).OfType<Tensor>().ToHashSet<Tensor>(ReferenceEqualityComparer.Instance);
            var byUse = new TensorPairs(old.Where(tensor => !told.Contains(tensor)), now.Where((_, i) => known[i] is null)).ByUse();
            return
            [
                .. now.Select((tensor, i) => known[i] ?? (byUse.Before(tensor) is { } paired ? Compare(paired, tensor) : new(TensorChange.Added, null, tensor))),
                .. byUse.Gone.Select(static tensor => new ComparedTensor(TensorChange.Removed, tensor, null)),
            ];
        }

        private ComparedTensor Compare(Tensor old, Tensor now)
        {
            if (ShapeOf(old) != ShapeOf(now))
                return new(TensorChange.Changed, old, now);
            if (!TensorContents.Has(old) || !TensorContents.Has(now))
                return new(TensorChange.Unread, old, now);
            bool hasWholeBytes = now.Type.Bits > 0 && now.Type.Bits % 8 == 0; // blocks and strings have no width of their own
            if (!hasWholeBytes || before.Find(old) is not { } source || after.Find(now) is not { } target)
                return new(before.Hash(old) is { } was && after.Hash(now) is { } became ? was == became ? TensorChange.Identical : TensorChange.Changed : TensorChange.Unread, old, now);

            long changed = 0;
            var fidelity = now.Type == DataTypes.Float32 ? new WeightFidelity() : null;
            for (long at = 0; at < source.Length;)
            {
                cancellation.ThrowIfCancellationRequested();
                var was = before.Read(source, at);
                var isNow = after.Read(target, at);
                if (!was.SequenceEqual(isNow))
                    changed += Different(was, isNow, now.Type.Bits / 8);
                fidelity?.Add(MemoryMarshal.Cast<byte, float>(was), MemoryMarshal.Cast<byte, float>(isNow), isNow);
                at += was.Length;
            }

            return changed == 0 ? new(TensorChange.Identical, old, now) : new(TensorChange.Changed, old, now) { ValuesChanged = changed, Fidelity = fidelity };
        }

        private static long Different(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other, int size)
        {
            long different = 0;
            for (int at = 0; at < one.Length; at += size)
                different += one.Slice(at, size).SequenceEqual(other.Slice(at, size)) ? 0 : 1;
            return different;
        }
    }

    /// <summary>Tensors with the same bytes, in file order.</summary>
    private sealed class Alike(Tensor[] tensors)
    {
        private int next;

        public Tensor First => tensors[0];

        /// <summary>The next one that is not kept, each once; null where there is none left.</summary>
        public Tensor? Take(HashSet<Tensor> kept)
        {
            while (next < tensors.Length)
            {
                var tensor = tensors[next++];
                if (!kept.Contains(tensor))
                    return tensor;
            }

            return null;
        }
    }

    /// <summary>
    /// A model's tensors by type, shape and content. Of a tensor no more is read than tells it from those that are sought: nothing where
    /// none has its type and shape, the first bytes where those differ, and else all of it, once.
    /// </summary>
    private sealed class ContentIndex(IReadOnlyList<Tensor> tensors, TensorContents contents)
    {
        private readonly ILookup<string, Tensor> byShape = tensors.ToLookup(ShapeOf);
        private readonly Dictionary<string, ILookup<string, Tensor>> byOpening = [];
        private readonly Dictionary<(string, string), Dictionary<string, Alike>> byHash = [];

        /// <summary>The tensors that hold the same bytes as one of another model; null where none does.</summary>
        public Alike? Find(Tensor sought, TensorContents other)
        {
            string shape = ShapeOf(sought);
            if (!byShape.Contains(shape))
                return null;
            if (!byOpening.TryGetValue(shape, out var openings))
                byOpening.Add(shape, openings = byShape[shape].Where(TensorContents.Has).ToLookup(contents.Opening));
            string opening = other.Opening(sought);
            if (!openings.Contains(opening))
                return null;
            if (!byHash.TryGetValue((shape, opening), out var hashes))
                byHash.Add((shape, opening), hashes = openings[opening].GroupBy(tensor => contents.Hash(tensor) ?? "").ToDictionary(static group => group.Key, static group => new Alike([.. group])));
            return other.Hash(sought) is { } hash ? hashes.GetValueOrDefault(hash) : null;
        }
    }
}
