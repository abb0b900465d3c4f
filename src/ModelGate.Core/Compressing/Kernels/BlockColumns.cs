using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ModelGate.Compressing;

/// <summary><see cref="BlockCodes"/> of a matrix whose columns are to be quantized, and whose rows lie side by side.</summary>
internal static class BlockColumns
{
    // Rows whose codes make one 32-bit word of a column, and how many words every block is a multiple of.
    private const int WordRows = 8, Words = 4;

    // Values that are looked at together: a block of so many columns as stay in the innermost cache. They are copied there, with room between rows: those
    // of a matrix may lie as far apart as to push each other out of it. 64 to 512 columns of 32 were tried.
    private const int TileValues = 32 * 128, Padding = 16;

    // Rows that are on their way from memory while one is copied.
    private const int RowsAhead = 4;

    /// <summary>Where values and codes lie.</summary>
    /// <param name="Columns">How many columns.</param>
    /// <param name="Stride">Values from row to row.</param>
    /// <param name="BlockSize">Rows of a full block.</param>
    /// <param name="PackedStride">Bytes of codes from column to column.</param>
    /// <param name="ScaleStride">Scales from column to column.</param>
    public readonly record struct Layout(int Columns, int Stride, int BlockSize, int PackedStride, int ScaleStride);

    /// <summary>Quantizes them: see <see cref="BlockCodes.QuantizeColumns(ReadOnlySpan{float}, int, int, int, Span{byte}, int, Span{float}, int)"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    [SkipLocalsInit]
    public static void Quantize(ReadOnlySpan<float> rows, Layout layout, Span<byte> packed, Span<float> scales, bool weigh, ref RunSums sums)
    {
        var (depth, width, weights, weighed) = (((rows.Length - layout.Columns) / layout.Stride) + 1, Vector<float>.Count, default(Weights), 0);
        var most = Math.Max(TileValues / layout.BlockSize / width, 1) * width;
        var pitch = most + Padding;
        // While one tile is converted the next one comes from memory.
        Span<float> tile = stackalloc float[layout.BlockSize * pitch];
        Span<float> next = stackalloc float[layout.BlockSize * pitch];
        var (whole, blocks) = (layout.Columns / width * width, (depth + layout.BlockSize - 1) / layout.BlockSize);
        var tiles = (whole + most - 1) / most * blocks;
        for (var number = 0; number < tiles; number++)
        {
            var part = PartOf(number);
            if (number == 0) Copy(rows, layout, part, 0, layout.BlockSize, tile, pitch);
            var (coming, copied) = (number + 1 < tiles ? PartOf(number + 1) : default, 0);
            for (var column = 0; column < part.Columns; column += width)
            {
                var due = coming.Columns > 0 ? layout.BlockSize * (column + width) / part.Columns : 0;
                Copy(rows, layout, coming, copied, due, next, pitch);
                copied = due;
                var at = part.First + column;
                var scale = Pack(tile[column..], pitch, layout, packed.Slice((at * layout.PackedStride) + (part.Top / 2), ((width - 1) * layout.PackedStride) + (layout.BlockSize / 2)),
                    scales[((at * layout.ScaleStride) + (part.Top / layout.BlockSize))..]);
                if (!weigh) continue;
                Weigh(tile[column..], pitch, part.Rows, scale, ref weights);
                if ((weighed += width * part.Rows) < RunSums.Run) continue;
                weights.AddTo(ref sums);
                weighed = 0;
            }
            var done = tile;
            tile = next;
            next = done;
        }
        weights.AddTo(ref sums);
        Rest(rows, layout, depth, whole, packed, scales, weigh, ref sums);

        Part PartOf(int number)
        {
            var (first, top) = (number / blocks * most, number % blocks * layout.BlockSize);
            return new(first, Math.Min(most, whole - first), top, Math.Min(layout.BlockSize, depth - top));
        }
    }

    // Rows of a tile, from one up to another; where the matrix has no more of them, zeros, which change neither a block's scale nor, as codes, its values.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Copy(ReadOnlySpan<float> rows, in Layout layout, in Part part, int from, int to, Span<float> tile, int pitch)
    {
        for (var row = from; row < to; row++)
        {
            var ahead = ((part.Top + row + RowsAhead) * (long)layout.Stride) + part.First;
            if (ahead + part.Columns <= rows.Length) Ahead.Fetch(rows.Slice((int)ahead, part.Columns));
            var copy = tile.Slice(row * pitch, part.Columns);
            if (row < part.Rows) rows.Slice(((part.Top + row) * layout.Stride) + part.First, part.Columns).CopyTo(copy);
            else copy.Clear();
        }
    }

    // As many columns of a tile as a vector holds; returns their scales.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    [SkipLocalsInit]
    private static Vector<float> Pack(ReadOnlySpan<float> tile, int pitch, in Layout layout, Span<byte> packed, Span<float> scales)
    {
        ref var value = ref MemoryMarshal.GetReference(tile);
        ref var code = ref MemoryMarshal.GetReference(packed);
        var (rows, stride) = (layout.BlockSize, layout.PackedStride);
        var low = Vector.LoadUnsafe(ref value);
        var high = low;
        ref var next = ref value;
        for (var row = 1; row < rows; row++)
        {
            next = ref Unsafe.Add(ref next, pitch);
            var values = Vector.LoadUnsafe(ref next);
            low = Vector.MinNative(low, values);
            high = Vector.MaxNative(high, values);
        }
        // On a tie the positive one, as in MlasQuantizeBlockwise. An eighth is exact: a product with it is the quotient.
        var scale = Vector.ConditionalSelect(Vector.GreaterThan(Vector.Abs(low), Vector.Abs(high)), low, high) * new Vector<float>(-1f / BlockCodes.ZeroPoint);
        for (var lane = 0; lane < Vector<float>.Count; lane++) scales[lane * layout.ScaleStride] = scale[lane];
        var reciprocal = Reciprocal(scale);
        Unsafe.SkipInit(out FourWords words);
        for (var word = 0; word < rows / WordRows; word++)
        {
            ref var from = ref Unsafe.Add(ref value, word * WordRows * pitch);
            words[word % Words] = Codes(ref from, 0, reciprocal)
                | Vector.ShiftLeft(Codes(ref from, pitch, reciprocal), 4)
                | Vector.ShiftLeft(Codes(ref from, 2 * pitch, reciprocal), 8)
                | Vector.ShiftLeft(Codes(ref from, 3 * pitch, reciprocal), 12)
                | Vector.ShiftLeft(Codes(ref from, 4 * pitch, reciprocal), 16)
                | Vector.ShiftLeft(Codes(ref from, 5 * pitch, reciprocal), 20)
                | Vector.ShiftLeft(Codes(ref from, 6 * pitch, reciprocal), 24)
                | Vector.ShiftLeft(Codes(ref from, 7 * pitch, reciprocal), 28);
            if (word % Words == Words - 1) Store(words[0], words[1], words[2], words[3], ref Unsafe.Add(ref code, (word - Words + 1) * sizeof(int)), stride);
        }
        return scale;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<int> Codes(ref float values, int at, Vector<float> reciprocal) => BlockCodes.Clamp(BlockCodes.Codes(Vector.LoadUnsafe(ref values, (nuint)at), reciprocal));

    // A scale of zero, or so small that nothing finite is its reciprocal, leaves zeros.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> Reciprocal(Vector<float> scale)
    {
        var reciprocal = Vector<float>.One / scale;
        return Vector.ConditionalSelect(Vector.LessThanOrEqual(Vector.Abs(reciprocal), new Vector<float>(float.MaxValue)), reciprocal, Vector<float>.Zero);
    }

    // What that does to their values.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Weigh(ReadOnlySpan<float> tile, int pitch, int rows, Vector<float> scale, ref Weights weights)
    {
        ref var value = ref MemoryMarshal.GetReference(tile);
        var (signal, noise, cross, error, zeros, reciprocal) = (weights.Signal, weights.Noise, weights.Cross, weights.Error, weights.Zeros, Reciprocal(scale));
        for (var row = 0; row < rows; row++)
        {
            var before = Vector.LoadUnsafe(ref value, (nuint)(row * pitch));
            var codes = BlockCodes.Clamp(BlockCodes.Codes(before, reciprocal)) - new Vector<int>(BlockCodes.ZeroPoint);
            var off = before - (Vector.ConvertToSingle(codes) * scale);
            signal = Vector.MultiplyAddEstimate(before, before, signal);
            noise = Vector.MultiplyAddEstimate(off, off, noise);
            cross = Vector.MultiplyAddEstimate(before, off, cross);
            error = Vector.MaxNative(error, Vector.Abs(off));
            zeros -= Vector.Equals(codes, Vector<int>.Zero); // −1 for each
        }
        (weights.Signal, weights.Noise, weights.Cross, weights.Error, weights.Zeros) = (signal, noise, cross, error, zeros);
    }

    // Each lane is a column's: its four words lie side by side.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector<int> first, Vector<int> second, Vector<int> third, Vector<int> fourth, ref byte code, int stride)
    {
        if (Avx2.IsSupported && Vector<int>.Count == Vector256<int>.Count)
        {
            var (a, b, c, d) = (first.AsVector256(), second.AsVector256(), third.AsVector256(), fourth.AsVector256());
            var (ab, cd) = (Avx2.UnpackLow(a, b).AsInt64(), Avx2.UnpackLow(c, d).AsInt64());
            var (ab2, cd2) = (Avx2.UnpackHigh(a, b).AsInt64(), Avx2.UnpackHigh(c, d).AsInt64());
            Store(Avx2.UnpackLow(ab, cd).AsByte(), ref code, 4 * stride);
            Store(Avx2.UnpackHigh(ab, cd).AsByte(), ref Unsafe.Add(ref code, stride), 4 * stride);
            Store(Avx2.UnpackLow(ab2, cd2).AsByte(), ref Unsafe.Add(ref code, 2 * stride), 4 * stride);
            Store(Avx2.UnpackHigh(ab2, cd2).AsByte(), ref Unsafe.Add(ref code, 3 * stride), 4 * stride);
            return;
        }
        Store(first, ref code, stride);
        Store(second, ref Unsafe.Add(ref code, sizeof(int)), stride);
        Store(third, ref Unsafe.Add(ref code, 2 * sizeof(int)), stride);
        Store(fourth, ref Unsafe.Add(ref code, 3 * sizeof(int)), stride);
    }

    // The halves are columns four apart.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector256<byte> halves, ref byte code, int stride)
    {
        halves.GetLower().StoreUnsafe(ref code);
        halves.GetUpper().StoreUnsafe(ref code, (nuint)stride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector<int> word, ref byte code, int stride)
    {
        for (var lane = 0; lane < Vector<int>.Count; lane++)
            Unsafe.WriteUnaligned(ref Unsafe.Add(ref code, lane * stride), BitConverter.IsLittleEndian ? word[lane] : BinaryPrimitives.ReverseEndianness(word[lane]));
    }

    // Columns that fill no vector.
    private static void Rest(ReadOnlySpan<float> rows, in Layout layout, int depth, int from, Span<byte> packed, Span<float> scales, bool weigh, ref RunSums sums)
    {
        Span<float> single = stackalloc float[layout.BlockSize];
        for (var column = from; column < layout.Columns; column++)
        {
            for (var top = 0; top < depth; top += layout.BlockSize)
            {
                var block = Math.Min(layout.BlockSize, depth - top);
                for (var row = 0; row < block; row++) single[row] = rows[((top + row) * layout.Stride) + column];
                scales[(column * layout.ScaleStride) + (top / layout.BlockSize)] =
                    BlockCodes.Single(single[..block], packed.Slice((column * layout.PackedStride) + (top / 2), layout.BlockSize / 2), weigh, ref sums);
            }
        }
    }

    // Columns of a block.
    private readonly record struct Part(int First, int Columns, int Top, int Rows);

    // What conversion does to the values of a run, lane by lane.
    private struct Weights
    {
        public Vector<float> Signal, Noise, Cross, Error;
        public Vector<int> Zeros;

        public void AddTo(ref RunSums sums)
        {
            sums.Add(Signal, Noise, Cross, Vector<byte>.Zero);
            sums.Raise(Error);
            sums.Zeros += Vector.Sum(Zeros);
            this = default;
        }
    }

    [InlineArray(Words)]
    private struct FourWords
    {
        public Vector<int> First;
    }
}
