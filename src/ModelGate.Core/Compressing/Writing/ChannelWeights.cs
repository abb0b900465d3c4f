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
    // Weights that are converted, restored and compared while they are still in the first-level cache.
    private const int Run = 2048;

    private readonly long columns = checked(channels * inner);
    private readonly float[] scales = new float[channels];

    public override long Length => values.Length / sizeof(float);

    /// <summary>The scales, right once the codes have been written.</summary>
    public Piece Scales => new ScalesOf(scales);

    public override void Check(SourceFiles sources) => Finiteness.Check(name, values, sources);

    public override void WriteTo(Stream output, SourceFiles sources)
    {
        if (Length == 0) return;
        var source = new float[(int)Math.Min(Block / sizeof(float), Length)];
        var codes = new sbyte[source.Length];
        if (Length == columns && inner <= source.Length) WriteRows(output, sources, source, codes);
        else if (Length == columns) WriteLongRows(output, sources, source, codes);
        else WriteColumns(output, sources, source, codes);
    }

    // A channel's weights lie side by side and fit the block: they are read once.
    private void WriteRows(Stream output, SourceFiles sources, float[] source, sbyte[] codes)
    {
        var length = (int)inner;
        var restored = new float[Math.Min(Run, length)];
        var rows = source.Length / length;
        for (long first = 0; first < channels; first += rows)
        {
            var count = (int)Math.Min(rows, channels - first);
            var part = source.AsSpan(0, count * length);
            sources.Read(values, first * length * sizeof(float), MemoryMarshal.AsBytes(part));
            for (var row = 0; row < count; row++)
            {
                var weights = part.Slice(row * length, length);
                var scale = scales[first + row] = ScaleOf(ChannelCodes.AbsMax(weights));
                for (var at = 0; at < length; at += Run)
                {
                    var run = weights.Slice(at, Math.Min(Run, length - at));
                    Convert(run, scale, codes.AsSpan((row * length) + at, run.Length), restored);
                }
            }
            Put(output, codes.AsSpan(0, part.Length));
        }
    }

    private void WriteLongRows(Stream output, SourceFiles sources, float[] source, sbyte[] codes)
    {
        var restored = new float[Run];
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
                for (var run = 0; run < part.Length; run += Run)
                {
                    var weights = part.Slice(run, Math.Min(Run, part.Length - run));
                    Convert(weights, scale, codes.AsSpan(run, weights.Length), restored);
                }
                Put(output, codes.AsSpan(0, part.Length));
            }
        }
    }

    // A channel's weights are strewn over the tensor: once through for the scales, once for the codes.
    private void WriteColumns(Stream output, SourceFiles sources, float[] source, sbyte[] codes)
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
        var restored = new float[Run];
        for (long at = 0; at < Length; at += source.Length)
        {
            var part = Read(sources, source, at, Length - at);
            for (var taken = 0; taken < part.Length;)
            {
                var column = (int)((at + taken) % columns);
                var run = part.Slice(taken, (int)Math.Min(Math.Min(Run, part.Length - taken), columns - column));
                var own = spread.AsSpan(column, run.Length);
                var stored = codes.AsSpan(taken, run.Length);
                ChannelCodes.Quantize(run, own, stored);
                ChannelCodes.Restore(stored, own, restored);
                fidelity.Add(run, restored.AsSpan(0, run.Length), MemoryMarshal.AsBytes(stored));
                taken += run.Length;
            }
            Put(output, codes.AsSpan(0, part.Length));
        }
    }

    private Span<float> Read(SourceFiles sources, float[] source, long at, long left)
    {
        var part = source.AsSpan(0, (int)Math.Min(source.Length, left));
        sources.Read(values, at * sizeof(float), MemoryMarshal.AsBytes(part));
        return part;
    }

    private void Convert(ReadOnlySpan<float> weights, float scale, Span<sbyte> codes, float[] restored)
    {
        ChannelCodes.Quantize(weights, scale, codes);
        ChannelCodes.Restore(codes, scale, restored);
        fidelity.Add(weights, restored.AsSpan(0, weights.Length), MemoryMarshal.AsBytes(codes));
    }

    // An unsigned code lies 128 higher.
    private void Put(Stream output, Span<sbyte> codes)
    {
        var bytes = MemoryMarshal.AsBytes(codes);
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
