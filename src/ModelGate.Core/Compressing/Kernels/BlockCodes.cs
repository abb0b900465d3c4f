using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace ModelGate.Compressing;

/// <summary>
/// Symmetric int4 in blocks along K, as ONNX Runtime's MatMulNBits reads it: per block, m is the value of larger magnitude,
/// scale = −m / 8, code = clamp(roundf(value · (1 / scale) + 8), 0, 15), half away from zero; the even element in the low nibble.
/// Source: ContribOperators.md and MlasQuantizeBlockwise of ONNX Runtime.
/// </summary>
internal static class BlockCodes
{
    internal const int ZeroPoint = 8;
    private const int Most = 15;

    /// <summary>Quantizes columns side by side, block after block.</summary>
    /// <param name="rows">Rows of <paramref name="columns"/> values, each <paramref name="stride"/> after the one before; the last block may have fewer than the others, the rest counting as zeros.</param>
    /// <param name="columns">How many columns.</param>
    /// <param name="stride">Values from row to row.</param>
    /// <param name="blockSize">Rows of a full block.</param>
    /// <param name="packed">The codes of the first column; the next column's lie <paramref name="packedStride"/> bytes further.</param>
    /// <param name="packedStride">Bytes from column to column.</param>
    /// <param name="scales">The scales of the first column; the next column's lie <paramref name="scaleStride"/> further.</param>
    /// <param name="scaleStride">Scales from column to column.</param>
    public static void QuantizeColumns(ReadOnlySpan<float> rows, int columns, int stride, int blockSize, Span<byte> packed, int packedStride, Span<float> scales, int scaleStride)
    {
        var none = new RunSums();
        BlockColumns.Quantize(rows, new(columns, stride, blockSize, packedStride, scaleStride), packed, scales, weigh: false, ref none);
    }

    /// <summary>As <see cref="QuantizeColumns(ReadOnlySpan{float}, int, int, int, Span{byte}, int, Span{float}, int)"/>, and sums up what it does to the values.</summary>
    public static void QuantizeColumns(ReadOnlySpan<float> rows, int columns, int stride, int blockSize, Span<byte> packed, int packedStride, Span<float> scales, int scaleStride, ref RunSums sums) =>
        BlockColumns.Quantize(rows, new(columns, stride, blockSize, packedStride, scaleStride), packed, scales, weigh: true, ref sums);

    /// <summary>Quantizes values that lie side by side, block after block; the last one may be short.</summary>
    /// <param name="values">The values.</param>
    /// <param name="blockSize">Values of a full block.</param>
    /// <param name="packed">Their codes; where a short last block has room for a full one, the rest counts as zeros.</param>
    /// <param name="scales">A scale for each block.</param>
    public static void QuantizeRow(ReadOnlySpan<float> values, int blockSize, Span<byte> packed, Span<float> scales)
    {
        var none = new RunSums();
        Row(values, blockSize, packed, scales, weigh: false, ref none);
    }

    /// <summary>As <see cref="QuantizeRow(ReadOnlySpan{float}, int, Span{byte}, Span{float})"/>, and sums up what it does to the values.</summary>
    public static void QuantizeRow(ReadOnlySpan<float> values, int blockSize, Span<byte> packed, Span<float> scales, ref RunSums sums) =>
        Row(values, blockSize, packed, scales, weigh: true, ref sums);

    /// <summary>The value that a block's code number <paramref name="index"/> stands for.</summary>
    public static float Restore(ReadOnlySpan<byte> packed, int index, float scale) => (((packed[index / 2] >> (index % 2 * 4)) & 15) - ZeroPoint) * scale;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Row(ReadOnlySpan<float> values, int blockSize, Span<byte> packed, Span<float> scales, bool weigh, ref RunSums sums)
    {
        var full = blockSize % (4 * Vector<float>.Count) == 0 ? values.Length / blockSize : 0;
        for (var block = 0; block < full; block += RunSums.Run / blockSize)
        {
            var blocks = Math.Min(RunSums.Run / blockSize, full - block);
            var run = values.Slice(block * blockSize, blocks * blockSize);
            PackBlocks(run, blockSize, packed.Slice(block * blockSize / 2, run.Length / 2), scales.Slice(block, blocks));
            if (weigh) WeighBlocks(run, blockSize, scales.Slice(block, blocks), ref sums);
        }
        for (var block = full; block < scales.Length; block++)
        {
            var at = block * blockSize;
            scales[block] = Single(values.Slice(at, Math.Min(blockSize, values.Length - at)), packed.Slice(at / 2, Math.Min(blockSize / 2, packed.Length - (at / 2))), weigh, ref sums);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PackBlocks(ReadOnlySpan<float> values, int blockSize, Span<byte> packed, Span<float> scales)
    {
        var width = Vector<float>.Count;
        ref var value = ref MemoryMarshal.GetReference(values);
        ref var code = ref MemoryMarshal.GetReference(packed);
        for (var block = 0; block < scales.Length; block++)
        {
            int at = block * blockSize, end = at + blockSize;
            var low = Vector.LoadUnsafe(ref value, (nuint)at);
            var high = low;
            for (at += width; at < end; at += width)
            {
                var next = Vector.LoadUnsafe(ref value, (nuint)at);
                (low, high) = (Vector.MinNative(low, next), Vector.MaxNative(high, next));
            }
            var (scale, reciprocal) = Scale(Least(low), Vector128.Negate(Least(-high)));
            scales[block] = scale;
            var spread = new Vector<float>(reciprocal);
            for (at = block * blockSize; at < end; at += 4 * width)
            {
                Ahead.Fetch(ref Unsafe.Add(ref value, at));
                var first = Codes(Vector.LoadUnsafe(ref value, (nuint)at), spread);
                var second = Codes(Vector.LoadUnsafe(ref value, (nuint)(at + width)), spread);
                var third = Codes(Vector.LoadUnsafe(ref value, (nuint)(at + (2 * width))), spread);
                var fourth = Codes(Vector.LoadUnsafe(ref value, (nuint)(at + (3 * width))), spread);
                var bytes = Clamp(Narrowing.ToInt8(first, second, third, fourth));
                var pairs = Vector.AsVectorUInt16(bytes);
                var joined = (pairs | Vector.ShiftRightLogical(pairs, 4)) & new Vector<ushort>(0xFF);
                StoreLowerHalf(Vector.Narrow(joined, joined), ref code, (nuint)(at / 2));
            }
        }
    }

    // The codes once more, which takes less than to keep them: one loop for both would need more registers than there are.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void WeighBlocks(ReadOnlySpan<float> values, int blockSize, ReadOnlySpan<float> scales, ref RunSums sums)
    {
        ref var value = ref MemoryMarshal.GetReference(values);
        var (signal, noise, cross, error, zeros) = (Vector<float>.Zero, Vector<float>.Zero, Vector<float>.Zero, Vector<float>.Zero, Vector<int>.Zero);
        for (var block = 0; block < scales.Length; block++)
        {
            var (factor, spread) = (new Vector<float>(scales[block]), new Vector<float>(Reciprocal(Vector128.Create(scales[block])).ToScalar()));
            for (int at = block * blockSize, end = at + blockSize; at < end; at += Vector<float>.Count)
            {
                var before = Vector.LoadUnsafe(ref value, (nuint)at);
                var code = Code(before, spread) - new Vector<float>(ZeroPoint);
                var off = before - (code * factor);
                signal = Vector.MultiplyAddEstimate(before, before, signal);
                noise = Vector.MultiplyAddEstimate(off, off, noise);
                cross = Vector.MultiplyAddEstimate(before, off, cross);
                error = Vector.MaxNative(error, Vector.Abs(off));
                zeros -= Vector.Equals(code, Vector<float>.Zero); // −1 for each
            }
        }
        sums.Add(signal, noise, cross, Vector<byte>.Zero);
        sums.Zeros += Vector.Sum(zeros);
        sums.Raise(error);
    }

    /// <summary>One block by itself, which may be short; returns its scale.</summary>
    internal static float Single(ReadOnlySpan<float> values, Span<byte> packed, bool weigh, ref RunSums sums)
    {
        var (low, high) = (values[0], values[0]);
        foreach (var value in values) (low, high) = (MathF.Min(low, value), MathF.Max(high, value));
        var (scale, reciprocal) = Scale(Vector128.Create(low), Vector128.Create(high));
        packed.Clear();
        for (var at = 0; at < packed.Length * 2; at++)
        {
            var code = at < values.Length ? Code(values[at], reciprocal) : ZeroPoint;
            packed[at / 2] |= (byte)(code << (at % 2 * 4));
            if (weigh && at < values.Length) sums.Add(values[at], (code - ZeroPoint) * scale);
        }
        return scale;
    }

    // The scale of a block from its least and its largest value, each in all lanes; on a tie of magnitudes the positive one, as in
    // MlasQuantizeBlockwise. A scale of zero, or so small that nothing finite is its reciprocal, leaves zeros.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (float Scale, float Reciprocal) Scale(Vector128<float> low, Vector128<float> high)
    {
        var scale = Vector128.ConditionalSelect(Vector128.GreaterThan(Vector128.Abs(low), Vector128.Abs(high)), low, high) * Vector128.Create(-1f / ZeroPoint);
        return (scale.ToScalar(), Reciprocal(scale).ToScalar());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Reciprocal(Vector128<float> scale)
    {
        var reciprocal = Vector128<float>.One / scale;
        return reciprocal & Vector128.LessThanOrEqual(Vector128.Abs(reciprocal), Vector128.Create(float.MaxValue));
    }

    // Half away from zero by adding a half and cutting off. That is wrong for 0.49999997 alone, which is no sum of 8 and a float32.
    // What is below zero becomes zero or less, and stays to be clamped.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<int> Codes(Vector<float> values, Vector<float> reciprocal) =>
        Vector.ConvertToInt32Native((values * reciprocal) + new Vector<float>(ZeroPoint) + new Vector<float>(0.5f));

    /// <summary>The codes of values as float32. None is below zero: no value is larger than that whose code is 0, and rounding has added a half.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector<float> Code(Vector<float> values, Vector<float> reciprocal) =>
        Vector.MinNative(Vector.Floor((values * reciprocal) + new Vector<float>(ZeroPoint) + new Vector<float>(0.5f)), new Vector<float>(Most));

    private static int Code(float value, float reciprocal) => Math.Clamp((int)((value * reciprocal) + ZeroPoint + 0.5f), 0, Most);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<sbyte> Clamp(Vector<sbyte> codes) => Vector.Min(Vector.Max(codes, Vector<sbyte>.Zero), new Vector<sbyte>(Most));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreLowerHalf(Vector<byte> bytes, ref byte to, nuint at)
    {
        if (Vector<byte>.Count == 32) bytes.AsVector256().GetLower().StoreUnsafe(ref to, at);
        else if (Vector<byte>.Count == 16) bytes.AsVector128().GetLower().StoreUnsafe(ref to, at);
        else for (var index = 0; index < Vector<byte>.Count / 2; index++) Unsafe.Add(ref to, at + (nuint)index) = bytes[index];
    }

    // The smallest of a vector's values, by halves, in all lanes.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Least(Vector<float> values)
    {
        Vector128<float> four;
        if (Vector<float>.Count == 8)
        {
            var eight = values.AsVector256();
            four = Vector128.MinNative(eight.GetLower(), eight.GetUpper());
        }
        else if (Vector<float>.Count == 4)
        {
            four = values.AsVector128();
        }
        else
        {
            var least = values[0];
            for (var lane = 1; lane < Vector<float>.Count; lane++) least = MathF.Min(least, values[lane]);
            return Vector128.Create(least);
        }
        four = Vector128.MinNative(four, Vector128.Shuffle(four, Vector128.Create(2, 3, 0, 1)));
        return Vector128.MinNative(four, Vector128.Shuffle(four, Vector128.Create(1, 0, 3, 2)));
    }
}
