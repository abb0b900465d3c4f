using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ModelGate.Compressing;

/// <summary>Sets weights to zero.</summary>
internal static class Zeroing
{
    private const uint Magnitude = 0x7FFF_FFFF;

    /// <summary>Zeroes what is smaller than a magnitude, and the first <paramref name="ties"/> that equal it; returns how many ties are left to zero.</summary>
    /// <param name="values">Weights, all finite.</param>
    /// <param name="limit">The magnitude, as bits.</param>
    /// <param name="ties">How many of those that equal it go.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static long Below(Span<float> values, uint limit, long ties)
    {
        var source = MemoryMarshal.Cast<float, uint>(values);
        var at = 0;
        var (magnitude, least) = (new Vector<uint>(Magnitude), new Vector<uint>(limit));
        var width = Vector<uint>.Count;
        for (; at <= source.Length - width; at += width)
        {
            var bits = new Vector<uint>(source[at..]);
            if (ties > 0 && Vector.EqualsAny(bits & magnitude, least)) ties = One(source.Slice(at, width), limit, ties);
            else (bits & Vector.GreaterThanOrEqual(bits & magnitude, least)).CopyTo(source[at..]);
        }
        return One(source[at..], limit, ties);
    }

    /// <summary>Zeroes the two smallest of every four weights that are <paramref name="inner"/> apart; of equal ones those that come first.</summary>
    /// <param name="values">Weights of shape [groups, 4, inner], all finite.</param>
    /// <param name="inner">Values from one weight of a group to the next.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void TwoOfFour(Span<float> values, int inner)
    {
        for (var group = 0; group < values.Length; group += 4 * inner)
        {
            for (var at = group; at < group + inner; at++)
            {
                var (first, second, third, fourth) = (values[at], values[at + inner], values[at + (2 * inner)], values[at + (3 * inner)]);
                var (a, b, c, d) = (MathF.Abs(first), MathF.Abs(second), MathF.Abs(third), MathF.Abs(fourth));
                // A weight stays where at most one of the others comes before it.
                values[at] = Before(b, a) + Before(c, a) + Before(d, a) < 2 ? first : 0;
                values[at + inner] = 1 - Before(b, a) + Before(c, b) + Before(d, b) < 2 ? second : 0;
                values[at + (2 * inner)] = 2 - Before(c, a) - Before(c, b) + Before(d, c) < 2 ? third : 0;
                values[at + (3 * inner)] = 3 - Before(d, a) - Before(d, b) - Before(d, c) < 2 ? fourth : 0;
            }
        }
    }

    // 1 where the later of two weights is kept rather than the earlier one.
    private static int Before(float later, float earlier) => later >= earlier ? 1 : 0;

    private static long One(Span<uint> bits, uint limit, long ties)
    {
        foreach (ref var value in bits)
        {
            var magnitude = value & Magnitude;
            if (magnitude > limit || (magnitude == limit && ties-- <= 0)) continue;
            value = 0;
        }
        return Math.Max(0, ties);
    }
}
