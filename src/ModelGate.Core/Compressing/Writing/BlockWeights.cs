using System.Runtime.InteropServices;

namespace ModelGate.Compressing;

/// <summary>float32 weights of a matrix multiplication as int4 codes, packed for MatMulNBits: [N, ⌈K / block⌉, block / 2].</summary>
/// <param name="name">The tensor.</param>
/// <param name="values">Its values: [K, N], or [N, K] where <paramref name="isTransposed"/>.</param>
/// <param name="depth">K.</param>
/// <param name="columns">N.</param>
/// <param name="isTransposed">True where the values of a column lie side by side.</param>
/// <param name="blockSize">Weights that share a scale.</param>
/// <param name="fidelity">What the conversion does to them.</param>
internal sealed class BlockWeights(string name, FileRange values, int depth, int columns, bool isTransposed, int blockSize, WeightFidelity fidelity) : Piece
{
    // Weights held at once: columns are packed whole, and their weights may be strewn over the tensor.
    private const int Held = 4 << 20;

    private readonly int blocks = (depth + blockSize - 1) / blockSize;
    private float[]? scales;

    public override long Length => (long)columns * blocks * (blockSize / 2);

    /// <summary>The scales, one per block, right once the codes have been written.</summary>
    public Piece Scales => new ScalesOf(this);

    public override void Check(SourceFiles sources) => Finiteness.Check(name, values, sources);

    public override void WriteTo(Stream output, SourceFiles sources)
    {
        scales = new float[checked(columns * blocks)];
        var width = Math.Clamp(Held / depth, 1, columns);
        var tile = new float[checked(width * depth)];
        var restored = new float[tile.Length];
        var packed = new byte[checked(width * blocks * (blockSize / 2))];
        for (var first = 0; first < columns; first += width)
        {
            var count = Math.Min(width, columns - first);
            var weights = tile.AsSpan(0, count * depth);
            Read(sources, weights, first, count);
            if (float.IsNaN(ChannelCodes.AbsMax(weights))) throw new NotFiniteException(name);
            if (isTransposed) ConvertRows(weights, restored, packed, first, count);
            else ConvertColumns(weights, restored, packed, first, count);
            var stored = packed.AsSpan(0, count * blocks * (blockSize / 2));
            fidelity.Add(weights, restored.AsSpan(0, weights.Length), stored);
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

    private void ConvertRows(ReadOnlySpan<float> weights, float[] restored, byte[] packed, int first, int count)
    {
        for (var column = 0; column < count; column++)
        {
            for (var block = 0; block < blocks; block++)
            {
                var at = (column * depth) + (block * blockSize);
                var length = Math.Min(blockSize, depth - (block * blockSize));
                var codes = packed.AsSpan(((column * blocks) + block) * (blockSize / 2), blockSize / 2);
                var scale = scales![((first + column) * blocks) + block] = BlockCodes.QuantizeRow(weights.Slice(at, length), codes);
                for (var row = 0; row < length; row++) restored[at + row] = BlockCodes.Restore(codes, row, scale);
            }
        }
    }

    private void ConvertColumns(ReadOnlySpan<float> weights, float[] restored, byte[] packed, int first, int count)
    {
        for (var block = 0; block < blocks; block++)
        {
            var top = block * blockSize;
            var length = Math.Min(blockSize, depth - top);
            var stride = blocks * (blockSize / 2);
            BlockCodes.QuantizeColumns(weights.Slice(top * count, length * count), count, count, blockSize, packed.AsSpan(block * (blockSize / 2)), stride, scales.AsSpan((first * blocks) + block), blocks);
            for (var column = 0; column < count; column++)
            {
                var codes = packed.AsSpan((column * stride) + (block * (blockSize / 2)), blockSize / 2);
                var scale = scales![((first + column) * blocks) + block];
                for (var row = 0; row < length; row++) restored[((top + row) * count) + column] = BlockCodes.Restore(codes, row, scale);
            }
        }
    }

    private sealed class ScalesOf(BlockWeights weights) : Piece
    {
        public override long Length => (long)weights.Blocks * sizeof(float);

        public override void WriteTo(Stream output, SourceFiles sources) => output.Write(MemoryMarshal.AsBytes<float>(weights.scales));
    }

    private int Blocks => columns * blocks;
}
