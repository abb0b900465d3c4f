using System.Buffers;
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
    // Rows whose codes make one 32-bit word of a column, how many words every block is a multiple of, and rows whose codes fill a line of the cache.
    private const int WordRows = 8, Words = 4, LineRows = 128, Line = LineRows / 2;

    // Columns that are looked at together. They are copied to where they stay in the cache, with room between rows: those of a matrix may lie as far apart as
    // to push each other out of it. 128 to 1024 were tried.
    private const int TileColumns = 128, Pitch = TileColumns + 16;

    // Rows that are on their way from memory while one is copied: they lie on other pages, of which the processor asks for nothing by itself. 1 to 4 were tried.
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
    public static void Quantize(ReadOnlySpan<float> rows, Layout layout, Span<byte> packed, Span<float> scales, bool weigh, ref RunSums sums)
    {
        var (width, block) = (Vector<float>.Count, layout.BlockSize);
        var (matrix, tileLength, scalesLength) = (new Matrix(layout, ((rows.Length - layout.Columns) / layout.Stride) + 1), block * Pitch, LineRows / block * TileColumns);
        var room = ArrayPool<float>.Shared.Rent((2 * tileLength) + scalesLength);
        var codesRoom = ArrayPool<byte>.Shared.Rent(Line * TileColumns);
        // While one tile is converted the next one comes from memory.
        Span<float> tile = room.AsSpan(0, tileLength), next = room.AsSpan(tileLength, tileLength), scale = room.AsSpan(2 * tileLength, scalesLength);
        Span<byte> codes = codesRoom;
        var (weights, weighed, part, row, at) = (default(Weights), 0, matrix.First, 0, 0);
        matrix.Copy(rows, part, ref row, ref at, tileLength, tile);
        while (part.Columns > 0)
        {
            var (coming, inLine) = (matrix.After(part), part.Top % LineRows);
            var isLastOfLine = coming.First != part.First || coming.Top / LineRows != part.Top / LineRows || coming.Columns == 0;
            (row, at) = (0, 0);
            for (var column = 0; column < part.Columns; column += width)
            {
                matrix.Copy(rows, coming, ref row, ref at, block * width, next);
                if (isLastOfLine) matrix.AskForPlaces(part, column, packed, scales);
                ref var values = ref tile[column];
                var of = ScaleOf(ref values, block);
                of.CopyTo(scale[((inLine / block * TileColumns) + column)..]);
                Pack(ref values, block, of, ref codes[(column * Line) + (inLine / 2)]);
                if (!weigh) continue;
                Weigh(ref values, part.Rows, of, ref weights);
                if ((weighed += width * part.Rows) < RunSums.Run) continue;
                weights.AddTo(ref sums);
                weighed = 0;
            }
            matrix.Copy(rows, coming, ref row, ref at, tileLength, next); // what there is more of than of this one
            if (isLastOfLine) Put(codes, scale, part, layout, packed, scales);
            var done = tile;
            tile = next;
            next = done;
            part = coming;
        }
        weights.AddTo(ref sums);
        ArrayPool<float>.Shared.Return(room);
        ArrayPool<byte>.Shared.Return(codesRoom);
        Rest(rows, layout, matrix.Depth, matrix.Columns, packed, scales, weigh, ref sums);
    }

    // The scales of as many columns as a vector holds; on a tie the positive one, as in MlasQuantizeBlockwise. An eighth is exact: a product with it is the quotient.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static Vector<float> ScaleOf(ref float values, int rows)
    {
        ref var second = ref Unsafe.Add(ref values, Pitch);
        var (low, low2) = (Vector.LoadUnsafe(ref values), Vector.LoadUnsafe(ref second));
        var (high, high2) = (low, low2);
        for (var row = 2; row < rows; row += 2)
        {
            values = ref Unsafe.Add(ref second, Pitch);
            second = ref Unsafe.Add(ref values, Pitch);
            var (one, other) = (Vector.LoadUnsafe(ref values), Vector.LoadUnsafe(ref second));
            (low, low2) = (Vector.MinNative(low, one), Vector.MinNative(low2, other));
            (high, high2) = (Vector.MaxNative(high, one), Vector.MaxNative(high2, other));
        }
        (low, high) = (Vector.MinNative(low, low2), Vector.MaxNative(high, high2));
        return Vector.ConditionalSelect(Vector.GreaterThan(Vector.Abs(low), Vector.Abs(high)), low, high) * new Vector<float>(-1f / BlockCodes.ZeroPoint);
    }

    // Their codes, a line of the cache from column to column.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Pack(ref float values, int rows, Vector<float> scale, ref byte code)
    {
        var reciprocal = Reciprocal(scale);
        for (var word = 0; word < rows / WordRows; word += Words)
        {
            var first = Word(ref values, reciprocal);
            values = ref Unsafe.Add(ref values, WordRows * Pitch);
            var second = Word(ref values, reciprocal);
            values = ref Unsafe.Add(ref values, WordRows * Pitch);
            var third = Word(ref values, reciprocal);
            values = ref Unsafe.Add(ref values, WordRows * Pitch);
            var fourth = Word(ref values, reciprocal);
            values = ref Unsafe.Add(ref values, WordRows * Pitch);
            Store(first, second, third, fourth, ref Unsafe.Add(ref code, word * sizeof(int)));
        }
    }

    // The codes of eight rows, a nibble each.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<int> Word(ref float values, Vector<float> reciprocal) =>
        FourRows(ref values, reciprocal) | Vector.ShiftLeft(FourRows(ref Unsafe.Add(ref values, WordRows / 2 * Pitch), reciprocal), 16);

    // Added up as float32, which holds them exactly: integers would have to be shifted first.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<int> FourRows(ref float values, Vector<float> reciprocal)
    {
        ref var second = ref Unsafe.Add(ref values, Pitch);
        ref var third = ref Unsafe.Add(ref second, Pitch);
        ref var fourth = ref Unsafe.Add(ref third, Pitch);
        var low = Vector.MultiplyAddEstimate(BlockCodes.Code(Vector.LoadUnsafe(ref second), reciprocal), new Vector<float>(16), BlockCodes.Code(Vector.LoadUnsafe(ref values), reciprocal));
        var high = Vector.MultiplyAddEstimate(BlockCodes.Code(Vector.LoadUnsafe(ref fourth), reciprocal), new Vector<float>(16), BlockCodes.Code(Vector.LoadUnsafe(ref third), reciprocal));
        return Vector.ConvertToInt32Native(Vector.MultiplyAddEstimate(high, new Vector<float>(256), low));
    }

    // A scale of zero, or so small that nothing finite is its reciprocal, leaves zeros.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> Reciprocal(Vector<float> scale)
    {
        var reciprocal = Vector<float>.One / scale;
        return Vector.ConditionalSelect(Vector.LessThanOrEqual(Vector.Abs(reciprocal), new Vector<float>(float.MaxValue)), reciprocal, Vector<float>.Zero);
    }

    // What that does to their values.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Weigh(ref float values, int rows, Vector<float> scale, ref Weights weights)
    {
        var (signal, noise, cross, error, zeros, reciprocal) = (weights.Signal, weights.Noise, weights.Cross, weights.Error, weights.Zeros, Reciprocal(scale));
        for (var row = 0; row < rows; row++)
        {
            var before = Vector.LoadUnsafe(ref values, (nuint)(row * Pitch));
            var code = BlockCodes.Code(before, reciprocal) - new Vector<float>(BlockCodes.ZeroPoint);
            var off = before - (code * scale);
            signal = Vector.MultiplyAddEstimate(before, before, signal);
            noise = Vector.MultiplyAddEstimate(off, off, noise);
            cross = Vector.MultiplyAddEstimate(before, off, cross);
            error = Vector.MaxNative(error, Vector.Abs(off));
            zeros -= Vector.Equals(code, Vector<float>.Zero); // −1 for each
        }
        (weights.Signal, weights.Noise, weights.Cross, weights.Error, weights.Zeros) = (signal, noise, cross, error, zeros);
    }

    // Each lane is a column's: its four words lie side by side.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector<int> first, Vector<int> second, Vector<int> third, Vector<int> fourth, ref byte code)
    {
        if (Avx2.IsSupported && Vector<int>.Count == Vector256<int>.Count)
        {
            var (a, b, c, d) = (first.AsVector256(), second.AsVector256(), third.AsVector256(), fourth.AsVector256());
            var (ab, cd) = (Avx2.UnpackLow(a, b).AsInt64(), Avx2.UnpackLow(c, d).AsInt64());
            var (ab2, cd2) = (Avx2.UnpackHigh(a, b).AsInt64(), Avx2.UnpackHigh(c, d).AsInt64());
            Store(Avx2.UnpackLow(ab, cd).AsByte(), ref code);
            Store(Avx2.UnpackHigh(ab, cd).AsByte(), ref Unsafe.Add(ref code, Line));
            Store(Avx2.UnpackLow(ab2, cd2).AsByte(), ref Unsafe.Add(ref code, 2 * Line));
            Store(Avx2.UnpackHigh(ab2, cd2).AsByte(), ref Unsafe.Add(ref code, 3 * Line));
            return;
        }
        Store(first, ref code);
        Store(second, ref Unsafe.Add(ref code, sizeof(int)));
        Store(third, ref Unsafe.Add(ref code, 2 * sizeof(int)));
        Store(fourth, ref Unsafe.Add(ref code, 3 * sizeof(int)));
    }

    // The halves are columns four apart.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector256<byte> halves, ref byte code)
    {
        halves.GetLower().StoreUnsafe(ref code);
        halves.GetUpper().StoreUnsafe(ref code, 4 * Line);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector<int> word, ref byte code)
    {
        for (var lane = 0; lane < Vector<int>.Count; lane++)
            Unsafe.WriteUnaligned(ref Unsafe.Add(ref code, lane * Line), BitConverter.IsLittleEndian ? word[lane] : BinaryPrimitives.ReverseEndianness(word[lane]));
    }

    // Columns whose codes fill a line each, or what is left of them at the end: every line of the output is written at once.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Put(ReadOnlySpan<byte> codes, ReadOnlySpan<float> scale, in Part last, in Layout layout, Span<byte> packed, Span<float> scales)
    {
        var top = last.Top / LineRows * LineRows;
        var blocks = ((last.Top - top) / layout.BlockSize) + 1;
        var bytes = blocks * layout.BlockSize / 2;
        ref var code = ref MemoryMarshal.GetReference(codes);
        ref var to = ref MemoryMarshal.GetReference(packed.Slice((last.First * layout.PackedStride) + (top / 2), ((last.Columns - 1) * layout.PackedStride) + bytes));
        ref var toScales = ref MemoryMarshal.GetReference(scales.Slice((last.First * layout.ScaleStride) + (top / layout.BlockSize), ((last.Columns - 1) * layout.ScaleStride) + blocks));
        for (var column = 0; column < last.Columns; column++)
        {
            for (var at = 0; at < bytes; at += Vector128<byte>.Count) Vector128.LoadUnsafe(ref code, (nuint)at).StoreUnsafe(ref to, (nuint)at);
            for (var block = 0; block < blocks; block++) Unsafe.Add(ref toScales, block) = scale[(block * TileColumns) + column];
            code = ref Unsafe.Add(ref code, Line);
            to = ref Unsafe.Add(ref to, layout.PackedStride);
            toScales = ref Unsafe.Add(ref toScales, layout.ScaleStride);
        }
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

    // The columns that fill vectors, and the order in which blocks of them are taken: down as long as their codes share a line, then to the right.
    private readonly record struct Matrix(Layout Layout, int Depth)
    {
        public int Columns => Layout.Columns / Vector<float>.Count * Vector<float>.Count;

        public Part First => At(0, 0);

        public Part After(in Part part)
        {
            var below = part.Top + Layout.BlockSize;
            if (below % LineRows != 0 && below < Depth) return At(part.First, below);
            var right = part.First + part.Columns;
            return right < Columns ? At(right, part.Top / LineRows * LineRows) : At(0, (part.Top / LineRows * LineRows) + LineRows);
        }

        // None where there are no more.
        private Part At(int first, int top) => top < Depth ? new(first, Math.Min(TileColumns, Columns - first), top, Math.Min(Layout.BlockSize, Depth - top)) : default;

        // Where the codes and scales of as many columns as a vector holds will go: they lie on other pages from column to column, and soon all are written at once.
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void AskForPlaces(in Part part, int column, Span<byte> packed, Span<float> scales)
        {
            for (var at = part.First + column; at < part.First + column + Vector<float>.Count; at++)
            {
                Ahead.FetchPlace(ref packed[(at * Layout.PackedStride) + (part.Top / LineRows * Line)]);
                Ahead.FetchPlace(ref scales[(at * Layout.ScaleStride) + (part.Top / Layout.BlockSize)]);
            }
        }

        // The next values of a part, row by row. Where the matrix has no more rows, zeros, which change neither a block's scale nor, as codes, its values.
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Copy(ReadOnlySpan<float> rows, in Part part, ref int row, ref int column, int most, Span<float> tile)
        {
            while (most > 0 && row < Layout.BlockSize && part.Columns > 0)
            {
                var count = Math.Min(part.Columns - column, most);
                var copy = tile.Slice((row * Pitch) + column, count);
                var at = ((long)(part.Top + row) * Layout.Stride) + part.First + column;
                if (row < part.Rows) rows.Slice((int)at, count).CopyTo(copy);
                else copy.Clear();
                var ahead = at + (RowsAhead * (long)Layout.Stride);
                if (ahead + count <= rows.Length) Ahead.Fetch(rows.Slice((int)ahead, count));
                most -= count;
                column += count;
                if (column < part.Columns) continue;
                (row, column) = (row + 1, 0);
            }
        }
    }

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
}
