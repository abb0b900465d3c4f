using System.Runtime.InteropServices;

namespace ModelGate.Compressing;

/// <summary>Whether values are finite.</summary>
internal static class Finiteness
{
    private const int Block = 1 << 18;

    /// <summary>Looks through float32 values.</summary>
    /// <exception cref="NotFiniteException">One is NaN or infinite.</exception>
    public static void Check(string name, FileRange values, SourceFiles sources)
    {
        var source = new float[Block];
        for (long at = 0; at < values.Length; at += Block * sizeof(float))
        {
            var part = source.AsSpan(0, (int)Math.Min(Block, (values.Length - at) / sizeof(float)));
            sources.Read(values, at, MemoryMarshal.AsBytes(part));
            if (float.IsNaN(ChannelCodes.AbsMax(part))) throw new NotFiniteException(name);
        }
    }
}
