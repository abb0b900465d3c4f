using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ModelGate.Compressing;

/// <summary><see cref="ChannelCodes"/> of a matrix whose columns are the channels, and whose rows lie side by side: once through it for the scales, once for the codes.</summary>
internal static class ChannelColumns
{
    /// <summary>Rows that are read side by side: what is known of the columns is loaded once for all of them.</summary>
    internal const int Together = 4;

    // Values of a line of the cache.
    private const int Line = 16;

    /// <summary>Raises each column's largest magnitude (as bits) by rows of values, one after the other.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void RaiseAbsMax(ReadOnlySpan<float> rows, Span<int> columns)
    {
        var at = 0;
        for (; at <= rows.Length - (Together * columns.Length); at += Together * columns.Length) RaiseByFour(rows.Slice(at, Together * columns.Length), columns);
        for (; at < rows.Length; at += columns.Length) Raise(rows.Slice(at, columns.Length), columns);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RaiseByFour(ReadOnlySpan<float> rows, Span<int> columns)
    {
        ref var first = ref MemoryMarshal.GetReference(MemoryMarshal.Cast<float, int>(rows));
        ref var second = ref Unsafe.Add(ref first, columns.Length);
        ref var third = ref Unsafe.Add(ref second, columns.Length);
        ref var fourth = ref Unsafe.Add(ref third, columns.Length);
        ref var largest = ref MemoryMarshal.GetReference(columns);
        var magnitude = new Vector<int>(ChannelCodes.Magnitude);
        var (at, width) = (0, Vector<int>.Count);
        for (; at <= columns.Length - width; at += width)
        {
            if (at % Line == 0)
            {
                Ahead.FetchLine(ref Unsafe.As<int, float>(ref Unsafe.Add(ref first, at)));
                Ahead.FetchLine(ref Unsafe.As<int, float>(ref Unsafe.Add(ref second, at)));
                Ahead.FetchLine(ref Unsafe.As<int, float>(ref Unsafe.Add(ref third, at)));
                Ahead.FetchLine(ref Unsafe.As<int, float>(ref Unsafe.Add(ref fourth, at)));
            }
            var two = Vector.Max(Vector.LoadUnsafe(ref first, (nuint)at) & magnitude, Vector.LoadUnsafe(ref second, (nuint)at) & magnitude);
            var others = Vector.Max(Vector.LoadUnsafe(ref third, (nuint)at) & magnitude, Vector.LoadUnsafe(ref fourth, (nuint)at) & magnitude);
            Vector.Max(Vector.LoadUnsafe(ref largest, (nuint)at), Vector.Max(two, others)).StoreUnsafe(ref largest, (nuint)at);
        }
        if (at == columns.Length) return;
        for (var row = 0; row < Together; row++) Raise(rows.Slice((row * columns.Length) + at, columns.Length - at), columns[at..]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Raise(ReadOnlySpan<float> row, Span<int> columns)
    {
        ref var source = ref MemoryMarshal.GetReference(MemoryMarshal.Cast<float, int>(row));
        ref var largest = ref MemoryMarshal.GetReference(columns);
        var magnitude = new Vector<int>(ChannelCodes.Magnitude);
        var (at, width) = (0, Vector<int>.Count);
        for (; at <= columns.Length - width; at += width)
        {
            if (at % Line == 0) Ahead.FetchLine(ref Unsafe.As<int, float>(ref Unsafe.Add(ref source, at)));
            Vector.Max(Vector.LoadUnsafe(ref largest, (nuint)at), Vector.LoadUnsafe(ref source, (nuint)at) & magnitude).StoreUnsafe(ref largest, (nuint)at);
        }
        for (; at < columns.Length; at++) columns[at] = Math.Max(columns[at], BitConverter.SingleToInt32Bits(row[at]) & ChannelCodes.Magnitude);
    }

    /// <summary>What <see cref="Quantize(ReadOnlySpan{float}, ReadOnlySpan{float}, ReadOnlySpan{float}, Span{sbyte})"/> multiplies with: 1 / scale.</summary>
    public static float[] Inverses(ReadOnlySpan<float> scales)
    {
        var inverses = new float[scales.Length];
        for (var column = 0; column < scales.Length; column++) inverses[column] = 1 / scales[column];
        return inverses;
    }

    /// <summary>The codes of rows of values, one after the other, that each have their column's scale.</summary>
    /// <param name="values">The values.</param>
    /// <param name="scales">A scale for each column.</param>
    /// <param name="inverses">The <see cref="Inverses"/> of the scales.</param>
    /// <param name="codes">Where their codes go.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Quantize(ReadOnlySpan<float> values, ReadOnlySpan<float> scales, ReadOnlySpan<float> inverses, Span<sbyte> codes)
    {
        var none = new RunSums();
        for (var at = 0; at < values.Length; at += Together * scales.Length) Rows(values[at..], scales, inverses, codes[at..], weigh: false, ref none);
    }

    /// <summary>As <see cref="Quantize(ReadOnlySpan{float}, ReadOnlySpan{float}, ReadOnlySpan{float}, Span{sbyte})"/>, and sums up what it does to the values.</summary>
    /// <param name="values">The values.</param>
    /// <param name="scales">A scale for each column.</param>
    /// <param name="inverses">The <see cref="Inverses"/> of the scales.</param>
    /// <param name="codes">Where their codes go.</param>
    /// <param name="sums">What is added to.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void QuantizeAndWeigh(ReadOnlySpan<float> values, ReadOnlySpan<float> scales, ReadOnlySpan<float> inverses, Span<sbyte> codes, ref RunSums sums)
    {
        for (var at = 0; at < values.Length; at += Together * scales.Length) Rows(values[at..], scales, inverses, codes[at..], weigh: true, ref sums);
    }

    // The first rows of some, side by side. Inlined twice: what one of the two does not need is not there.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Rows(ReadOnlySpan<float> values, ReadOnlySpan<float> scales, ReadOnlySpan<float> inverses, Span<sbyte> codes, bool weigh, ref RunSums sums)
    {
        var (columns, end) = (scales.Length, Math.Min(Together * scales.Length, values.Length));
        codes = codes[..end];
        ref var value = ref MemoryMarshal.GetReference(values);
        ref var divisor = ref MemoryMarshal.GetReference(scales);
        ref var inverse = ref MemoryMarshal.GetReference(inverses[..columns]);
        ref var code = ref MemoryMarshal.GetReference(codes);
        int column = 0, width = Vector<float>.Count;
        while (column <= columns - ChannelCodes.Step)
        {
            var last = weigh ? Math.Min(column + (RunSums.Run / Together), columns) - ChannelCodes.Step : columns - ChannelCodes.Step;
            var (signal, noise, cross, error, zeros) = (Vector<float>.Zero, Vector<float>.Zero, Vector<float>.Zero, Vector<float>.Zero, Vector<byte>.Zero);
            for (; column <= last; column += ChannelCodes.Step)
            {
                ref var by = ref Unsafe.Add(ref inverse, column);
                ref var scale = ref Unsafe.Add(ref divisor, column);
                for (var at = column; at < end; at += columns)
                {
                    ref var from = ref Unsafe.Add(ref value, at);
                    Ahead.Fetch(ref from);
                    var (first, off) = Rounded(ref from, ref by, 0);
                    var (second, off2) = Rounded(ref from, ref by, width);
                    var (third, off3) = Rounded(ref from, ref by, 2 * width);
                    var (fourth, off4) = Rounded(ref from, ref by, 3 * width);
                    if (Vector.GreaterThanAny(ChannelCodes.Largest(off, off2, off3, off4), new Vector<float>(ChannelCodes.Doubtful)))
                    {
                        (first, second) = (Divided(ref from, ref scale, 0), Divided(ref from, ref scale, width));
                        (third, fourth) = (Divided(ref from, ref scale, 2 * width), Divided(ref from, ref scale, 3 * width));
                    }
                    var packed = ChannelCodes.Pack(first, second, third, fourth);
                    packed.StoreUnsafe(ref code, (nuint)at);
                    if (!weigh) continue;
                    zeros -= Vector.AsVectorByte(Vector.Equals(packed, Vector<sbyte>.Zero)); // −1 for each
                    Weigh(ref from, ref scale, 0, first, ref signal, ref noise, ref cross, ref error);
                    Weigh(ref from, ref scale, width, second, ref signal, ref noise, ref cross, ref error);
                    Weigh(ref from, ref scale, 2 * width, third, ref signal, ref noise, ref cross, ref error);
                    Weigh(ref from, ref scale, 3 * width, fourth, ref signal, ref noise, ref cross, ref error);
                }
            }
            if (!weigh) continue;
            sums.Add(signal, noise, cross, zeros);
            sums.Raise(error);
        }
        for (; column < columns; column++)
        {
            for (var at = column; at < end; at += columns)
            {
                codes[at] = ChannelCodes.Code(values[at] / scales[column]);
                if (weigh) sums.Add(values[at], codes[at] * scales[column]);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Weigh(ref float values, ref float scales, int at, Vector<float> rounded, ref Vector<float> signal, ref Vector<float> noise, ref Vector<float> cross, ref Vector<float> error)
    {
        var value = Vector.LoadUnsafe(ref values, (nuint)at);
        var off = ChannelCodes.Off(value, rounded, Vector.LoadUnsafe(ref scales, (nuint)at), weigh: true);
        signal = Vector.MultiplyAddEstimate(value, value, signal);
        noise = Vector.MultiplyAddEstimate(off, off, noise);
        cross = Vector.MultiplyAddEstimate(value, off, cross);
        error = Vector.MaxNative(error, Vector.Abs(off));
    }

    // The code of each value of a vector, in the lowest bits, and how far its quotient is from it.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector<float> Rounded, Vector<float> Off) Rounded(ref float values, ref float inverses, int at)
    {
        var (value, inverse, rounding) = (Vector.LoadUnsafe(ref values, (nuint)at), Vector.LoadUnsafe(ref inverses, (nuint)at), new Vector<float>(ChannelCodes.Rounding));
        var rounded = Vector.MultiplyAddEstimate(value, inverse, rounding);
        return (rounded, Vector.MultiplyAddEstimate(value, inverse, rounding - rounded));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> Divided(ref float values, ref float scales, int at) =>
        (Vector.LoadUnsafe(ref values, (nuint)at) / Vector.LoadUnsafe(ref scales, (nuint)at)) + new Vector<float>(ChannelCodes.Rounding);
}
