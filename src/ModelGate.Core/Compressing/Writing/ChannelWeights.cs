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
    private readonly long columns = checked(channels * inner);
    private readonly float[] scales = new float[channels];

    public override long Length => values.Length / sizeof(float);

    /// <summary>The scales, right once the codes have been written.</summary>
    public Piece Scales => new ScalesOf(scales);

    public override void Check(SourceFiles sources) => Finiteness.Check(name, values, sources);

    public override void WriteTo(Stream output, SourceFiles sources)
    {
        if (Length == 0) return;
        var source = sources.Scratch.Weights((int)Math.Min(Block / sizeof(float), Length));
        var codes = MemoryMarshal.Cast<byte, sbyte>(sources.Scratch.Codes(source.Length));
        if (Length == columns && inner <= source.Length) WriteRows(output, sources, source, codes);
        else if (Length == columns) WriteLongRows(output, sources, source, codes);
        else WriteColumns(output, sources, source, codes);
    }

    // A channel's weights lie side by side and fit the block: they are read once.
    private void WriteRows(Stream output, SourceFiles sources, Span<float> source, Span<sbyte> codes)
    {
        var length = (int)inner;
        var rows = source.Length / length;
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

    private void WriteLongRows(Stream output, SourceFiles sources, Span<float> source, Span<sbyte> codes)
    {
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

    // A channel's weights are strewn over the tensor: once through for the scales, once for the codes.
    private void WriteColumns(Stream output, SourceFiles sources, Span<float> source, Span<sbyte> codes)
    {
        var largest = new int[columns];
        for (long at = 0; at < Length; at += source.Length)
        {
            var part = Read(sources, source, at, Length - at);
            for (var taken = 0; taken < part.Length;)
            {
                var column = (int)((at + taken) % columns);
                var run = part.Slice(taken, (int)Math.Min(part.Length - taken, columns - column));
                ChannelCodes.RaiseAbsMax(run, largest.AsSpan(column));
                taken += run.Length;
            }
        }
        var spread = new float[columns];
        for (var channel = 0; channel < channels; channel++)
        {
            var bits = 0;
            foreach (var magnitude in largest.AsSpan((int)(channel * inner), (int)inner)) bits = Math.Max(bits, magnitude);
            scales[channel] = ScaleOf(ChannelCodes.Finite(bits));
            spread.AsSpan((int)(channel * inner), (int)inner).Fill(scales[channel]);
        }
        for (long at = 0; at < Length; at += source.Length)
        {
            var part = Read(sources, source, at, Length - at);
            var sums = new RunSums();
            for (var taken = 0; taken < part.Length;)
            {
                var column = (int)((at + taken) % columns);
                var run = part.Slice(taken, (int)Math.Min(part.Length - taken, columns - column));
                ChannelCodes.QuantizeAndWeigh(run, spread.AsSpan(column, run.Length), codes[taken..], ref sums);
                taken += run.Length;
            }
            Put(output, codes[..part.Length], sums);
        }
    }

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

    private sealed class ScalesOf(float[] scales) : Piece
    {
        public override long Length => scales.Length * sizeof(float);

        public override void WriteTo(Stream output, SourceFiles sources) => output.Write(MemoryMarshal.AsBytes<float>(scales));
    }
}
