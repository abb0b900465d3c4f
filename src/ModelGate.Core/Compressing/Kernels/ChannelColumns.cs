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
        for (var at = 0; at < values.Length; at += Together * scales.Length) Rows<ChannelCodes.Unweighed>(values[at..], scales, inverses, codes[at..], ref none);
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
        for (var at = 0; at < values.Length; at += Together * scales.Length) Rows<ChannelCodes.Weighed>(values[at..], scales, inverses, codes[at..], ref sums);
    }

    // The first rows of some, side by side. Compiled twice: what one of the two does not need is not there.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows<TSums>(ReadOnlySpan<float> values, ReadOnlySpan<float> scales, ReadOnlySpan<float> inverses, Span<sbyte> codes, ref RunSums sums)
        where TSums : struct
    {
        var (columns, end) = (scales.Length, Math.Min(Together * scales.Length, values.Length));
        codes = codes[..end];
        ref var value = ref MemoryMarshal.GetReference(values);
        ref var divisor = ref MemoryMarshal.GetReference(scales);
        ref var inverse = ref MemoryMarshal.GetReference(inverses[..columns]);
        ref var code = ref MemoryMarshal.GetReference(codes);
        var rounding = new Vector<float>(ChannelCodes.Rounding);
        var doubtful = new Vector<float>(ChannelCodes.Doubtful);
        int column = 0, width = Vector<float>.Count;
        while (column <= columns - ChannelCodes.Step)
        {
            var last = Math.Min(column + (RunSums.Run / Together), columns) - ChannelCodes.Step;
            var (signal, noise, cross, error, zeros) = (Vector<float>.Zero, Vector<float>.Zero, Vector<float>.Zero, Vector<float>.Zero, Vector<byte>.Zero);
            for (; column <= last; column += ChannelCodes.Step)
            {
                ref var by = ref Unsafe.Add(ref inverse, column);
                ref var scale = ref Unsafe.Add(ref divisor, column);
                for (var at = column; at < end; at += columns)
                {
                    ref var from = ref Unsafe.Add(ref value, at);
                    Ahead.Fetch(ref from);
                    var a = Vector.LoadUnsafe(ref from);
                    var b = Vector.LoadUnsafe(ref from, (nuint)width);
                    var c = Vector.LoadUnsafe(ref from, (nuint)(2 * width));
                    var d = Vector.LoadUnsafe(ref from, (nuint)(3 * width));
                    var first = Vector.MultiplyAddEstimate(a, Vector.LoadUnsafe(ref by), rounding);
                    var second = Vector.MultiplyAddEstimate(b, Vector.LoadUnsafe(ref by, (nuint)width), rounding);
                    var third = Vector.MultiplyAddEstimate(c, Vector.LoadUnsafe(ref by, (nuint)(2 * width)), rounding);
                    var fourth = Vector.MultiplyAddEstimate(d, Vector.LoadUnsafe(ref by, (nuint)(3 * width)), rounding);
                    // How far the quotients are from their codes.
                    var off = Vector.MultiplyAddEstimate(a, Vector.LoadUnsafe(ref by), rounding - first);
                    var off2 = Vector.MultiplyAddEstimate(b, Vector.LoadUnsafe(ref by, (nuint)width), rounding - second);
                    var off3 = Vector.MultiplyAddEstimate(c, Vector.LoadUnsafe(ref by, (nuint)(2 * width)), rounding - third);
                    var off4 = Vector.MultiplyAddEstimate(d, Vector.LoadUnsafe(ref by, (nuint)(3 * width)), rounding - fourth);
                    if (Vector.GreaterThanAny(Vector.MaxNative(Vector.MaxNative(Vector.Abs(off), Vector.Abs(off2)), Vector.MaxNative(Vector.Abs(off3), Vector.Abs(off4))), doubtful))
                    {
                        for (var lane = 0; lane < ChannelCodes.Step; lane++) Single<TSums>(values[at + lane], scales[column + lane], ref codes[at + lane], ref sums);
                        continue;
                    }
                    var packed = ChannelCodes.Pack(first, second, third, fourth);
                    packed.StoreUnsafe(ref code, (nuint)at);
                    if (typeof(TSums) != typeof(ChannelCodes.Weighed)) continue;
                    zeros -= Vector.AsVectorByte(Vector.Equals(packed, Vector<sbyte>.Zero)); // −1 for each
                    off = a - ((first - rounding) * Vector.LoadUnsafe(ref scale));
                    off2 = b - ((second - rounding) * Vector.LoadUnsafe(ref scale, (nuint)width));
                    off3 = c - ((third - rounding) * Vector.LoadUnsafe(ref scale, (nuint)(2 * width)));
                    off4 = d - ((fourth - rounding) * Vector.LoadUnsafe(ref scale, (nuint)(3 * width)));
                    signal = Vector.MultiplyAddEstimate(d, d, Vector.MultiplyAddEstimate(c, c, Vector.MultiplyAddEstimate(b, b, Vector.MultiplyAddEstimate(a, a, signal))));
                    noise = Vector.MultiplyAddEstimate(off4, off4, Vector.MultiplyAddEstimate(off3, off3, Vector.MultiplyAddEstimate(off2, off2, Vector.MultiplyAddEstimate(off, off, noise))));
                    cross = Vector.MultiplyAddEstimate(d, off4, Vector.MultiplyAddEstimate(c, off3, Vector.MultiplyAddEstimate(b, off2, Vector.MultiplyAddEstimate(a, off, cross))));
                    error = Vector.MaxNative(error, Vector.MaxNative(Vector.MaxNative(Vector.Abs(off), Vector.Abs(off2)), Vector.MaxNative(Vector.Abs(off3), Vector.Abs(off4))));
                }
            }
            if (typeof(TSums) != typeof(ChannelCodes.Weighed)) continue;
            sums.Add(signal, noise, cross, zeros);
            sums.Raise(error);
        }
        for (; column < columns; column++)
        {
            for (var at = column; at < end; at += columns) Single<TSums>(values[at], scales[column], ref codes[at], ref sums);
        }
    }

    // By division: what fills no vector, and what is next to half-way between two codes.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Single<TSums>(float value, float scale, ref sbyte code, ref RunSums sums)
        where TSums : struct
    {
        code = ChannelCodes.Code(value / scale);
        if (typeof(TSums) == typeof(ChannelCodes.Weighed)) sums.Add(value, code * scale);
    }
}
