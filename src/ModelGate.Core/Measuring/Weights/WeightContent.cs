using System.Buffers;
using ModelGate.Models;

namespace ModelGate.Measuring;

/// <summary>What reading the values of a model's weights tells.</summary>
/// <param name="Values">Floating-point weights that were looked at.</param>
/// <param name="Zeros">Those that are exactly zero.</param>
/// <param name="Denormals">Those too small for a normal number of 32 or 64 bits, which many processors calculate with slowly.</param>
/// <param name="Groups">Aligned groups of four weights.</param>
/// <param name="SparseGroups">Those with at least two zeros.</param>
/// <param name="Unread">Stored elements of weights that are codes, or not stored as they are, and so were not looked at.</param>
/// <param name="BytesRead">Bytes of all weights that lie as one run in a file.</param>
/// <param name="EntropyBound">Fewest bytes that a coder of single bytes could make of those; 0 where it was not asked for.</param>
public sealed record WeightContent(long Values, long Zeros, long Denormals, long Groups, long SparseGroups, long Unread, long BytesRead, double EntropyBound)
{
    private const int ChunkLength = 1 << 18; // whole groups of any type, and little enough to stay in a cache between reading and counting

    /// <summary>Zeros among the weights that were looked at, as a fraction.</summary>
    public double Sparsity => Values == 0 ? 0 : (double)Zeros / Values;

    /// <summary>Groups with at least two zeros, as a fraction of all.</summary>
    public double SparsityOfGroups => Groups == 0 ? 0 : (double)SparseGroups / Groups;

    /// <summary>Reads every weight of a model once, with as many threads as there are processors; each holds a quarter of a megabyte.</summary>
    /// <param name="model">The model.</param>
    /// <param name="entropy">True to find the entropy bound as well, which takes longer.</param>
    /// <param name="progress">Told how much has been read, as a fraction; called from several threads.</param>
    /// <param name="cancellation">Stops the reading.</param>
    /// <exception cref="ModelException">A file cannot be read, changed while it was, or is not the one that the model was written with.</exception>
    public static WeightContent Of(ModelFile model, bool entropy, Action<double>? progress = null, CancellationToken cancellation = default)
    {
        ExternalChecksums.Check(model);
        using var files = new WeightFiles(model);
        List<Chunk> chunks = [];
        var unread = 0L;
        foreach (var tensor in model.Tensors)
        {
            if (!tensor.IsParameter) continue;
            if (tensor.Data is null || !FloatCounter.Counts(tensor.Type)) unread += tensor.Elements;
            if (tensor.Data is null) continue;
            for (var at = 0L; at < tensor.Data.Length; at += ChunkLength)
                chunks.Add(new Chunk(tensor, at, (int)Math.Min(ChunkLength, tensor.Data.Length - at)));
        }
        var total = new Tally();
        var done = 0;
        Threads.Each(chunks.Count, static () => new Tally(), (index, tally) =>
        {
            tally.Read(files, chunks[index], entropy);
            progress?.Invoke(Interlocked.Increment(ref done) / (double)chunks.Count);
        }, total.Add, cancellation);
        files.CheckUnchanged();
        return new WeightContent(total.Floats.Values, total.Floats.Zeros, total.Floats.Denormals, total.Floats.Groups, total.Floats.SparseGroups, unread, total.Bytes, total.Histogram.Bound());
    }

    private sealed record Chunk(Tensor Tensor, long At, int Length);

    // What one thread has counted.
    private sealed class Tally
    {
        public FloatCounter Floats { get; } = new();

        public ByteHistogram Histogram { get; } = new();

        public long Bytes { get; private set; }

        public void Read(WeightFiles files, Chunk chunk, bool entropy)
        {
            var buffer = ArrayPool<byte>.Shared.Rent(ChunkLength);
            try
            {
                var bytes = buffer.AsSpan(0, chunk.Length);
                files.Read(chunk.Tensor.Data!, chunk.At, bytes);
                Bytes += bytes.Length;
                if (FloatCounter.Counts(chunk.Tensor.Type)) Floats.Add(chunk.Tensor.Type, bytes);
                if (entropy) Histogram.Add(Math.Max(1, chunk.Tensor.Type.Bits / 8) is <= 8 and var width ? width : 1, bytes);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }

        public void Add(Tally other)
        {
            Floats.Add(other.Floats);
            Histogram.Add(other.Histogram);
            Bytes += other.Bytes;
        }
    }
}
