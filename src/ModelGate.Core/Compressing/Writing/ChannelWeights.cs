using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ModelGate.Compressing;

/// <summary>float32 weights of shape [outer, channels, inner] as 8-bit codes with a scale per channel.</summary>
/// <param name="name">The tensor.</param>
/// <param name="values">Its values.</param>
/// <param name="channels">Channels.</param>
/// <param name="inner">Values of a channel that lie side by side.</param>
/// <param name="isUnsigned">True for uint8 with the zero point 128, false for int8 with the zero point 0.</param>
/// <param name="fidelity">What the conversion does to them.</param>
internal sealed class ChannelWeights(string name, FileRange values, long channels, long inner, bool isUnsigned, WeightFidelity fidelity) : Piece
{
    // Weights of a row that is held at once, and of a block: a longer row is read twice.
    private const int LongestRow = 1 << 20, OfBlock = Block / sizeof(float);

    private readonly long columns = checked(channels * inner);
    private readonly float[] scales = new float[channels];

    public override long Length => values.Length / sizeof(float);

    /// <summary>The scales, right once the codes have been written.</summary>
    public Piece Scales => new ScalesOf(this);

    public override void Check(SourceFiles sources) => Finiteness.Check(name, values, sources);

    public override void WriteTo(Stream output, SourceFiles sources)
    {
        if (Length == 0) return;
        if (Length != columns) WriteColumns(output, sources);
        else if (inner <= LongestRow) WriteRows(output, sources);
        else WriteLongRows(output, sources);
    }

    // A channel's weights lie side by side and fit the block: they are read once.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void WriteRows(Stream output, SourceFiles sources)
    {
        var length = (int)inner;
        var rows = (int)Math.Min(Math.Max(OfBlock / length, 1), channels);
        var source = sources.Scratch.Weights(rows * length);
        var codes = Codes(sources, source.Length);
        for (long first = 0; first < channels; first += rows)
        {
            var count = (int)Math.Min(rows, channels - first);
            var part = source[..(count * length)];
            sources.Read(values, first * length * sizeof(float), MemoryMarshal.AsBytes(part));
            var sums = new RunSums();
            var absmax = ChannelCodes.AbsMax(part[..length]);
            for (var row = 0; row < count; row++)
            {
                var scale = scales[first + row] = ScaleOf(absmax);
                var next = row + 1 < count ? part.Slice((row + 1) * length, length) : default;
                absmax = ChannelCodes.QuantizeAndWeigh(part.Slice(row * length, length), scale, codes[(row * length)..], next, ref sums);
            }
            Put(output, codes[..part.Length], sums);
        }
    }

    private void WriteLongRows(Stream output, SourceFiles sources)
    {
        var source = sources.Scratch.Weights(OfBlock);
        var codes = Codes(sources, source.Length);
        for (long row = 0; row < channels; row++)
        {
            float absmax = 0;
            for (long at = 0; at < inner; at += source.Length)
            {
                var found = ChannelCodes.AbsMax(Read(sources, source, (row * inner) + at, inner - at));
                absmax = float.IsNaN(found) ? found : MathF.Max(absmax, found);
                ScaleOf(absmax);
            }
            var scale = scales[row] = ScaleOf(absmax);
            for (long at = 0; at < inner; at += source.Length)
            {
                var part = Read(sources, source, (row * inner) + at, inner - at);
                var sums = new RunSums();
                ChannelCodes.QuantizeAndWeigh(part, scale, codes, default, ref sums);
                Put(output, codes[..part.Length], sums);
            }
        }
    }

    // A channel's weights are strewn over the tensor: once through for the scales, once for the codes. To hold a tensor in between was no faster.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void WriteColumns(Stream output, SourceFiles sources)
    {
        // Whole rows, as many as are converted side by side, unless they are very long.
        const int Rows = ChannelColumns.Together;
        var held = columns <= LongestRow / Rows ? Math.Max(OfBlock / columns, Rows) * columns : OfBlock;
        var source = sources.Scratch.Weights((int)Math.Min(held, Length));
        var codes = Codes(sources, source.Length);
        var largest = new int[columns];
        for (long at = 0; at < Length; at += source.Length)
        {
            var part = Read(sources, source, at, Length - at);
            for (var taken = 0; taken < part.Length;)
            {
                var (column, width, count) = RunAt(at + taken, part.Length - taken);
                ChannelColumns.RaiseAbsMax(part.Slice(taken, count), largest.AsSpan(column, width));
                taken += count;
            }
        }
        var spread = Spread(largest);
        var inverses = ChannelColumns.Inverses(spread);
        for (long at = 0; at < Length; at += source.Length)
        {
            var part = Read(sources, source, at, Length - at);
            var sums = new RunSums();
            for (var taken = 0; taken < part.Length;)
            {
                var (column, width, count) = RunAt(at + taken, part.Length - taken);
                ChannelColumns.QuantizeAndWeigh(part.Slice(taken, count), spread.AsSpan(column, width), inverses.AsSpan(column, width), codes[taken..], ref sums);
                taken += count;
            }
            Put(output, codes[..part.Length], sums);
        }
    }

    // From a weight on: the whole rows that begin with it, or what there is of one; and the columns that they hold.
    private (int Column, int Width, int Count) RunAt(long at, int left)
    {
        var column = (int)(at % columns);
        if (column == 0 && left >= columns) return (0, (int)columns, (int)(left / columns * columns));
        var width = (int)Math.Min(left, columns - column);
        return (column, width, width);
    }

    // The scales, and for each column that of its channel.
    private float[] Spread(int[] largest)
    {
        var spread = new float[columns];
        for (var channel = 0; channel < channels; channel++)
        {
            var bits = 0;
            foreach (var magnitude in largest.AsSpan((int)(channel * inner), (int)inner)) bits = Math.Max(bits, magnitude);
            scales[channel] = ScaleOf(ChannelCodes.Finite(bits));
            spread.AsSpan((int)(channel * inner), (int)inner).Fill(scales[channel]);
        }
        return spread;
    }

    private static Span<sbyte> Codes(SourceFiles sources, int count) => MemoryMarshal.Cast<byte, sbyte>(sources.Scratch.Codes(count));

    private Span<float> Read(SourceFiles sources, Span<float> source, long at, long left)
    {
        var part = source[..(int)Math.Min(source.Length, left)];
        sources.Read(values, at * sizeof(float), MemoryMarshal.AsBytes(part));
        return part;
    }

    // An unsigned code lies 128 higher.
    private void Put(Stream output, Span<sbyte> codes, in RunSums sums)
    {
        var bytes = MemoryMarshal.AsBytes(codes);
        fidelity.Add(sums, codes.Length, bytes);
        if (isUnsigned) ChannelCodes.FlipSigns(bytes);
        output.Write(bytes);
    }

    private float ScaleOf(float absmax) => float.IsNaN(absmax) ? throw new NotFiniteException(name) : ChannelCodes.Scale(absmax);

    private sealed class ScalesOf(ChannelWeights weights) : Piece
    {
        public override long Length => weights.scales.Length * sizeof(float);

        public override Piece Needs => weights;

        public override void WriteTo(Stream output, SourceFiles sources) => output.Write(MemoryMarshal.AsBytes<float>(weights.scales));
    }
}
