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

    // A product with 1 / scale is at most 127 · 1.5 · 2⁻²³ = 0.00003 from the quotient in float32, so it is rounded to the same code unless it
    // is nearly half-way between two. Then it is divided: a division takes as long as ten other steps.
    private const float Doubtful = 0.4999f;

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
        var (divisor, inverse, rounding) = (new Vector<float>(scale), new Vector<float>(1 / scale), new Vector<float>(Rounding));
        var (largest, other) = (Vector<int>.Zero, Vector<int>.Zero);
        int at = 0, width = Vector<float>.Count, both = Math.Min(values.Length, next.Length) - Step;
        for (; at <= values.Length - Step; at += Step)
        {
            if (at <= both) (largest, other) = Largest(ref ahead, at, largest, other);
            ref var from = ref Unsafe.Add(ref value, at);
            var (first, second) = (Vector.LoadUnsafe(ref from) * inverse, Vector.LoadUnsafe(ref from, (nuint)width) * inverse);
            var (third, fourth) = (Vector.LoadUnsafe(ref from, (nuint)(2 * width)) * inverse, Vector.LoadUnsafe(ref from, (nuint)(3 * width)) * inverse);
            var off = Vector.MaxNative(
                Vector.MaxNative(Off(first, rounding), Off(second, rounding)), Vector.MaxNative(Off(third, rounding), Off(fourth, rounding)));
            if (Vector.GreaterThanAny(off, new Vector<float>(Doubtful)))
            {
                (first, second) = (Vector.LoadUnsafe(ref from) / divisor, Vector.LoadUnsafe(ref from, (nuint)width) / divisor);
                (third, fourth) = (Vector.LoadUnsafe(ref from, (nuint)(2 * width)) / divisor, Vector.LoadUnsafe(ref from, (nuint)(3 * width)) / divisor);
            }
            Pack(first + rounding, second + rounding, third + rounding, fourth + rounding).StoreUnsafe(ref code, (nuint)at);
        }
        for (; at < values.Length; at++) codes[at] = Code(values[at] / scale);
        return Finite(Math.Max(Largest(largest, other), LargestBits(next[(Math.Min(values.Length, next.Length) / Step * Step)..])));
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
        var (factor, inverse, rounding, doubtful) = (new Vector<float>(scale), new Vector<float>(1 / scale), new Vector<float>(Rounding), new Vector<float>(Doubtful * scale));
        var (largest, other, error) = (Vector<int>.Zero, Vector<int>.Zero, Vector<float>.Zero);
        int at = 0, width = Vector<float>.Count, both = Math.Min(values.Length, next.Length) - Step;
        while (at <= values.Length - Step)
        {
            var (signal, noise, cross, zeros) = (Vector<float>.Zero, Vector<float>.Zero, Vector<float>.Zero, Vector<byte>.Zero);
            var end = Math.Min(at + RunSums.Run, values.Length) - Step;
            for (; at <= end; at += Step)
            {
                if (at <= both) (largest, other) = Largest(ref ahead, at, largest, other);
                ref var from = ref Unsafe.Add(ref value, at);
                var (first, second) = ((Vector.LoadUnsafe(ref from) * inverse) + rounding, (Vector.LoadUnsafe(ref from, (nuint)width) * inverse) + rounding);
                var (third, fourth) = ((Vector.LoadUnsafe(ref from, (nuint)(2 * width)) * inverse) + rounding, (Vector.LoadUnsafe(ref from, (nuint)(3 * width)) * inverse) + rounding);
                var (a, b) = (Vector.LoadUnsafe(ref from) - Restored(first, factor), Vector.LoadUnsafe(ref from, (nuint)width) - Restored(second, factor));
                var (c, d) = (Vector.LoadUnsafe(ref from, (nuint)(2 * width)) - Restored(third, factor), Vector.LoadUnsafe(ref from, (nuint)(3 * width)) - Restored(fourth, factor));
                var off = Vector.MaxNative(Vector.MaxNative(Vector.Abs(a), Vector.Abs(b)), Vector.MaxNative(Vector.Abs(c), Vector.Abs(d)));
                if (Vector.GreaterThanAny(off, doubtful))
                {
                    (first, second) = ((Vector.LoadUnsafe(ref from) / factor) + rounding, (Vector.LoadUnsafe(ref from, (nuint)width) / factor) + rounding);
                    (third, fourth) = ((Vector.LoadUnsafe(ref from, (nuint)(2 * width)) / factor) + rounding, (Vector.LoadUnsafe(ref from, (nuint)(3 * width)) / factor) + rounding);
                    (a, b) = (Vector.LoadUnsafe(ref from) - Restored(first, factor), Vector.LoadUnsafe(ref from, (nuint)width) - Restored(second, factor));
                    (c, d) = (Vector.LoadUnsafe(ref from, (nuint)(2 * width)) - Restored(third, factor), Vector.LoadUnsafe(ref from, (nuint)(3 * width)) - Restored(fourth, factor));
                    off = Vector.MaxNative(Vector.MaxNative(Vector.Abs(a), Vector.Abs(b)), Vector.MaxNative(Vector.Abs(c), Vector.Abs(d)));
                }
                error = Vector.MaxNative(error, off);
                (signal, noise, cross) = Weigh(Vector.LoadUnsafe(ref from), a, signal, noise, cross);
                (signal, noise, cross) = Weigh(Vector.LoadUnsafe(ref from, (nuint)width), b, signal, noise, cross);
                (signal, noise, cross) = Weigh(Vector.LoadUnsafe(ref from, (nuint)(2 * width)), c, signal, noise, cross);
                (signal, noise, cross) = Weigh(Vector.LoadUnsafe(ref from, (nuint)(3 * width)), d, signal, noise, cross);
                var packed = Pack(first, second, third, fourth);
                zeros -= Vector.AsVectorByte(Vector.Equals(packed, Vector<sbyte>.Zero)); // −1 for each
                packed.StoreUnsafe(ref code, (nuint)at);
            }
            sums.Add(signal, noise, cross, zeros);
        }
        sums.Raise(error);
        for (; at < values.Length; at++)
        {
            codes[at] = Code(values[at] / scale);
            sums.Add(values[at], codes[at] * scale);
        }
        return Finite(Math.Max(Largest(largest, other), LargestBits(next[(Math.Min(values.Length, next.Length) / Step * Step)..])));
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
        var rounding = new Vector<float>(Rounding);
        int at = 0, width = Vector<float>.Count;
        for (; at <= values.Length - Step; at += Step)
        {
            Pack(
                (Vector.LoadUnsafe(ref value, (nuint)at) / Vector.LoadUnsafe(ref divisor, (nuint)at)) + rounding,
                (Vector.LoadUnsafe(ref value, (nuint)(at + width)) / Vector.LoadUnsafe(ref divisor, (nuint)(at + width))) + rounding,
                (Vector.LoadUnsafe(ref value, (nuint)(at + (2 * width))) / Vector.LoadUnsafe(ref divisor, (nuint)(at + (2 * width)))) + rounding,
                (Vector.LoadUnsafe(ref value, (nuint)(at + (3 * width))) / Vector.LoadUnsafe(ref divisor, (nuint)(at + (3 * width)))) + rounding).StoreUnsafe(ref code, (nuint)at);
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
            var (signal, noise, cross, zeros) = (Vector<float>.Zero, Vector<float>.Zero, Vector<float>.Zero, Vector<byte>.Zero);
            var end = Math.Min(at + RunSums.Run, values.Length) - Step;
            for (; at <= end; at += Step)
            {
                var first = Coded(ref value, ref factor, at, ref signal, ref noise, ref cross, ref error);
                var second = Coded(ref value, ref factor, at + width, ref signal, ref noise, ref cross, ref error);
                var third = Coded(ref value, ref factor, at + (2 * width), ref signal, ref noise, ref cross, ref error);
                var fourth = Coded(ref value, ref factor, at + (3 * width), ref signal, ref noise, ref cross, ref error);
                var packed = Pack(first, second, third, fourth);
                zeros -= Vector.AsVectorByte(Vector.Equals(packed, Vector<sbyte>.Zero));
                packed.StoreUnsafe(ref code, (nuint)at);
            }
            sums.Add(signal, noise, cross, zeros);
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

    // How far a quotient is from the code that it is rounded to.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> Off(Vector<float> quotient, Vector<float> rounding) => Vector.Abs(quotient - (quotient + rounding - rounding));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> Restored(Vector<float> rounded, Vector<float> scale) => (rounded - new Vector<float>(Rounding)) * scale;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector<float> Signal, Vector<float> Noise, Vector<float> Cross) Weigh(Vector<float> value, Vector<float> error, Vector<float> signal, Vector<float> noise, Vector<float> cross) =>
        (Vector.MultiplyAddEstimate(value, value, signal), Vector.MultiplyAddEstimate(error, error, noise), Vector.MultiplyAddEstimate(value, error, cross));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> Coded(ref float values, ref float scales, int at, ref Vector<float> signal, ref Vector<float> noise, ref Vector<float> cross, ref Vector<float> largest)
    {
        var (value, scale) = (Vector.LoadUnsafe(ref values, (nuint)at), Vector.LoadUnsafe(ref scales, (nuint)at));
        var rounded = (value / scale) + new Vector<float>(Rounding);
        var error = value - Restored(rounded, scale);
        (signal, noise, cross) = Weigh(value, error, signal, noise, cross);
        largest = Vector.MaxNative(largest, Vector.Abs(error));
        return rounded;
    }

    // The codes are the lowest bits of what Rounding was added to.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<sbyte> Pack(Vector<float> first, Vector<float> second, Vector<float> third, Vector<float> fourth)
    {
        var zero = Vector.AsVectorInt32(new Vector<float>(Rounding));
        var low = Vector.NarrowWithSaturation(Vector.AsVectorInt32(first) - zero, Vector.AsVectorInt32(second) - zero);
        var high = Vector.NarrowWithSaturation(Vector.AsVectorInt32(third) - zero, Vector.AsVectorInt32(fourth) - zero);
        return Vector.NarrowWithSaturation(low, high);
    }

    private static sbyte Code(float value) => unchecked((sbyte)BitConverter.SingleToInt32Bits(value + Rounding));
}
