using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ModelGate.Compressing;

/// <summary>
/// Symmetric int4 in blocks along K, as ONNX Runtime's MatMulNBits reads it: per block, m is the value of larger magnitude,
/// scale = −m / 8, code = clamp(roundf(value · (1 / scale) + 8), 0, 15), half away from zero; the even element in the low nibble.
/// Source: ContribOperators.md and MlasQuantizeBlockwise of ONNX Runtime.
/// </summary>
internal static class BlockCodes
{
    private const int ZeroPoint = 8;

    // Rows whose codes make one 32-bit word of a column.
    private const int WordRows = 8;

    /// <summary>Quantizes columns side by side, one block of each.</summary>
    /// <param name="rows">The block's rows of <paramref name="columns"/> values, each <paramref name="stride"/> after the one before; fewer than a block at the end of K, the rest counting as zeros.</param>
    /// <param name="columns">How many columns.</param>
    /// <param name="stride">Values from row to row.</param>
    /// <param name="blockSize">Rows of a full block.</param>
    /// <param name="packed">The codes of the first column's block; the next column's lie <paramref name="packedStride"/> bytes further.</param>
    /// <param name="packedStride">Bytes from column to column.</param>
    /// <param name="scales">The scale of the first column's block; the next column's lies <paramref name="scaleStride"/> further.</param>
    /// <param name="scaleStride">Scales from column to column.</param>
    /// <param name="restored">Where the values go that the codes stand for, laid out as <paramref name="rows"/>; empty where nobody asks.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void QuantizeColumns(ReadOnlySpan<float> rows, int columns, int stride, int blockSize, Span<byte> packed, int packedStride, Span<float> scales, int scaleStride, Span<float> restored = default)
    {
        var depth = (rows.Length - columns) / stride + 1;
        var width = Vector<float>.Count;
        Span<float> lanes = stackalloc float[width];
        Span<int> words = stackalloc int[width];
        var column = 0;
        for (; column <= columns - width; column += width)
        {
            var (low, high) = (new Vector<float>(rows[column..]), new Vector<float>(rows[column..]));
            for (var row = 1; row < depth; row++)
            {
                var values = new Vector<float>(rows[((row * stride) + column)..]);
                (low, high) = (Vector.MinNative(low, values), Vector.MaxNative(high, values));
            }
            // On a tie the positive one, as in MlasQuantizeBlockwise.
            var scale = Vector.ConditionalSelect(Vector.GreaterThan(Vector.Abs(low), Vector.Abs(high)), low, high) / new Vector<float>(-ZeroPoint);
            scale.CopyTo(lanes);
            for (var lane = 0; lane < width; lane++) scales[(column + lane) * scaleStride] = lanes[lane];
            var reciprocal = Vector<float>.One / scale;
            reciprocal = Vector.ConditionalSelect(Vector.LessThanOrEqual(Vector.Abs(reciprocal), new Vector<float>(float.MaxValue)), reciprocal, Vector<float>.Zero);
            for (var row = 0; row < blockSize; row += WordRows)
            {
                var word = Vector<int>.Zero;
                for (var nibble = 0; nibble < WordRows; nibble++)
                {
                    var at = ((row + nibble) * stride) + column;
                    var codes = new Vector<int>(ZeroPoint);
                    if (row + nibble < depth)
                    {
                        codes = Codes(new Vector<float>(rows[at..]), reciprocal);
                        if (!restored.IsEmpty) Restore(codes, scale).CopyTo(restored[at..]);
                    }
                    word |= Vector.ShiftLeft(codes, 4 * nibble);
                }
                word.CopyTo(words);
                for (var lane = 0; lane < width; lane++) BinaryPrimitives.WriteInt32LittleEndian(packed[(((column + lane) * packedStride) + (row / 2))..], words[lane]);
            }
        }
        for (; column < columns; column++)
        {
            var (low, high) = (rows[column], rows[column]);
            for (var row = 1; row < depth; row++)
            {
                var value = rows[(row * stride) + column];
                (low, high) = (MathF.Min(low, value), MathF.Max(high, value));
            }
            var scale = Scale(low, high);
            scales[column * scaleStride] = scale;
            var reciprocal = Reciprocal(scale);
            var own = packed.Slice(column * packedStride, blockSize / 2);
            own.Clear();
            for (var row = 0; row < blockSize; row++)
            {
                var at = (row * stride) + column;
                var code = row < depth ? Code(rows[at], reciprocal) : ZeroPoint;
                own[row / 2] |= (byte)(code << (row % 2 * 4));
                if (row < depth && !restored.IsEmpty) restored[at] = (code - ZeroPoint) * scale;
            }
        }
    }

    /// <summary>Quantizes one block whose values lie side by side; fewer than a block at the end of K, the rest counting as zeros. Returns its scale.</summary>
    /// <param name="values">The values.</param>
    /// <param name="packed">Their codes.</param>
    /// <param name="restored">Where the values go that the codes stand for; empty where nobody asks.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float QuantizeRow(ReadOnlySpan<float> values, Span<byte> packed, Span<float> restored = default)
    {
        var (low, high) = (values[0], values[0]);
        var at = 0;
        var width = Vector<float>.Count;
        if (values.Length >= width)
        {
            var (lows, highs) = (new Vector<float>(values), new Vector<float>(values));
            for (at = width; at <= values.Length - width; at += width)
            {
                var next = new Vector<float>(values[at..]);
                (lows, highs) = (Vector.MinNative(lows, next), Vector.MaxNative(highs, next));
            }
            (low, high) = (Least(lows), -Least(-highs));
        }
        for (; at < values.Length; at++) (low, high) = (MathF.Min(low, values[at]), MathF.Max(high, values[at]));
        var scale = Scale(low, high);
        var reciprocal = Reciprocal(scale);

        at = 0;
        if (values.Length % (4 * width) == 0)
        {
            // Codes as bytes; then neighbours are joined within each 16-bit lane.
            var (spread, factor) = (new Vector<float>(reciprocal), new Vector<float>(scale));
            Span<byte> pairs = stackalloc byte[Vector<byte>.Count];
            for (; at < values.Length; at += 4 * width)
            {
                var first = Codes(new Vector<float>(values[at..]), spread);
                var second = Codes(new Vector<float>(values[(at + width)..]), spread);
                var third = Codes(new Vector<float>(values[(at + (2 * width))..]), spread);
                var fourth = Codes(new Vector<float>(values[(at + (3 * width))..]), spread);
                var bytes = Vector.AsVectorUInt16(Vector.NarrowWithSaturation(Vector.NarrowWithSaturation(first, second), Vector.NarrowWithSaturation(third, fourth)));
                var joined = (bytes | Vector.ShiftRightLogical(bytes, 4)) & new Vector<ushort>(0xFF);
                Vector.Narrow(joined, joined).CopyTo(pairs);
                pairs[..Vector<ushort>.Count].CopyTo(packed[(at / 2)..]);
                if (restored.IsEmpty) continue;
                Restore(first, factor).CopyTo(restored[at..]);
                Restore(second, factor).CopyTo(restored[(at + width)..]);
                Restore(third, factor).CopyTo(restored[(at + (2 * width))..]);
                Restore(fourth, factor).CopyTo(restored[(at + (3 * width))..]);
            }
        }
        var left = at;
        for (; at < packed.Length * 2; at += 2)
        {
            var even = at < values.Length ? Code(values[at], reciprocal) : ZeroPoint;
            var odd = at + 1 < values.Length ? Code(values[at + 1], reciprocal) : ZeroPoint;
            packed[at / 2] = (byte)(even | (odd << 4));
        }
        for (at = left; at < restored.Length; at++) restored[at] = Restore(packed, at, scale);
        return scale;
    }

    /// <summary>The value that a block's code number <paramref name="index"/> stands for.</summary>
    public static float Restore(ReadOnlySpan<byte> packed, int index, float scale) => (((packed[index / 2] >> (index % 2 * 4)) & 15) - ZeroPoint) * scale;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> Restore(Vector<int> codes, Vector<float> scale) => Vector.ConvertToSingle(codes - new Vector<int>(ZeroPoint)) * scale;

    private static float Scale(float low, float high) => (MathF.Abs(low) > MathF.Abs(high) ? low : high) / -ZeroPoint;

    // A scale of zero, or so small that nothing finite is its reciprocal, leaves zeros.
    private static float Reciprocal(float scale) => float.IsFinite(1 / scale) ? 1 / scale : 0;

    // Half away from zero without adding a half: 0.49999997 + 0.5 is 1 in float32.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<int> Codes(Vector<float> values, Vector<float> reciprocal)
    {
        var shifted = (values * reciprocal) + new Vector<float>(ZeroPoint);
        var floor = Vector.Floor(shifted);
        var rounded = floor + Vector.ConditionalSelect(Vector.GreaterThanOrEqual(shifted - floor, new Vector<float>(0.5f)), Vector<float>.One, Vector<float>.Zero);
        return Vector.ConvertToInt32Native(Vector.MinNative(Vector.MaxNative(rounded, Vector<float>.Zero), new Vector<float>(15)));
    }

    private static int Code(float value, float reciprocal)
    {
        var shifted = (value * reciprocal) + ZeroPoint;
        var floor = MathF.Floor(shifted);
        var rounded = floor + (shifted - floor >= 0.5f ? 1 : 0);
        return (int)MathF.Min(MathF.Max(rounded, 0), 15);
    }

    // The smallest of a vector's values, by halves.
    private static float Least(Vector<float> values)
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
            return least;
        }
        four = Vector128.MinNative(four, Vector128.Shuffle(four, Vector128.Create(2, 3, 0, 1)));
        four = Vector128.MinNative(four, Vector128.Shuffle(four, Vector128.Create(1, 0, 3, 2)));
        return four.ToScalar();
    }
}
