namespace ModelGate.Measuring.Weights;

/// <summary>How often each byte stands at each place of an element, and so how small a coder that looks at single bytes could make them at best.</summary>
internal sealed class ByteHistogram
{
    private const int Widest = 8, Values = 256;

    private readonly long[] counts = new long[Widest * Values];

    /// <summary>Counts a run that begins with a whole element.</summary>
    /// <param name="width">Bytes of an element.</param>
    /// <param name="bytes">The run.</param>
    public void Add(int width, ReadOnlySpan<byte> bytes)
    {
        for (var place = 0; place < width; place++)
        {
            var at = counts.AsSpan(place * Values, Values);
            for (var index = place; index < bytes.Length; index += width) at[bytes[index]]++;
        }
    }

    /// <summary>Adds what another has counted.</summary>
    public void Add(ByteHistogram other)
    {
        for (var index = 0; index < counts.Length; index++) counts[index] += other.counts[index];
    }

    /// <summary>Shannon's bound in bytes: the sum of the entropies of all places.</summary>
    public double Bound()
    {
        var bits = 0.0;
        for (var place = 0; place < Widest; place++)
        {
            var at = counts.AsSpan(place * Values, Values);
            var total = 0L;
            foreach (var count in at) total += count;
            foreach (var count in at)
            {
                if (count > 0) bits -= count * Math.Log2((double)count / total);
            }
        }
        return bits / 8;
    }
}
