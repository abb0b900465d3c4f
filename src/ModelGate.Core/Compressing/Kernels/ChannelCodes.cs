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

    /// <summary>The scale of a channel.</summary>
    /// <param name="absmax">Its largest magnitude.</param>
    public static float Scale(float absmax)
    {
        var scale = (float)(2.0 * absmax / 254.0);
        return scale < SmallestNormal ? 1 : scale;
    }

    /// <summary>The largest magnitude among values; NaN where one of them is NaN or infinite.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float AbsMax(ReadOnlySpan<float> values)
    {
        var source = MemoryMarshal.Cast<float, int>(values);
        var at = 0;
        var largest = 0;
        if (Vector.IsHardwareAccelerated)
        {
            var width = Vector<int>.Count;
            var (first, second, third, fourth) = (Vector<int>.Zero, Vector<int>.Zero, Vector<int>.Zero, Vector<int>.Zero);
            var magnitude = new Vector<int>(Magnitude);
            for (; at <= source.Length - (4 * width); at += 4 * width)
            {
                first = Vector.Max(first, new Vector<int>(source[at..]) & magnitude);
                second = Vector.Max(second, new Vector<int>(source[(at + width)..]) & magnitude);
                third = Vector.Max(third, new Vector<int>(source[(at + (2 * width))..]) & magnitude);
                fourth = Vector.Max(fourth, new Vector<int>(source[(at + (3 * width))..]) & magnitude);
            }
            first = Vector.Max(Vector.Max(first, second), Vector.Max(third, fourth));
            for (var lane = 0; lane < width; lane++) largest = Math.Max(largest, first[lane]);
        }
        for (; at < source.Length; at++) largest = Math.Max(largest, source[at] & Magnitude);
        return Finite(largest);
    }

    /// <summary>Raises each column's largest magnitude (as bits) by a row of values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void RaiseAbsMax(ReadOnlySpan<float> row, Span<int> columns)
    {
        var source = MemoryMarshal.Cast<float, int>(row);
        columns = columns[..source.Length];
        var at = 0;
        if (Vector.IsHardwareAccelerated)
        {
            for (; at <= source.Length - Vector<int>.Count; at += Vector<int>.Count)
                Vector.Max(new Vector<int>(columns[at..]), new Vector<int>(source[at..]) & new Vector<int>(Magnitude)).CopyTo(columns[at..]);
        }
        for (; at < source.Length; at++) columns[at] = Math.Max(columns[at], source[at] & Magnitude);
    }

    /// <summary>A magnitude from its bits; NaN where they are those of NaN or infinity.</summary>
    public static float Finite(int bits) => bits < Infinity ? BitConverter.Int32BitsToSingle(bits) : float.NaN;

    /// <summary>The codes of values that share the scale of their largest magnitude.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Quantize(ReadOnlySpan<float> values, float scale, Span<sbyte> codes)
    {
        codes = codes[..values.Length];
        var at = 0;
        if (Vector.IsHardwareAccelerated)
        {
            var width = Vector<float>.Count;
            var divisor = new Vector<float>(scale);
            for (; at <= values.Length - (4 * width); at += 4 * width)
            {
                Pack(
                    new Vector<float>(values[at..]) / divisor, new Vector<float>(values[(at + width)..]) / divisor,
                    new Vector<float>(values[(at + (2 * width))..]) / divisor, new Vector<float>(values[(at + (3 * width))..]) / divisor).CopyTo(codes[at..]);
            }
        }
        for (; at < values.Length; at++) codes[at] = Code(values[at] / scale);
    }

    /// <summary>The codes of a row of values that each have their column's scale.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Quantize(ReadOnlySpan<float> values, ReadOnlySpan<float> scales, Span<sbyte> codes)
    {
        scales = scales[..values.Length];
        codes = codes[..values.Length];
        var at = 0;
        if (Vector.IsHardwareAccelerated)
        {
            var width = Vector<float>.Count;
            for (; at <= values.Length - (4 * width); at += 4 * width)
            {
                Pack(
                    new Vector<float>(values[at..]) / new Vector<float>(scales[at..]),
                    new Vector<float>(values[(at + width)..]) / new Vector<float>(scales[(at + width)..]),
                    new Vector<float>(values[(at + (2 * width))..]) / new Vector<float>(scales[(at + (2 * width))..]),
                    new Vector<float>(values[(at + (3 * width))..]) / new Vector<float>(scales[(at + (3 * width))..])).CopyTo(codes[at..]);
            }
        }
        for (; at < values.Length; at++) codes[at] = Code(values[at] / scales[at]);
    }

    /// <summary>Turns int8 codes into uint8 codes with the zero point 128.</summary>
    public static void FlipSigns(Span<byte> codes)
    {
        var at = 0;
        for (; at <= codes.Length - Vector<byte>.Count; at += Vector<byte>.Count)
            (new Vector<byte>(codes[at..]) ^ new Vector<byte>(0x80)).CopyTo(codes[at..]);
        for (; at < codes.Length; at++) codes[at] ^= 0x80;
    }

    /// <summary>The values that codes of one scale stand for.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Restore(ReadOnlySpan<sbyte> codes, float scale, Span<float> values)
    {
        values = values[..codes.Length];
        var at = 0;
        if (Vector.IsHardwareAccelerated)
        {
            var width = Vector<float>.Count;
            var factor = new Vector<float>(scale);
            for (; at <= codes.Length - (4 * width); at += 4 * width)
            {
                Vector.Widen(new Vector<sbyte>(codes[at..]), out var low, out var high);
                Vector.Widen(low, out var first, out var second);
                Vector.Widen(high, out var third, out var fourth);
                (Vector.ConvertToSingle(first) * factor).CopyTo(values[at..]);
                (Vector.ConvertToSingle(second) * factor).CopyTo(values[(at + width)..]);
                (Vector.ConvertToSingle(third) * factor).CopyTo(values[(at + (2 * width))..]);
                (Vector.ConvertToSingle(fourth) * factor).CopyTo(values[(at + (3 * width))..]);
            }
        }
        for (; at < codes.Length; at++) values[at] = codes[at] * scale;
    }

    /// <summary>The values that a row of codes stands for where each has its column's scale.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Restore(ReadOnlySpan<sbyte> codes, ReadOnlySpan<float> scales, Span<float> values)
    {
        values = values[..codes.Length];
        Restore(codes, 1, values);
        var at = 0;
        for (; at <= codes.Length - Vector<float>.Count; at += Vector<float>.Count)
            (new Vector<float>(values[at..]) * new Vector<float>(scales[at..])).CopyTo(values[at..]);
        for (; at < codes.Length; at++) values[at] *= scales[at];
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
