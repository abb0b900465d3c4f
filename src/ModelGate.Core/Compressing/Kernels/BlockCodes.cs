using System.Numerics;

namespace ModelGate.Compressing;

/// <summary>
/// Symmetric int4 in blocks along K, as ONNX Runtime's MatMulNBits reads it: per block, m is the value of larger magnitude,
/// scale = −m / 8, code = clamp(roundf(value · (1 / scale) + 8), 0, 15), half away from zero; the even element in the low nibble.
/// Source: ContribOperators.md and MlasQuantizeBlockwise of ONNX Runtime.
/// </summary>
internal static class BlockCodes
{
    private const int ZeroPoint = 8;

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
        var depth = (rows.Length - columns) / stride + 1;
        var width = Vector<float>.Count;
        Span<float> reciprocals = stackalloc float[width];
        Span<float> extremes = stackalloc float[width];
        Span<int> pair = stackalloc int[width];
        var column = 0;
        for (; column <= columns - width; column += width)
        {
            var (low, high) = (new Vector<float>(rows[column..]), new Vector<float>(rows[column..]));
            for (var row = 1; row < depth; row++)
            {
                var values = new Vector<float>(rows[((row * stride) + column)..]);
                (low, high) = (Vector.Min(low, values), Vector.Max(high, values));
            }
            // On a tie the positive one, as in MlasQuantizeBlockwise.
            Vector.ConditionalSelect(Vector.GreaterThan(Vector.Abs(low), Vector.Abs(high)), low, high).CopyTo(extremes);
            for (var lane = 0; lane < width; lane++)
            {
                var scale = extremes[lane] / -ZeroPoint;
                scales[(column + lane) * scaleStride] = scale;
                reciprocals[lane] = Reciprocal(scale);
            }
            var reciprocal = new Vector<float>(reciprocals);
            for (var row = 0; row < blockSize; row += 2)
            {
                var even = row < depth ? Codes(new Vector<float>(rows[((row * stride) + column)..]), reciprocal) : new Vector<int>(ZeroPoint);
                var odd = row + 1 < depth ? Codes(new Vector<float>(rows[(((row + 1) * stride) + column)..]), reciprocal) : new Vector<int>(ZeroPoint);
                (even | Vector.ShiftLeft(odd, 4)).CopyTo(pair);
                for (var lane = 0; lane < width; lane++) packed[((column + lane) * packedStride) + (row / 2)] = (byte)pair[lane];
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
            for (var row = 0; row < blockSize; row += 2)
            {
                var even = row < depth ? Code(rows[(row * stride) + column], reciprocal) : ZeroPoint;
                var odd = row + 1 < depth ? Code(rows[((row + 1) * stride) + column], reciprocal) : ZeroPoint;
                packed[(column * packedStride) + (row / 2)] = (byte)(even | (odd << 4));
            }
        }
    }

    /// <summary>Quantizes one block whose values lie side by side; fewer than a block at the end of K, the rest counting as zeros. Returns its scale.</summary>
    public static float QuantizeRow(ReadOnlySpan<float> values, Span<byte> packed)
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
                (lows, highs) = (Vector.Min(lows, next), Vector.Max(highs, next));
            }
            for (var lane = 0; lane < width; lane++) (low, high) = (MathF.Min(low, lows[lane]), MathF.Max(high, highs[lane]));
        }
        for (; at < values.Length; at++) (low, high) = (MathF.Min(low, values[at]), MathF.Max(high, values[at]));
        var scale = Scale(low, high);
        var reciprocal = Reciprocal(scale);

        at = 0;
        if (values.Length % (4 * width) == 0)
        {
            // Codes as bytes; then neighbours are joined within each 16-bit lane.
            for (; at < values.Length; at += 4 * width)
            {
                var spread = new Vector<float>(reciprocal);
                var low16 = Vector.Narrow(Codes(new Vector<float>(values[at..]), spread), Codes(new Vector<float>(values[(at + width)..]), spread));
                var high16 = Vector.Narrow(Codes(new Vector<float>(values[(at + (2 * width))..]), spread), Codes(new Vector<float>(values[(at + (3 * width))..]), spread));
                var bytes = Vector.AsVectorUInt16(Vector.Narrow(low16, high16));
                var joined = (bytes | Vector.ShiftRightLogical(bytes, 4)) & new Vector<ushort>(0xFF);
                var halves = Vector.Narrow(joined, joined);
                for (var lane = 0; lane < Vector<ushort>.Count; lane++) packed[(at / 2) + lane] = halves[lane];
            }
            return scale;
        }
        for (; at < packed.Length * 2; at += 2)
        {
            var even = at < values.Length ? Code(values[at], reciprocal) : ZeroPoint;
            var odd = at + 1 < values.Length ? Code(values[at + 1], reciprocal) : ZeroPoint;
            packed[at / 2] = (byte)(even | (odd << 4));
        }
        return scale;
    }

    /// <summary>The value that a block's code number <paramref name="index"/> stands for.</summary>
    public static float Restore(ReadOnlySpan<byte> packed, int index, float scale) => (((packed[index / 2] >> (index % 2 * 4)) & 15) - ZeroPoint) * scale;

    private static float Scale(float low, float high) => (MathF.Abs(low) > MathF.Abs(high) ? low : high) / -ZeroPoint;

    private static float Reciprocal(float scale) => scale == 0 ? 0 : 1 / scale;

    // Half away from zero without adding a half: 0.49999997 + 0.5 is 1 in float32.
    private static Vector<int> Codes(Vector<float> values, Vector<float> reciprocal)
    {
        var shifted = (values * reciprocal) + new Vector<float>(ZeroPoint);
        var floor = Vector.Floor(shifted);
        var rounded = floor + Vector.ConditionalSelect(Vector.GreaterThanOrEqual(shifted - floor, new Vector<float>(0.5f)), Vector<float>.One, Vector<float>.Zero);
        return Vector.ConvertToInt32(Vector.Min(Vector.Max(rounded, Vector<float>.Zero), new Vector<float>(15)));
    }

    private static int Code(float value, float reciprocal)
    {
        var shifted = (value * reciprocal) + ZeroPoint;
        var floor = MathF.Floor(shifted);
        var rounded = floor + (shifted - floor >= 0.5f ? 1 : 0);
        return (int)MathF.Min(MathF.Max(rounded, 0), 15);
    }
}
