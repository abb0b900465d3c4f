using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ModelGate.Compressing;

/// <summary>
/// float32 to float16, rounded half to even as ONNX's Cast does it, and clamped so that nothing finite is lost: what would vanish
/// becomes the smallest subnormal (2⁻²⁴), what would overflow ±65504. The clamp is that of onnxconverter-common.
/// </summary>
internal static class HalfPrecision
{
    private const uint Magnitude = 0x7FFF_FFFF, Infinity = 0x7F80_0000;
    private const uint Largest = 0x477F_E000; // 65504
    private const uint SmallestNormal = 0x3880_0000; // 2⁻¹⁴

    /// <summary>Converts values; false where one of them is NaN or infinite, and then the result means nothing.</summary>
    public static bool TryNarrow(ReadOnlySpan<float> values, Span<ushort> halves) => TryNarrow(values, halves, out _);

    /// <summary>The same, and the largest magnitude among them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool TryNarrow(ReadOnlySpan<float> values, Span<ushort> halves, out float magnitude)
    {
        halves = halves[..values.Length];
        ref var source = ref MemoryMarshal.GetReference(MemoryMarshal.Cast<float, uint>(values));
        ref var half = ref MemoryMarshal.GetReference(MemoryMarshal.Cast<ushort, short>(halves));
        int at = 0, width = Vector<uint>.Count;
        var seen = Vector<uint>.Zero;
        for (; at <= values.Length - (2 * width); at += 2 * width)
        {
            if (at % 32 == 0) Ahead.Fetch(ref Unsafe.As<uint, float>(ref Unsafe.Add(ref source, at)));
            var low = Vector.LoadUnsafe(ref source, (nuint)at);
            var high = Vector.LoadUnsafe(ref source, (nuint)(at + width));
            seen = Vector.Max(seen, Vector.Max(low & new Vector<uint>(Magnitude), high & new Vector<uint>(Magnitude)));
            Narrowing.ToInt16(Narrow(low), Narrow(high)).StoreUnsafe(ref half, (nuint)at);
        }
        uint largest = 0;
        for (var lane = 0; lane < width; lane++) largest = Math.Max(largest, seen[lane]);
        for (; at < values.Length; at++)
        {
            var bits = BitConverter.SingleToUInt32Bits(values[at]);
            largest = Math.Max(largest, bits & Magnitude);
            halves[at] = Narrow(bits);
        }
        magnitude = BitConverter.UInt32BitsToSingle(largest);
        return largest < Infinity;
    }

    /// <summary>The values that finite float16 bits stand for.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Widen(ReadOnlySpan<ushort> halves, Span<float> values)
    {
        values = values[..halves.Length];
        var at = 0;
        var width = Vector<float>.Count;
        for (; at <= halves.Length - (2 * width); at += 2 * width)
        {
            Vector.Widen(new Vector<ushort>(halves[at..]), out var low, out var high);
            Widen(low).CopyTo(values[at..]);
            Widen(high).CopyTo(values[(at + width)..]);
        }
        for (; at < halves.Length; at++) values[at] = (float)BitConverter.UInt16BitsToHalf(halves[at]);
    }

    // Moved into place, the exponent is 112 too small; multiplying by 2¹¹² is exact, for subnormals too.
    private static Vector<float> Widen(Vector<uint> halves)
    {
        var magnitude = Vector.AsVectorSingle(Vector.ShiftLeft(halves & new Vector<uint>(0x7FFF), 13)) * new Vector<float>(5.192296858534828e33f);
        return Vector.AsVectorSingle(Vector.AsVectorUInt32(magnitude) | Vector.ShiftLeft(halves & new Vector<uint>(0x8000), 16));
    }

    // Adding the power of two that is 13 binary places above the value's own makes the addition round to float16's precision; what is
    // left is to move the exponent. A subnormal is rounded at 2⁻¹⁴'s precision, as float16 does. The sign is spread over the upper half, so
    // that narrowing with saturation, for which processors have one instruction, keeps the lower half as it is.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<int> Narrow(Vector<uint> bits)
    {
        var magnitude = bits & new Vector<uint>(Magnitude);
        var clamped = Vector.Min(magnitude, new Vector<uint>(Largest));
        var offset = (Vector.Max(clamped, new Vector<uint>(SmallestNormal)) & new Vector<uint>(Infinity)) + new Vector<uint>(13u << 23);
        var rounded = Vector.AsVectorUInt32(Vector.AsVectorSingle(clamped) + Vector.AsVectorSingle(offset)) - new Vector<uint>(126u << 23);
        var half = (rounded + Vector.ShiftRightLogical(rounded, 13)) & new Vector<uint>(0x7FFF);
        half = Vector.Max(half, Vector.Min(magnitude, Vector<uint>.One)); // never zero for what is not zero
        return Vector.AsVectorInt32(half) | (Vector.ShiftRightArithmetic(Vector.AsVectorInt32(bits), 16) & new Vector<int>(short.MinValue));
    }

    private static ushort Narrow(uint bits)
    {
        var magnitude = bits & Magnitude;
        var clamped = Math.Min(magnitude, Largest);
        var offset = (Math.Max(clamped, SmallestNormal) & Infinity) + (13u << 23);
        var rounded = BitConverter.SingleToUInt32Bits(BitConverter.UInt32BitsToSingle(clamped) + BitConverter.UInt32BitsToSingle(offset)) - (126u << 23);
        var half = Math.Max((rounded + (rounded >> 13)) & 0x7FFF, Math.Min(magnitude, 1));
        return (ushort)(half | ((bits >> 16) & 0x8000));
    }
}
