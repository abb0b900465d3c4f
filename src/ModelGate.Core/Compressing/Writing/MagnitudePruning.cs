using System.Runtime.InteropServices;

namespace ModelGate.Compressing;

/// <summary>Which weights of a model go: a share of all of them, those of the smallest magnitudes wherever they are.</summary>
/// <param name="percent">The share, in %.</param>
internal sealed class MagnitudePruning(int percent)
{
    private const int Block = 1 << 18;
    private const int Step = 5;

    private readonly List<(string Name, FileRange Values)> tensors = [];
    private bool isFound;
    private uint limit;
    private long ties;

    /// <summary>What every share would cost, in steps of 5 %; empty before the first weight has been pruned.</summary>
    public IReadOnlyList<PruningPoint> Curve { get; private set; } = [];

    /// <summary>Takes a tensor into account.</summary>
    public void Include(string name, FileRange values) => tensors.Add((name, values));

    /// <summary>Prunes weights; tensors come in the order in which they are written, whole.</summary>
    /// <exception cref="NotFiniteException">A weight of the model is NaN or infinite.</exception>
    public void Prune(Span<float> values, SourceFiles sources)
    {
        if (!isFound) Find(sources);
        ties = Zeroing.Below(values, limit, ties);
    }

    // Two passes: the first finds the bin that the limit lies in, the second the limit.
    private void Find(SourceFiles sources)
    {
        var histogram = new MagnitudeHistogram();
        ForEachBlock(sources, (name, part) =>
        {
            if (!histogram.TryAdd(part)) throw new NotFiniteException(name);
        });
        var rank = histogram.Count(percent);
        var (bin, below) = histogram.BinOf(rank);
        var counts = new long[1 << 16];
        ForEachBlock(sources, (_, part) => MagnitudeHistogram.Refine(part, bin, counts));
        var last = 0;
        for (; below + counts[last] <= rank && last < counts.Length - 1; last++) below += counts[last];
        (limit, ties, isFound) = ((uint)((bin << 16) | last), rank - below, true);
        Curve = [.. Enumerable.Range(1, 99 / Step).Select(step => histogram.At(step * Step))];
    }

    private delegate void Taker(string name, ReadOnlySpan<float> part);

    private void ForEachBlock(SourceFiles sources, Taker take)
    {
        var buffer = new float[Block];
        foreach (var (name, values) in tensors)
        {
            for (long at = 0; at < values.Length; at += Block * sizeof(float))
            {
                var part = buffer.AsSpan(0, (int)Math.Min(Block, (values.Length - at) / sizeof(float)));
                sources.Read(values, at, MemoryMarshal.AsBytes(part));
                take(name, part);
            }
        }
    }
}
