using System.Buffers.Binary;
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
    private const int ZeroPoint = 8, Most = 15;

    // Rows whose codes make one 32-bit word of a column.
    private const int WordRows = 8;

    // Columns of a block that are looked through together, and the values that makes at most. They are copied on the way, with room between
    // rows: those of a matrix may lie as far apart as to push each other out of the cache.
    private const int TileColumns = 512, TileValues = 32 * TileColumns, Padding = 16;

    /// <summary>Quantizes columns side by side, one block of each.</summary>
    /// <param name="rows">The block's rows of <paramref name="columns"/> values, each <paramref name="stride"/> after the one before; fewer than a block at the end of K, the rest counting as zeros.</param>
    /// <param name="columns">How many columns.</param>
    /// <param name="stride">Values from row to row.</param>
    /// <param name="blockSize">Rows of a full block.</param>
    /// <param name="packed">The codes of the first column's block; the next column's lie <paramref name="packedStride"/> bytes further.</param>
    /// <param name="packedStride">Bytes from column to column.</param>
    /// <param name="scales">The scale of the first column's block; the next column's lies <paramref name="scaleStride"/> further.</param>
    /// <param name="scaleStride">Scales from column to column.</param>
    public static void QuantizeColumns(ReadOnlySpan<float> rows, int columns, int stride, int blockSize, Span<byte> packed, int packedStride, Span<float> scales, int scaleStride)
    {
        var none = new RunSums();
        Columns(rows, columns, stride, blockSize, packed, packedStride, scales, scaleStride, weigh: false, ref none);
    }

    /// <summary>As <see cref="QuantizeColumns(ReadOnlySpan{float}, int, int, int, Span{byte}, int, Span{float}, int)"/>, and sums up what it does to the values.</summary>
    public static void QuantizeColumns(ReadOnlySpan<float> rows, int columns, int stride, int blockSize, Span<byte> packed, int packedStride, Span<float> scales, int scaleStride, ref RunSums sums) =>
        Columns(rows, columns, stride, blockSize, packed, packedStride, scales, scaleStride, weigh: true, ref sums);

    /// <summary>Quantizes values that lie side by side, block after block; the last one may be short.</summary>
    /// <param name="values">The values.</param>
    /// <param name="blockSize">Values of a full block.</param>
    /// <param name="packed">Their codes; where a short last block has room for a full one, the rest counts as zeros.</param>
    /// <param name="scales">A scale for each block.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void QuantizeRow(ReadOnlySpan<float> values, int blockSize, Span<byte> packed, Span<float> scales)
    {
        var none = new RunSums();
        Row(values, blockSize, packed, scales, weigh: false, ref none);
    }

    /// <summary>As <see cref="QuantizeRow(ReadOnlySpan{float}, int, Span{byte}, Span{float})"/>, and sums up what it does to the values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void QuantizeRow(ReadOnlySpan<float> values, int blockSize, Span<byte> packed, Span<float> scales, ref RunSums sums) =>
        Row(values, blockSize, packed, scales, weigh: true, ref sums);

    /// <summary>The value that a block's code number <paramref name="index"/> stands for.</summary>
    public static float Restore(ReadOnlySpan<byte> packed, int index, float scale) => (((packed[index / 2] >> (index % 2 * 4)) & 15) - ZeroPoint) * scale;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Row(ReadOnlySpan<float> values, int blockSize, Span<byte> packed, Span<float> scales, bool weigh, ref RunSums sums)
    {
        var width = Vector<float>.Count;
        var full = blockSize % (4 * width) == 0 ? values.Length / blockSize : 0;
        ref var value = ref MemoryMarshal.GetReference(values);
        ref var code = ref MemoryMarshal.GetReference(packed[..(full * blockSize / 2)]);
        var (signal, noise, cross, error, zeros) = (Vector<float>.Zero, Vector<float>.Zero, Vector<float>.Zero, Vector<float>.Zero, Vector<byte>.Zero);
        for (var block = 0; block < full; block++)
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
            var (factor, spread) = (new Vector<float>(scale), new Vector<float>(reciprocal));
            for (at = block * blockSize; at < end; at += 4 * width)
            {
                var first = Codes(Vector.LoadUnsafe(ref value, (nuint)at), spread);
                var second = Codes(Vector.LoadUnsafe(ref value, (nuint)(at + width)), spread);
                var third = Codes(Vector.LoadUnsafe(ref value, (nuint)(at + (2 * width))), spread);
                var fourth = Codes(Vector.LoadUnsafe(ref value, (nuint)(at + (3 * width))), spread);
                var bytes = Clamp(Vector.NarrowWithSaturation(Vector.NarrowWithSaturation(first, second), Vector.NarrowWithSaturation(third, fourth)));
                var pairs = Vector.AsVectorUInt16(bytes);
                var joined = (pairs | Vector.ShiftRightLogical(pairs, 4)) & new Vector<ushort>(0xFF);
                StoreLowerHalf(Vector.Narrow(joined, joined), ref code, (nuint)(at / 2));
                if (!weigh) continue;
                Weigh(Vector.LoadUnsafe(ref value, (nuint)at), Clamp(first), factor, ref signal, ref noise, ref cross, ref error);
                Weigh(Vector.LoadUnsafe(ref value, (nuint)(at + width)), Clamp(second), factor, ref signal, ref noise, ref cross, ref error);
                Weigh(Vector.LoadUnsafe(ref value, (nuint)(at + (2 * width))), Clamp(third), factor, ref signal, ref noise, ref cross, ref error);
                Weigh(Vector.LoadUnsafe(ref value, (nuint)(at + (3 * width))), Clamp(fourth), factor, ref signal, ref noise, ref cross, ref error);
                zeros -= Vector.AsVectorByte(Vector.Equals(bytes, new Vector<sbyte>(ZeroPoint))); // −1 for each
            }
            if (!weigh || ((block + 1) * blockSize % RunSums.Run != 0 && block < full - 1)) continue;
            sums.Add(signal, noise, cross, zeros);
            (signal, noise, cross, zeros) = (Vector<float>.Zero, Vector<float>.Zero, Vector<float>.Zero, Vector<byte>.Zero);
        }
        if (weigh) sums.Raise(error);
        for (var block = full; block < scales.Length; block++)
        {
            var at = block * blockSize;
            scales[block] = Single(values.Slice(at, Math.Min(blockSize, values.Length - at)), packed.Slice(at / 2, Math.Min(blockSize / 2, packed.Length - (at / 2))), weigh, ref sums);
        }
    }

    // One block by itself, which may be short.
    private static float Single(ReadOnlySpan<float> values, Span<byte> packed, bool weigh, ref RunSums sums)
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

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    [SkipLocalsInit]
    private static void Columns(ReadOnlySpan<float> rows, int columns, int stride, int blockSize, Span<byte> packed, int packedStride, Span<float> scales, int scaleStride, bool weigh, ref RunSums sums)
    {
        var depth = (rows.Length - columns) / stride + 1;
        var width = Vector<float>.Count;
        var most = Math.Max(TileValues / blockSize / width, 1) * width;
        var pitch = most + Padding;
        Span<float> tile = stackalloc float[blockSize * pitch];
        Span<float> lows = stackalloc float[TileColumns];
        Span<float> highs = stackalloc float[TileColumns];
        var whole = columns / width * width;
        for (var first = 0; first < whole; first += most)
        {
            var wide = Math.Min(most, whole - first);
            Gather(rows[first..], wide, stride, depth, tile, pitch, lows, highs);
            for (var column = 0; column < wide; column += width)
            {
                var codes = packed[((first + column) * packedStride)..];
                var own = scales[((first + column) * scaleStride)..];
                if (weigh) Pack(tile, column, pitch, depth, blockSize, lows, highs, codes, packedStride, own, scaleStride, weigh: true, ref sums);
                else Pack(tile, column, pitch, depth, blockSize, lows, highs, codes, packedStride, own, scaleStride, weigh: false, ref sums);
            }
        }
        Span<float> single = stackalloc float[blockSize];
        for (var column = whole; column < columns; column++)
        {
            for (var row = 0; row < depth; row++) single[row] = rows[(row * stride) + column];
            scales[column * scaleStride] = Single(single[..depth], packed.Slice(column * packedStride, blockSize / 2), weigh, ref sums);
        }
    }

    // Copies columns of a block, row after row, and looks for the least and the largest of each.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Gather(ReadOnlySpan<float> rows, int columns, int stride, int depth, Span<float> tile, int pitch, Span<float> lows, Span<float> highs)
    {
        var width = Vector<float>.Count;
        ref var to = ref MemoryMarshal.GetReference(tile[..(depth * pitch)]);
        ref var low = ref MemoryMarshal.GetReference(lows);
        ref var high = ref MemoryMarshal.GetReference(highs);
        rows[..columns].CopyTo(lows);
        rows[..columns].CopyTo(highs);
        for (var row = 0; row < depth; row++)
        {
            ref var from = ref MemoryMarshal.GetReference(rows.Slice(row * stride, columns));
            for (var at = 0; at < columns; at += width)
            {
                var values = Vector.LoadUnsafe(ref from, (nuint)at);
                Vector.MinNative(Vector.LoadUnsafe(ref low, (nuint)at), values).StoreUnsafe(ref low, (nuint)at);
                Vector.MaxNative(Vector.LoadUnsafe(ref high, (nuint)at), values).StoreUnsafe(ref high, (nuint)at);
                values.StoreUnsafe(ref to, (nuint)((row * pitch) + at));
            }
        }
    }

    // As many columns of a tile as a vector holds.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Pack(ReadOnlySpan<float> tile, int column, int pitch, int depth, int blockSize, ReadOnlySpan<float> lows, ReadOnlySpan<float> highs, Span<byte> packed, int packedStride, Span<float> scales, int scaleStride, bool weigh, ref RunSums sums)
    {
        var width = Vector<float>.Count;
        ref var value = ref Unsafe.Add(ref MemoryMarshal.GetReference(tile), column);
        ref var code = ref MemoryMarshal.GetReference(packed[..(((width - 1) * packedStride) + (blockSize / 2))]);
        var (low, high) = (new Vector<float>(lows[column..]), new Vector<float>(highs[column..]));
        // On a tie the positive one, as in MlasQuantizeBlockwise. An eighth is exact: a product with it is the quotient.
        var scale = Vector.ConditionalSelect(Vector.GreaterThan(Vector.Abs(low), Vector.Abs(high)), low, high) * new Vector<float>(-1f / ZeroPoint);
        for (var lane = 0; lane < width; lane++) scales[lane * scaleStride] = scale[lane];
        var reciprocal = Vector<float>.One / scale;
        reciprocal = Vector.ConditionalSelect(Vector.LessThanOrEqual(Vector.Abs(reciprocal), new Vector<float>(float.MaxValue)), reciprocal, Vector<float>.Zero);
        var (signal, noise, cross, error, zeros) = (Vector<float>.Zero, Vector<float>.Zero, Vector<float>.Zero, Vector<float>.Zero, Vector<int>.Zero);
        for (var row = 0; row < blockSize; row += WordRows)
        {
            Vector<int> word;
            ref var from = ref Unsafe.Add(ref value, row * pitch);
            if (row + WordRows <= depth)
            {
                word = Codes(ref from, 0, reciprocal) | Vector.ShiftLeft(Codes(ref from, pitch, reciprocal), 4)
                    | Vector.ShiftLeft(Codes(ref from, 2 * pitch, reciprocal), 8) | Vector.ShiftLeft(Codes(ref from, 3 * pitch, reciprocal), 12)
                    | Vector.ShiftLeft(Codes(ref from, 4 * pitch, reciprocal), 16) | Vector.ShiftLeft(Codes(ref from, 5 * pitch, reciprocal), 20)
                    | Vector.ShiftLeft(Codes(ref from, 6 * pitch, reciprocal), 24) | Vector.ShiftLeft(Codes(ref from, 7 * pitch, reciprocal), 28);
            }
            else
            {
                word = new Vector<int>(unchecked((int)0x8888_8888));
                for (var nibble = 0; row + nibble < depth; nibble++)
                    word ^= Vector.ShiftLeft(Codes(ref from, nibble * pitch, reciprocal) ^ new Vector<int>(ZeroPoint), 4 * nibble);
            }
            if (weigh)
            {
                for (var nibble = 0; nibble < WordRows && row + nibble < depth; nibble++)
                {
                    var codes = Vector.ShiftRightLogical(word, 4 * nibble) & new Vector<int>(Most);
                    Weigh(Vector.LoadUnsafe(ref from, (nuint)(nibble * pitch)), codes, scale, ref signal, ref noise, ref cross, ref error);
                    zeros -= Vector.Equals(codes, new Vector<int>(ZeroPoint));
                }
            }
            ref var words = ref Unsafe.As<Vector<int>, int>(ref word);
            for (var lane = 0; lane < width; lane++)
            {
                var own = Unsafe.Add(ref words, lane);
                Unsafe.WriteUnaligned(ref Unsafe.Add(ref code, (lane * packedStride) + (row / 2)), BitConverter.IsLittleEndian ? own : BinaryPrimitives.ReverseEndianness(own));
            }
        }
        if (!weigh) return;
        sums.Add(signal, noise, cross, Vector<byte>.Zero);
        sums.Zeros += Vector.Sum(zeros);
        sums.Raise(error);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<int> Codes(ref float values, int at, Vector<float> reciprocal) => Clamp(Codes(Vector.LoadUnsafe(ref values, (nuint)at), reciprocal));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Weigh(Vector<float> values, Vector<int> codes, Vector<float> scale, ref Vector<float> signal, ref Vector<float> noise, ref Vector<float> cross, ref Vector<float> largest)
    {
        var error = values - (Vector.ConvertToSingle(codes - new Vector<int>(ZeroPoint)) * scale);
        signal = Vector.MultiplyAddEstimate(values, values, signal);
        noise = Vector.MultiplyAddEstimate(error, error, noise);
        cross = Vector.MultiplyAddEstimate(values, error, cross);
        largest = Vector.MaxNative(largest, Vector.Abs(error));
    }

    // The scale of a block from its least and its largest value, each in all lanes; on a tie of magnitudes the positive one, as in
    // MlasQuantizeBlockwise. A scale of zero, or so small that nothing finite is its reciprocal, leaves zeros.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (float Scale, float Reciprocal) Scale(Vector128<float> low, Vector128<float> high)
    {
        var scale = Vector128.ConditionalSelect(Vector128.GreaterThan(Vector128.Abs(low), Vector128.Abs(high)), low, high) * Vector128.Create(-1f / ZeroPoint);
        var reciprocal = Vector128<float>.One / scale;
        return (scale.ToScalar(), (reciprocal & Vector128.LessThanOrEqual(Vector128.Abs(reciprocal), Vector128.Create(float.MaxValue))).ToScalar());
    }

    // Half away from zero by adding a half and cutting off. That is wrong for 0.49999997 alone, which is no sum of 8 and a float32.
    // What is below zero becomes zero or less, and stays to be clamped.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<int> Codes(Vector<float> values, Vector<float> reciprocal) =>
        Vector.ConvertToInt32Native((values * reciprocal) + new Vector<float>(ZeroPoint) + new Vector<float>(0.5f));

    private static int Code(float value, float reciprocal) => Math.Clamp((int)((value * reciprocal) + ZeroPoint + 0.5f), 0, Most);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<int> Clamp(Vector<int> codes) => Vector.Min(Vector.Max(codes, Vector<int>.Zero), new Vector<int>(Most));

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
