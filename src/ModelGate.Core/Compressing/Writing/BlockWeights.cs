using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ModelGate.Compressing;

/// <summary>float32 weights as int4 codes: packed for MatMulNBits, [N, ⌈K / block⌉, block / 2], or without padding for GatherBlockQuantized, [N, K / 2].</summary>
/// <param name="name">The tensor.</param>
/// <param name="values">Its values: [K, N], or [N, K] where <paramref name="isTransposed"/>.</param>
/// <param name="depth">K.</param>
/// <param name="columns">N.</param>
/// <param name="isTransposed">True where the values of a column lie side by side.</param>
/// <param name="isPadded">True where the last block of a column is filled up with zeros; only rows that lie side by side may go without.</param>
/// <param name="blockSize">Weights that share a scale.</param>
/// <param name="fidelity">What the conversion does to them.</param>
internal sealed class BlockWeights(string name, FileRange values, int depth, int columns, bool isTransposed, bool isPadded, int blockSize, WeightFidelity fidelity) : Piece
{
    // Weights held at once. Where those of a column are strewn over the tensor, rows are read from end to end, and what is held besides a block of them is
    // the codes of all columns: an eighth of so many weights.
    private const int Held = 1 << 16, HeldOfBlock = 1 << 20, HeldAsCodes = 1 << 25;

    // Weights whose codes fill a line of the cache.
    private const int LineOfCodes = 128;

    private readonly int blocks = (depth + blockSize - 1) / blockSize;
    private float[]? scales;

    public override long Length => (long)columns * ColumnBytes;

    /// <summary>The scales, one per block, right once the codes have been written.</summary>
    public Piece Scales => new ScalesOf(this);

    public override void Check(SourceFiles sources) => Finiteness.Check(name, values, sources);

    public override void WriteTo(Stream output, SourceFiles sources)
    {
        scales = new float[checked(columns * blocks)];
        var width = Math.Clamp(isTransposed ? Held / depth : Math.Min(HeldAsCodes / depth, HeldOfBlock / blockSize), 1, columns);
        var packed = sources.Scratch.Codes(checked(width * ColumnBytes));
        for (var first = 0; first < columns; first += width)
        {
            var count = Math.Min(width, columns - first);
            var stored = packed[..(count * ColumnBytes)];
            fidelity.Add(isTransposed ? ConvertRows(sources, stored, first, count) : ConvertColumns(sources, stored, first, count), (long)count * depth, stored);
            output.Write(stored);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private RunSums ConvertRows(SourceFiles sources, Span<byte> packed, int first, int count)
    {
        var weights = sources.Scratch.Weights(checked(count * depth));
        Read(sources, (long)first * depth, weights);
        var sums = new RunSums();
        for (var column = 0; column < count; column++)
            BlockCodes.QuantizeRow(weights.Slice(column * depth, depth), blockSize, packed.Slice(column * ColumnBytes, ColumnBytes), scales.AsSpan((first + column) * blocks, blocks), ref sums);
        Refuse(sums, weights);
        return sums;
    }

    // As many blocks at once as make a line of the cache in their codes.
    private RunSums ConvertColumns(SourceFiles sources, Span<byte> packed, int first, int count)
    {
        var together = Math.Max(LineOfCodes / blockSize, 1) * blockSize;
        if ((long)together * count > HeldOfBlock) together = blockSize;
        var weights = sources.Scratch.Weights(Math.Min(together, depth) * count);
        var sums = new RunSums();
        for (var top = 0; top < depth; top += together)
        {
            var rows = weights[..(Math.Min(together, depth - top) * count)];
            if (count == columns) Read(sources, (long)top * columns, rows);
            else for (var row = 0; row < rows.Length / count; row++) Read(sources, ((long)(top + row) * columns) + first, rows.Slice(row * count, count));
            BlockCodes.QuantizeColumns(rows, count, count, blockSize, packed[(top / 2)..], ColumnBytes, scales.AsSpan((first * blocks) + (top / blockSize)), blocks, ref sums);
            Refuse(sums, rows);
        }
        return sums;
    }

    // What is not finite has no finite square. Neither has what is very large, so only a look at the values can tell.
    private void Refuse(in RunSums sums, ReadOnlySpan<float> weights)
    {
        if (!double.IsFinite(sums.Signal) && float.IsNaN(ChannelCodes.AbsMax(weights))) throw new NotFiniteException(name);
    }

    private void Read(SourceFiles sources, long at, Span<float> weights) => sources.Read(values, at * sizeof(float), MemoryMarshal.AsBytes(weights));

    private sealed class ScalesOf(BlockWeights weights) : Piece
    {
        public override long Length => (long)weights.Blocks * sizeof(float);

        public override Piece Needs => weights;

        public override void WriteTo(Stream output, SourceFiles sources)
        {
            output.Write(MemoryMarshal.AsBytes<float>(weights.scales));
            weights.scales = null; // of all tensors together they may be large
        }
    }

    private int Blocks => columns * blocks;

    private int ColumnBytes => isPadded ? blocks * (blockSize / 2) : depth / 2;
}
