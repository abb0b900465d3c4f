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
            if (at % Step == 0) Ahead.Fetch(ref Unsafe.As<int, float>(ref Unsafe.Add(ref source, at)));
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
    public static float Quantize(ReadOnlySpan<float> values, float scale, Span<sbyte> codes, ReadOnlySpan<float> next = default) => Finite(LargestOfNext(values, scale, codes, next));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int LargestOfNext(ReadOnlySpan<float> values, float scale, Span<sbyte> codes, ReadOnlySpan<float> next)
    {
        codes = codes[..values.Length];
        ref var value = ref MemoryMarshal.GetReference(values);
        ref var ahead = ref MemoryMarshal.GetReference(MemoryMarshal.Cast<float, int>(next));
        ref var code = ref MemoryMarshal.GetReference(codes);
        var (divisor, inverse, rounding, doubtful) = (new Vector<float>(scale), new Vector<float>(1 / scale), new Vector<float>(Rounding), new Vector<float>(Doubtful * scale));
        var (largest, other) = (Vector<int>.Zero, Vector<int>.Zero);
        int at = 0, width = Vector<float>.Count, both = Math.Min(values.Length, next.Length) - Step;
        for (; at <= values.Length - Step; at += Step)
        {
            if (at <= both) (largest, other) = Largest(ref ahead, at, largest, other);
            ref var from = ref Unsafe.Add(ref value, at);
            var (a, b, c, d) = (Vector.LoadUnsafe(ref from), Vector.LoadUnsafe(ref from, (nuint)width), Vector.LoadUnsafe(ref from, (nuint)(2 * width)), Vector.LoadUnsafe(ref from, (nuint)(3 * width)));
            var (first, second) = (Vector.MultiplyAddEstimate(a, inverse, rounding), Vector.MultiplyAddEstimate(b, inverse, rounding));
            var (third, fourth) = (Vector.MultiplyAddEstimate(c, inverse, rounding), Vector.MultiplyAddEstimate(d, inverse, rounding));
            var off = Vector.MaxNative(
                Vector.MaxNative(Off(a, first, divisor), Off(b, second, divisor)), Vector.MaxNative(Off(c, third, divisor), Off(d, fourth, divisor)));
            if (Vector.GreaterThanAny(off, doubtful))
                (first, second, third, fourth) = ((a / divisor) + rounding, (b / divisor) + rounding, (c / divisor) + rounding, (d / divisor) + rounding);
            Pack(first, second, third, fourth).StoreUnsafe(ref code, (nuint)at);
        }
        for (; at < values.Length; at++) codes[at] = Code(values[at] / scale);
        return Math.Max(Largest(largest, other), LargestBits(next[(Math.Min(values.Length, next.Length) / Step * Step)..]));
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
        var largest = 0;
        for (var at = 0; at < values.Length; at += RunSums.Run)
        {
            // One loop for both would need more registers than there are.
            var run = values.Slice(at, Math.Min(RunSums.Run, values.Length - at));
            var ahead = next[Math.Min(at, next.Length)..];
            ahead = ahead[..Math.Min(run.Length, ahead.Length)];
            largest = Math.Max(largest, LargestOfNext(run, scale, codes[at..], ahead));
            Weighing.Add(run, scale, codes.Slice(at, run.Length), ref MemoryMarshal.GetReference(next.IsEmpty ? run : ahead), ref sums);
        }
        return Finite(Math.Max(largest, LargestBits(next[Math.Min(values.Length, next.Length)..])));
    }

    /// <summary>What <see cref="Quantize(ReadOnlySpan{float}, ReadOnlySpan{float}, ReadOnlySpan{float}, Span{sbyte})"/> multiplies with: 1 / scale.</summary>
    public static float[] Inverses(ReadOnlySpan<float> scales)
    {
        var inverses = new float[scales.Length];
        for (var column = 0; column < scales.Length; column++) inverses[column] = 1 / scales[column];
        return inverses;
    }

    /// <summary>The codes of a row of values that each have their column's scale.</summary>
    /// <param name="values">The values.</param>
    /// <param name="scales">A scale for each.</param>
    /// <param name="inverses">The <see cref="Inverses"/> of the scales.</param>
    /// <param name="codes">Where their codes go.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Quantize(ReadOnlySpan<float> values, ReadOnlySpan<float> scales, ReadOnlySpan<float> inverses, Span<sbyte> codes)
    {
        scales = scales[..values.Length];
        inverses = inverses[..values.Length];
        codes = codes[..values.Length];
        ref var value = ref MemoryMarshal.GetReference(values);
        ref var divisor = ref MemoryMarshal.GetReference(scales);
        ref var inverse = ref MemoryMarshal.GetReference(inverses);
        ref var code = ref MemoryMarshal.GetReference(codes);
        int at = 0, width = Vector<float>.Count;
        for (; at <= values.Length - Step; at += Step)
        {
            Ahead.Fetch(ref Unsafe.Add(ref value, at));
            var (first, off) = Rounded(ref value, ref inverse, at);
            var (second, off2) = Rounded(ref value, ref inverse, at + width);
            var (third, off3) = Rounded(ref value, ref inverse, at + (2 * width));
            var (fourth, off4) = Rounded(ref value, ref inverse, at + (3 * width));
            if (Vector.GreaterThanAny(Vector.MaxNative(Vector.MaxNative(off, off2), Vector.MaxNative(off3, off4)), new Vector<float>(Doubtful)))
            {
                (first, second) = (Divided(ref value, ref divisor, at), Divided(ref value, ref divisor, at + width));
                (third, fourth) = (Divided(ref value, ref divisor, at + (2 * width)), Divided(ref value, ref divisor, at + (3 * width)));
            }
            Pack(first, second, third, fourth).StoreUnsafe(ref code, (nuint)at);
        }
        for (; at < values.Length; at++) codes[at] = Code(values[at] / scales[at]);
    }

    /// <summary>As <see cref="Quantize(ReadOnlySpan{float}, ReadOnlySpan{float}, ReadOnlySpan{float}, Span{sbyte})"/>, and sums up what it does to the values.</summary>
    /// <param name="values">The values.</param>
    /// <param name="scales">A scale for each.</param>
    /// <param name="inverses">The <see cref="Inverses"/> of the scales.</param>
    /// <param name="codes">Where their codes go.</param>
    /// <param name="sums">What is added to.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void QuantizeAndWeigh(ReadOnlySpan<float> values, ReadOnlySpan<float> scales, ReadOnlySpan<float> inverses, Span<sbyte> codes, ref RunSums sums)
    {
        for (var at = 0; at < values.Length; at += RunSums.Run)
        {
            var run = values.Slice(at, Math.Min(RunSums.Run, values.Length - at));
            Quantize(run, scales[at..], inverses[at..], codes[at..]);
            Weighing.Add(run, scales.Slice(at, run.Length), codes.Slice(at, run.Length), ref sums);
        }
    }

    /// <summary>Turns int8 codes into uint8 codes with the zero point 128.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
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
        Ahead.Fetch(ref Unsafe.As<int, float>(ref Unsafe.Add(ref source, at)));
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

    // How far a value is from what its code stands for.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> Off(Vector<float> value, Vector<float> rounded, Vector<float> scale) =>
        Vector.Abs(Vector.MultiplyAddEstimate(new Vector<float>(Rounding) - rounded, scale, value));

    // The code of each value of a vector, in the lowest bits, and how far its quotient is from it.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector<float> Rounded, Vector<float> Off) Rounded(ref float values, ref float inverses, int at)
    {
        var rounding = new Vector<float>(Rounding);
        var quotient = Vector.LoadUnsafe(ref values, (nuint)at) * Vector.LoadUnsafe(ref inverses, (nuint)at);
        var rounded = quotient + rounding;
        return (rounded, Vector.Abs(quotient - (rounded - rounding)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> Divided(ref float values, ref float scales, int at) =>
        (Vector.LoadUnsafe(ref values, (nuint)at) / Vector.LoadUnsafe(ref scales, (nuint)at)) + new Vector<float>(Rounding);

    // The codes are the lowest bits of what Rounding was added to.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<sbyte> Pack(Vector<float> first, Vector<float> second, Vector<float> third, Vector<float> fourth)
    {
        var zero = Vector.AsVectorInt32(new Vector<float>(Rounding));
        return Narrowing.ToInt8(Vector.AsVectorInt32(first) - zero, Vector.AsVectorInt32(second) - zero, Vector.AsVectorInt32(third) - zero, Vector.AsVectorInt32(fourth) - zero);
    }

    private static sbyte Code(float value) => unchecked((sbyte)BitConverter.SingleToInt32Bits(value + Rounding));
}
