using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ModelGate.Compressing;

/// <summary>
/// Symmetric int8, one scale per channel: code = round half to even (value / scale), scale = absmax / 127. The codes are those of
/// ONNX's QuantizeLinear, the scale is that of ONNX Runtime's quantization tools (quant_utils.compute_scale_zp).
/// </summary>
internal static class ChannelCodes
{
    private const int Magnitude = 0x7FFF_FFFF, Infinity = 0x7F80_0000;

    // Adding 1.5·2²³ leaves the value, rounded half to even, in the lowest bits of the sum: two's complement, as the code wants it.
    private const float Rounding = 12_582_912f;
    private const float SmallestNormal = 1.17549435E-38f;

    // Values that one step of a loop converts: as many vectors of them as make one vector of codes.
    private static int Step => 4 * Vector<float>.Count;

    /// <summary>The scale of a channel.</summary>
    /// <param name="absmax">Its largest magnitude.</param>
    public static float Scale(float absmax)
    {
        var scale = (float)(2.0 * absmax / 254.0);
        return scale < SmallestNormal ? 1 : scale;
    }

    /// <summary>The largest magnitude among values; NaN where one of them is NaN or infinite.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float AbsMax(ReadOnlySpan<float> values) => Finite(LargestBits(values));

    /// <summary>Raises each column's largest magnitude (as bits) by a row of values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void RaiseAbsMax(ReadOnlySpan<float> row, Span<int> columns)
    {
        columns = columns[..row.Length];
        ref var source = ref MemoryMarshal.GetReference(MemoryMarshal.Cast<float, int>(row));
        ref var largest = ref MemoryMarshal.GetReference(columns);
        var magnitude = new Vector<int>(Magnitude);
        var width = Vector<int>.Count;
        var at = 0;
        for (; at <= columns.Length - (2 * width); at += 2 * width)
        {
            Vector.Max(Vector.LoadUnsafe(ref largest, (nuint)at), Vector.LoadUnsafe(ref source, (nuint)at) & magnitude).StoreUnsafe(ref largest, (nuint)at);
            Vector.Max(Vector.LoadUnsafe(ref largest, (nuint)(at + width)), Vector.LoadUnsafe(ref source, (nuint)(at + width)) & magnitude).StoreUnsafe(ref largest, (nuint)(at + width));
        }
        for (; at < columns.Length; at++) columns[at] = Math.Max(columns[at], BitConverter.SingleToInt32Bits(row[at]) & Magnitude);
    }

    /// <summary>A magnitude from its bits; NaN where they are those of NaN or infinity.</summary>
    public static float Finite(int bits) => bits < Infinity ? BitConverter.Int32BitsToSingle(bits) : float.NaN;

    /// <summary>
    /// The codes of values that share the scale of their largest magnitude. Returns the <see cref="AbsMax"/> of <paramref name="next"/>: what comes
    /// next is on its way from memory while this is computed.
    /// </summary>
    /// <param name="values">The values.</param>
    /// <param name="scale">Their scale.</param>
    /// <param name="codes">Where their codes go.</param>
    /// <param name="next">The next channel's values; empty after the last.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Quantize(ReadOnlySpan<float> values, float scale, Span<sbyte> codes, ReadOnlySpan<float> next = default)
    {
        codes = codes[..values.Length];
        ref var value = ref MemoryMarshal.GetReference(values);
        ref var ahead = ref MemoryMarshal.GetReference(MemoryMarshal.Cast<float, int>(next));
        ref var code = ref MemoryMarshal.GetReference(codes);
        var divisor = new Vector<float>(scale);
        var (first, second) = (Vector<int>.Zero, Vector<int>.Zero);
        int at = 0, width = Vector<float>.Count;
        for (; at <= Math.Min(values.Length, next.Length) - Step; at += Step)
        {
            (first, second) = Largest(ref ahead, at, first, second);
            Pack(
                Vector.LoadUnsafe(ref value, (nuint)at) / divisor, Vector.LoadUnsafe(ref value, (nuint)(at + width)) / divisor,
                Vector.LoadUnsafe(ref value, (nuint)(at + (2 * width))) / divisor, Vector.LoadUnsafe(ref value, (nuint)(at + (3 * width))) / divisor).StoreUnsafe(ref code, (nuint)at);
        }
        for (; at <= values.Length - Step; at += Step)
        {
            Pack(
                Vector.LoadUnsafe(ref value, (nuint)at) / divisor, Vector.LoadUnsafe(ref value, (nuint)(at + width)) / divisor,
                Vector.LoadUnsafe(ref value, (nuint)(at + (2 * width))) / divisor, Vector.LoadUnsafe(ref value, (nuint)(at + (3 * width))) / divisor).StoreUnsafe(ref code, (nuint)at);
        }
        for (; at < values.Length; at++) codes[at] = Code(values[at] / scale);
        return Finite(Math.Max(Largest(first, second), LargestBits(next[(Math.Min(values.Length, next.Length) / Step * Step)..])));
    }

    /// <summary>As <see cref="Quantize(ReadOnlySpan{float}, float, Span{sbyte}, ReadOnlySpan{float})"/>, and sums up what it does to the values.</summary>
    /// <param name="values">The values.</param>
    /// <param name="scale">Their scale.</param>
    /// <param name="codes">Where their codes go.</param>
    /// <param name="next">The next channel's values; empty after the last.</param>
    /// <param name="sums">What is added to.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float QuantizeAndWeigh(ReadOnlySpan<float> values, float scale, Span<sbyte> codes, ReadOnlySpan<float> next, ref RunSums sums)
    {
        codes = codes[..values.Length];
        ref var value = ref MemoryMarshal.GetReference(values);
        ref var ahead = ref MemoryMarshal.GetReference(MemoryMarshal.Cast<float, int>(next));
        ref var code = ref MemoryMarshal.GetReference(codes);
        var factor = new Vector<float>(scale);
        var (first, second, error) = (Vector<int>.Zero, Vector<int>.Zero, Vector<float>.Zero);
        int at = 0, width = Vector<float>.Count, both = Math.Min(values.Length, next.Length) - Step;
        while (at <= values.Length - Step)
        {
            var (signal, noise, restored, zeros) = (Vector<float>.Zero, Vector<float>.Zero, Vector<float>.Zero, Vector<byte>.Zero);
            var end = Math.Min(at + RunSums.Run, values.Length) - Step;
            for (; at <= end; at += Step)
            {
                if (at <= both) (first, second) = Largest(ref ahead, at, first, second);
                var packed = Vector.NarrowWithSaturation(
                    Vector.NarrowWithSaturation(
                        Weigh(Vector.LoadUnsafe(ref value, (nuint)at), factor, ref signal, ref noise, ref restored, ref error),
                        Weigh(Vector.LoadUnsafe(ref value, (nuint)(at + width)), factor, ref signal, ref noise, ref restored, ref error)),
                    Vector.NarrowWithSaturation(
                        Weigh(Vector.LoadUnsafe(ref value, (nuint)(at + (2 * width))), factor, ref signal, ref noise, ref restored, ref error),
                        Weigh(Vector.LoadUnsafe(ref value, (nuint)(at + (3 * width))), factor, ref signal, ref noise, ref restored, ref error)));
                zeros -= Vector.AsVectorByte(Vector.Equals(packed, Vector<sbyte>.Zero)); // −1 for each
                packed.StoreUnsafe(ref code, (nuint)at);
            }
            sums.Add(signal, noise, restored, zeros);
        }
        sums.Raise(error);
        for (; at < values.Length; at++)
        {
            codes[at] = Code(values[at] / scale);
            sums.Add(values[at], codes[at] * scale);
        }
        return Finite(Math.Max(Largest(first, second), LargestBits(next[(Math.Min(values.Length, next.Length) / Step * Step)..])));
    }

    /// <summary>The codes of a row of values that each have their column's scale.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Quantize(ReadOnlySpan<float> values, ReadOnlySpan<float> scales, Span<sbyte> codes)
    {
        scales = scales[..values.Length];
        codes = codes[..values.Length];
        ref var value = ref MemoryMarshal.GetReference(values);
        ref var divisor = ref MemoryMarshal.GetReference(scales);
        ref var code = ref MemoryMarshal.GetReference(codes);
        int at = 0, width = Vector<float>.Count;
        for (; at <= values.Length - Step; at += Step)
        {
            Pack(
                Vector.LoadUnsafe(ref value, (nuint)at) / Vector.LoadUnsafe(ref divisor, (nuint)at),
                Vector.LoadUnsafe(ref value, (nuint)(at + width)) / Vector.LoadUnsafe(ref divisor, (nuint)(at + width)),
                Vector.LoadUnsafe(ref value, (nuint)(at + (2 * width))) / Vector.LoadUnsafe(ref divisor, (nuint)(at + (2 * width))),
                Vector.LoadUnsafe(ref value, (nuint)(at + (3 * width))) / Vector.LoadUnsafe(ref divisor, (nuint)(at + (3 * width)))).StoreUnsafe(ref code, (nuint)at);
        }
        for (; at < values.Length; at++) codes[at] = Code(values[at] / scales[at]);
    }

    /// <summary>As <see cref="Quantize(ReadOnlySpan{float}, ReadOnlySpan{float}, Span{sbyte})"/>, and sums up what it does to the values.</summary>
    /// <param name="values">The values.</param>
    /// <param name="scales">A scale for each.</param>
    /// <param name="codes">Where their codes go.</param>
    /// <param name="sums">What is added to.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void QuantizeAndWeigh(ReadOnlySpan<float> values, ReadOnlySpan<float> scales, Span<sbyte> codes, ref RunSums sums)
    {
        scales = scales[..values.Length];
        codes = codes[..values.Length];
        ref var value = ref MemoryMarshal.GetReference(values);
        ref var factor = ref MemoryMarshal.GetReference(scales);
        ref var code = ref MemoryMarshal.GetReference(codes);
        var error = Vector<float>.Zero;
        int at = 0, width = Vector<float>.Count;
        while (at <= values.Length - Step)
        {
            var (signal, noise, restored, zeros) = (Vector<float>.Zero, Vector<float>.Zero, Vector<float>.Zero, Vector<byte>.Zero);
            var end = Math.Min(at + RunSums.Run, values.Length) - Step;
            for (; at <= end; at += Step)
            {
                var packed = Vector.NarrowWithSaturation(
                    Vector.NarrowWithSaturation(
                        Weigh(Vector.LoadUnsafe(ref value, (nuint)at), Vector.LoadUnsafe(ref factor, (nuint)at), ref signal, ref noise, ref restored, ref error),
                        Weigh(Vector.LoadUnsafe(ref value, (nuint)(at + width)), Vector.LoadUnsafe(ref factor, (nuint)(at + width)), ref signal, ref noise, ref restored, ref error)),
                    Vector.NarrowWithSaturation(
                        Weigh(Vector.LoadUnsafe(ref value, (nuint)(at + (2 * width))), Vector.LoadUnsafe(ref factor, (nuint)(at + (2 * width))), ref signal, ref noise, ref restored, ref error),
                        Weigh(Vector.LoadUnsafe(ref value, (nuint)(at + (3 * width))), Vector.LoadUnsafe(ref factor, (nuint)(at + (3 * width))), ref signal, ref noise, ref restored, ref error)));
                zeros -= Vector.AsVectorByte(Vector.Equals(packed, Vector<sbyte>.Zero));
                packed.StoreUnsafe(ref code, (nuint)at);
            }
            sums.Add(signal, noise, restored, zeros);
        }
        sums.Raise(error);
        for (; at < values.Length; at++)
        {
            codes[at] = Code(values[at] / scales[at]);
            sums.Add(values[at], codes[at] * scales[at]);
        }
    }

    /// <summary>Turns int8 codes into uint8 codes with the zero point 128.</summary>
    public static void FlipSigns(Span<byte> codes)
    {
        var at = 0;
        for (; at <= codes.Length - Vector<byte>.Count; at += Vector<byte>.Count)
            (new Vector<byte>(codes[at..]) ^ new Vector<byte>(0x80)).CopyTo(codes[at..]);
        for (; at < codes.Length; at++) codes[at] ^= 0x80;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int LargestBits(ReadOnlySpan<float> values)
    {
        ref var source = ref MemoryMarshal.GetReference(MemoryMarshal.Cast<float, int>(values));
        var (first, second) = (Vector<int>.Zero, Vector<int>.Zero);
        var at = 0;
        for (; at <= values.Length - Step; at += Step) (first, second) = Largest(ref source, at, first, second);
        var largest = Largest(first, second);
        for (; at < values.Length; at++) largest = Math.Max(largest, BitConverter.SingleToInt32Bits(values[at]) & Magnitude);
        return largest;
    }

    // A step of a search for the largest magnitude, as bits.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector<int> First, Vector<int> Second) Largest(ref int source, int at, Vector<int> first, Vector<int> second)
    {
        var width = Vector<int>.Count;
        var magnitude = new Vector<int>(Magnitude);
        return (
            Vector.Max(Vector.Max(first, Vector.LoadUnsafe(ref source, (nuint)at) & magnitude), Vector.LoadUnsafe(ref source, (nuint)(at + width)) & magnitude),
            Vector.Max(Vector.Max(second, Vector.LoadUnsafe(ref source, (nuint)(at + (2 * width))) & magnitude), Vector.LoadUnsafe(ref source, (nuint)(at + (3 * width))) & magnitude));
    }

    private static int Largest(Vector<int> first, Vector<int> second)
    {
        var both = Vector.Max(first, second);
        var largest = 0;
        for (var lane = 0; lane < Vector<int>.Count; lane++) largest = Math.Max(largest, both[lane]);
        return largest;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<int> Weigh(Vector<float> value, Vector<float> scale, ref Vector<float> signal, ref Vector<float> noise, ref Vector<float> restored, ref Vector<float> largest)
    {
        var rounding = new Vector<float>(Rounding);
        var code = (value / scale) + rounding;
        var back = (code - rounding) * scale;
        var error = value - back;
        signal = Vector.MultiplyAddEstimate(value, value, signal);
        noise = Vector.MultiplyAddEstimate(error, error, noise);
        restored = Vector.MultiplyAddEstimate(back, back, restored);
        largest = Vector.MaxNative(largest, Vector.Abs(error));
        return Vector.AsVectorInt32(code) - Vector.AsVectorInt32(rounding);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<sbyte> Pack(Vector<float> first, Vector<float> second, Vector<float> third, Vector<float> fourth)
    {
        var rounding = new Vector<float>(Rounding);
        var zero = Vector.AsVectorInt32(rounding);
        var low = Vector.NarrowWithSaturation(Vector.AsVectorInt32(first + rounding) - zero, Vector.AsVectorInt32(second + rounding) - zero);
        var high = Vector.NarrowWithSaturation(Vector.AsVectorInt32(third + rounding) - zero, Vector.AsVectorInt32(fourth + rounding) - zero);
        return Vector.NarrowWithSaturation(low, high);
    }

    private static sbyte Code(float value) => unchecked((sbyte)BitConverter.SingleToInt32Bits(value + Rounding));
}
