using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ModelGate.Measuring;

/// <summary>How often each byte stands at each place of an element, and so how small a coder that looks at single bytes could make them at best.</summary>
internal sealed class ByteHistogram
{
    private const int Widest = 8, Values = 256;

    private readonly long[] counts = new long[Widest * Values];

    // Two tables for elements in turns: neighbours mostly share a byte, and a processor waits for the count that it has just written.
    private readonly uint[] even = new uint[Widest * Values], odd = new uint[Widest * Values];

    /// <summary>Counts a run that begins with a whole element.</summary>
    /// <param name="width">Bytes of an element.</param>
    /// <param name="bytes">The run.</param>
    public void Add(int width, ReadOnlySpan<byte> bytes)
    {
        switch (width)
        {
            case 4: AddPairs<uint>(bytes); break;
            case 2: AddPairs<ushort>(bytes); break;
            case 1: AddPairs<byte>(bytes); break;
            default: AddPlaces(width, bytes); break;
        }
    }

    // Half as many as fit in a counter of 32 bits, so that none runs over.
    private void AddPairs<T>(ReadOnlySpan<byte> bytes) where T : unmanaged
    {
        const int Most = 1 << 30;
        for (; bytes.Length > Most; bytes = bytes[Most..]) AddPairs<T>(bytes[..Most]);
        var width = Unsafe.SizeOf<T>();
        var elements = MemoryMarshal.Cast<byte, T>(bytes);
        ref var first = ref MemoryMarshal.GetArrayDataReference(even);
        ref var second = ref MemoryMarshal.GetArrayDataReference(odd);
        var at = 0;
        for (; at + 1 < elements.Length; at += 2)
        {
            Count(ref first, elements[at]);
            Count(ref second, elements[at + 1]);
        }
        if (at < elements.Length) Count(ref first, elements[at]);
        for (var index = 0; index < width * Values; index++)
        {
            counts[index] += (long)even[index] + odd[index];
            (even[index], odd[index]) = (0, 0);
        }
    }

    // A byte is always within its table.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Count<T>(ref uint table, T element) where T : unmanaged
    {
        var bits = Unsafe.SizeOf<T>() switch { 4 => Unsafe.BitCast<T, uint>(element), 2 => Unsafe.BitCast<T, ushort>(element), _ => Unsafe.BitCast<T, byte>(element) };
        for (var place = 0; place < Unsafe.SizeOf<T>(); place++)
        {
            Unsafe.Add(ref table, (place * Values) + (int)(bits & 0xFF))++;
            bits >>= 8;
        }
    }

    private void AddPlaces(int width, ReadOnlySpan<byte> bytes)
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
