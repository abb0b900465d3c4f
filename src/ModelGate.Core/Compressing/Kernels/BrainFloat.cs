using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ModelGate.Compressing;

/// <summary>float32 to bfloat16, rounded half to even: the upper half of a float32, plus one where the lower half says so.</summary>
internal static class BrainFloat
{
    private const uint Magnitude = 0x7FFF_FFFF, Infinity = 0x7F80_0000;

    // The largest value that does not round up to infinity, and what everything beyond it becomes.
    private const uint Largest = 0x7F7F_0000;

    /// <summary>Converts values; false where one of them is NaN or infinite, and then the result means nothing. What would round to infinity becomes the largest finite value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool TryNarrow(ReadOnlySpan<float> values, Span<ushort> brains)
    {
        brains = brains[..values.Length];
        ref var source = ref MemoryMarshal.GetReference(MemoryMarshal.Cast<float, uint>(values));
        ref var brain = ref MemoryMarshal.GetReference(MemoryMarshal.Cast<ushort, short>(brains));
        int at = 0, width = Vector<uint>.Count;
        var seen = Vector<uint>.Zero;
        for (; at <= values.Length - (2 * width); at += 2 * width)
        {
            if (at % 32 == 0) Ahead.Fetch(ref Unsafe.As<uint, float>(ref Unsafe.Add(ref source, at)));
            var low = Vector.LoadUnsafe(ref source, (nuint)at);
            var high = Vector.LoadUnsafe(ref source, (nuint)(at + width));
            seen = Vector.Max(seen, Vector.Max(low & new Vector<uint>(Magnitude), high & new Vector<uint>(Magnitude)));
            Narrowing.ToInt16(Narrow(low), Narrow(high)).StoreUnsafe(ref brain, (nuint)at);
        }
        uint largest = 0;
        for (var lane = 0; lane < width; lane++) largest = Math.Max(largest, seen[lane]);
        for (; at < values.Length; at++)
        {
            var bits = BitConverter.SingleToUInt32Bits(values[at]);
            largest = Math.Max(largest, bits & Magnitude);
            brains[at] = Narrow(bits);
        }
        return largest < Infinity;
    }

    /// <summary>The values that bfloat16 bits stand for.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Widen(ReadOnlySpan<ushort> brains, Span<float> values)
    {
        values = values[..brains.Length];
        var at = 0;
        var width = Vector<float>.Count;
        for (; at <= brains.Length - (2 * width); at += 2 * width)
        {
            Vector.Widen(new Vector<ushort>(brains[at..]), out var low, out var high);
            Vector.AsVectorSingle(Vector.ShiftLeft(low, 16)).CopyTo(values[at..]);
            Vector.AsVectorSingle(Vector.ShiftLeft(high, 16)).CopyTo(values[(at + width)..]);
        }
        for (; at < brains.Length; at++) values[at] = BitConverter.UInt32BitsToSingle((uint)brains[at] << 16);
    }

    // The sign is shifted in from above, so that narrowing with saturation, for which processors have one instruction, keeps the lower half as it is.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<int> Narrow(Vector<uint> bits)
    {
        var magnitude = bits & new Vector<uint>(Magnitude);
        var rounded = magnitude + new Vector<uint>(0x7FFF) + (Vector.ShiftRightLogical(magnitude, 16) & Vector<uint>.One);
        return Vector.ShiftRightArithmetic(Vector.AsVectorInt32(Vector.Min(rounded, new Vector<uint>(Largest | 0xFFFF)) | (bits & new Vector<uint>(0x8000_0000))), 16);
    }

    private static ushort Narrow(uint bits)
    {
        var magnitude = bits & Magnitude;
        var rounded = magnitude + 0x7FFF + ((magnitude >> 16) & 1);
        return (ushort)((Math.Min(rounded, Largest | 0xFFFF) | (bits & 0x8000_0000)) >> 16);
    }
}
