using System.Runtime.InteropServices;
using ModelGate.Compressing;
using ModelGate.Models;

namespace ModelGate.Comparing;

/// <summary>
/// The tensors of two models held against each other: by name first, and what is left over by type, shape and content, so that a tensor
/// that was only renamed is told as that. Values are streamed; memory follows the number of tensors.
/// </summary>
/// <param name="Tensors">Each tensor of either model once: those of the second in file order, then those that it lacks.</param>
public sealed record TensorComparison(IReadOnlyList<ComparedTensor> Tensors)
{
    /// <summary>Parameters of the second model that are not, byte for byte, in the first: all of a tensor where anything of it differs.</summary>
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
        using var old = new TensorContents(before);
        using var now = new TensorContents(after);
        return new Run(old, now, cancellation).Compare(before.Tensors, after.Tensors);
    }

    private static bool IsNew(ComparedTensor one) => one.Change is TensorChange.Changed or TensorChange.Added or TensorChange.Unread;

    private sealed class Run(TensorContents before, TensorContents after, CancellationToken cancellation)
    {
        public TensorComparison Compare(IReadOnlyList<Tensor> old, IReadOnlyList<Tensor> now)
        {
            var byName = new Leftovers<(string, string)>(old, static tensor => (tensor.Graph, tensor.Name));
            Tensor?[] paired = [.. now.Select(byName.Take)];
            // Only what could be the same is read: type and shape tell most apart.
            HashSet<string> wanted = [.. now.Where((_, i) => paired[i] is null).Select(ShapeOf)];
            var byShape = byName.Rest.Where(tensor => wanted.Contains(ShapeOf(tensor)) && before.Find(tensor) is not null).GroupBy(ShapeOf).ToDictionary(static group => group.Key, group => new Leftovers<string>([.. group], tensor => before.Hash(before.Find(tensor)!)));
            HashSet<Tensor> renamed = new(ReferenceEqualityComparer.Instance);
            List<ComparedTensor> tensors = [];
            for (int i = 0; i < now.Count; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                if (paired[i] is { } same)
                {
                    tensors.Add(Compare(same, now[i]));
                }
                else
                {
                    var source = after.Find(now[i]) is { } range && byShape.TryGetValue(ShapeOf(now[i]), out var alike) ? alike.Take(after.Hash(range)) : null;
                    if (source is not null)
                        renamed.Add(source);
                    tensors.Add(new(source is null ? TensorChange.Added : TensorChange.Renamed, source, now[i]));
                }
            }

            tensors.AddRange(byName.Rest.Where(tensor => !renamed.Contains(tensor)).Select(static tensor => new ComparedTensor(TensorChange.Removed, tensor, null)));
            return new(tensors);
        }

        private static string ShapeOf(Tensor tensor) => $"{tensor.Type}[{string.Join(',', tensor.Dims)}]";

        private ComparedTensor Compare(Tensor old, Tensor now)
        {
            if (ShapeOf(old) != ShapeOf(now))
                return new(TensorChange.Changed, old, now);
            if (before.Find(old) is not { } source || after.Find(now) is not { } target)
                return new(TensorChange.Unread, old, now);
            bool hasWholeBytes = now.Type.Bits > 0 && now.Type.Bits % 8 == 0; // blocks and strings have no width of their own
            if (!hasWholeBytes || source.Length != target.Length || source.Length != now.Bytes)
                return new(source.Length == target.Length && before.Hash(source) == after.Hash(target) ? TensorChange.Identical : TensorChange.Changed, old, now);

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

    /// <summary>Tensors by a key, each to be taken once; of several with one key the first comes first.</summary>
    private sealed class Leftovers<TKey>(IReadOnlyList<Tensor> tensors, Func<Tensor, TKey> keyOf) where TKey : notnull
    {
        private readonly Dictionary<TKey, Queue<Tensor>> byKey = tensors.GroupBy(keyOf).ToDictionary(static group => group.Key, static group => new Queue<Tensor>(group));
        private readonly HashSet<Tensor> taken = new(ReferenceEqualityComparer.Instance);

        public IEnumerable<Tensor> Rest => tensors.Where(tensor => !taken.Contains(tensor));

        public Tensor? Take(Tensor like) => Take(keyOf(like));

        public Tensor? Take(TKey key)
        {
            if (!byKey.TryGetValue(key, out var queue) || !queue.TryDequeue(out var tensor))
                return null;
            taken.Add(tensor);
            return tensor;
        }
    }
}
