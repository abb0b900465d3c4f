using System.Runtime.InteropServices;

namespace ModelGate.Compressing;

/// <summary>Whether values are finite.</summary>
internal static class Finiteness
{
    private const int Block = 1 << 18;

    /// <summary>Some values of a tensor.</summary>
    /// <param name="values">All finite.</param>
    /// <param name="largest">The largest magnitude among them.</param>
    public delegate void FinitePart(ReadOnlySpan<float> values, float largest);

    /// <summary>Looks through float32 values.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <param name="values">Where they lie.</param>
    /// <param name="sources">The files.</param>
    /// <param name="look">Shown them part by part; null where nobody else wants to look.</param>
    /// <exception cref="NotFiniteException">One is NaN or infinite.</exception>
    public static void Check(string name, FileRange values, SourceFiles sources, FinitePart? look = null)
    {
        var source = new float[Block];
        for (long at = 0; at < values.Length; at += Block * sizeof(float))
        {
            var part = source.AsSpan(0, (int)Math.Min(Block, (values.Length - at) / sizeof(float)));
            sources.Read(values, at, MemoryMarshal.AsBytes(part));
            var largest = ChannelCodes.AbsMax(part);
            if (float.IsNaN(largest)) throw new NotFiniteException(name);
            look?.Invoke(part, largest);
        }
    }
}
