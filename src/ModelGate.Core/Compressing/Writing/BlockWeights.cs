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
    // Weights held at once: columns are packed whole, and where their weights are strewn over the tensor each part of a row is read by itself.
    private const int Held = 1 << 18, HeldOfStrewn = 1 << 20;

    private readonly int blocks = (depth + blockSize - 1) / blockSize;
    private float[]? scales;

    public override long Length => (long)columns * ColumnBytes;

    /// <summary>The scales, one per block, right once the codes have been written.</summary>
    public Piece Scales => new ScalesOf(this);

    public override void Check(SourceFiles sources) => Finiteness.Check(name, values, sources);

    public override void WriteTo(Stream output, SourceFiles sources)
    {
        scales = new float[checked(columns * blocks)];
        var width = Math.Clamp((isTransposed ? Held : HeldOfStrewn) / depth, 1, columns);
        var tile = sources.Scratch.Weights(checked(width * depth));
        var packed = sources.Scratch.Codes(checked(width * ColumnBytes));
        for (var first = 0; first < columns; first += width)
        {
            var count = Math.Min(width, columns - first);
            var weights = tile[..(count * depth)];
            Read(sources, weights, first, count);
            if (float.IsNaN(ChannelCodes.AbsMax(weights))) throw new NotFiniteException(name);
            var stored = packed[..(count * ColumnBytes)];
            fidelity.Add(isTransposed ? ConvertRows(weights, stored, first, count) : ConvertColumns(weights, stored, first, count), weights.Length, stored);
            output.Write(stored);
        }
    }

    private void Read(SourceFiles sources, Span<float> weights, int first, int count)
    {
        if (isTransposed || count == columns)
        {
            sources.Read(values, (long)first * depth * sizeof(float), MemoryMarshal.AsBytes(weights));
            return;
        }
        for (var row = 0; row < depth; row++)
            sources.Read(values, (((long)row * columns) + first) * sizeof(float), MemoryMarshal.AsBytes(weights.Slice(row * count, count)));
    }

    private RunSums ConvertRows(ReadOnlySpan<float> weights, Span<byte> packed, int first, int count)
    {
        var sums = new RunSums();
        for (var column = 0; column < count; column++)
            BlockCodes.QuantizeRow(weights.Slice(column * depth, depth), blockSize, packed.Slice(column * ColumnBytes, ColumnBytes), scales.AsSpan((first + column) * blocks, blocks), ref sums);
        return sums;
    }

    private RunSums ConvertColumns(ReadOnlySpan<float> weights, Span<byte> packed, int first, int count)
    {
        var sums = new RunSums();
        for (var block = 0; block < blocks; block++)
        {
            var top = block * blockSize;
            BlockCodes.QuantizeColumns(weights.Slice(top * count, Math.Min(blockSize, depth - top) * count), count, count, blockSize, packed[(block * (blockSize / 2))..], ColumnBytes,
                scales.AsSpan((first * blocks) + block), blocks, ref sums);
        }
        return sums;
    }

    private sealed class ScalesOf(BlockWeights weights) : Piece
    {
        public override long Length => (long)weights.Blocks * sizeof(float);

        public override void WriteTo(Stream output, SourceFiles sources)
        {
            output.Write(MemoryMarshal.AsBytes<float>(weights.scales));
            weights.scales = null; // of all tensors together they may be large
        }
    }

    private int Blocks => columns * blocks;

    private int ColumnBytes => isPadded ? blocks * (blockSize / 2) : depth / 2;
}
