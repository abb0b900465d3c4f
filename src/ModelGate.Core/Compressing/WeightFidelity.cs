using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ModelGate.Compressing;

/// <summary>What conversion does to weights, gathered in the pass that converts them.</summary>
public sealed class WeightFidelity
{
    // Sums are kept in float32 within a run this long and in float64 across runs.
    private const int Run = 1024;

    // Entropy is taken from the first runs of stored bytes, of so many each, and from one in so many that follow: a histogram of them all would cost more than
    // the conversion.
    private const int First = 8, Sampled = 64, SampledRun = 2048;

    // Bytes that follow each other are counted apart: the same counter, raised twice in a row, would wait for itself.
    private const int Apart = 4, Counters = Apart * 256;

    // Of the first runs, then of the others, each of which stands for many.
    private readonly int[] histogram = new int[2 * Counters];
    private double signal, noise, restoredSignal;
    private int runs;

    /// <summary>Weights converted.</summary>
    public long Elements { get; private set; }

    /// <summary>Weights that are zero once converted.</summary>
    public long Zeros { get; private set; }

    /// <summary>Largest magnitude of a weight's change.</summary>
    public float MaxError { get; private set; }

    /// <summary>Signal-to-quantization-noise ratio in dB: 10·log10(Σx² / Σ(x − x̂)²); infinite where nothing changes.</summary>
    public double Sqnr => noise == 0 ? double.PositiveInfinity : 10 * Math.Log10(signal / noise);

    /// <summary>Cosine similarity of the weights before and after; 1 where both are all zero.</summary>
    public double Cosine => signal == 0 || restoredSignal == 0 ? signal == restoredSignal ? 1 : 0 : Math.Min(1, (signal + restoredSignal - noise) / (2 * Math.Sqrt(signal) * Math.Sqrt(restoredSignal)));

    /// <summary>Share of weights that are zero once converted, 0 to 1.</summary>
    public double Sparsity => Elements == 0 ? 0 : (double)Zeros / Elements;

    /// <summary>Bits of information per stored byte, 0 to 8, from the frequencies of the first 16 KiB and of a 64th of what follows: how far the wire may shrink it further.</summary>
    public double Entropy
    {
        get
        {
            var counts = new double[256];
            for (var counter = 0; counter < histogram.Length; counter++) counts[counter % 256] += (double)histogram[counter] * (counter < Counters ? 1 : Sampled);
            double total = counts.Sum(), bits = 0;
            foreach (var count in counts)
            {
                if (count > 0) bits -= count / total * Math.Log2(count / total);
            }
            return bits;
        }
    }

    /// <summary>Adds weights before and after, and the bytes that they are stored as.</summary>
    internal void Add(ReadOnlySpan<float> before, ReadOnlySpan<float> after, ReadOnlySpan<byte> stored)
    {
        Elements += before.Length;
        for (var at = 0; at < before.Length; at += Run)
        {
            var length = Math.Min(Run, before.Length - at);
            AddRun(before.Slice(at, length), after.Slice(at, length));
        }
        Count(stored);
    }

    /// <summary>Adds weights that have been summed up already, and the bytes that they are stored as.</summary>
    internal void Add(in RunSums run, long elements, ReadOnlySpan<byte> stored)
    {
        Elements += elements;
        signal += run.Signal;
        noise += run.Noise;
        restoredSignal += run.Restored;
        Zeros += run.Zeros;
        MaxError = MathF.Max(MaxError, run.MaxError);
        Count(stored);
    }

    /// <summary>Adds what another has gathered.</summary>
    internal void Add(WeightFidelity other)
    {
        signal += other.signal;
        noise += other.noise;
        restoredSignal += other.restoredSignal;
        Elements += other.Elements;
        Zeros += other.Zeros;
        MaxError = MathF.Max(MaxError, other.MaxError);
        for (var value = 0; value < histogram.Length; value++) histogram[value] += other.histogram[value];
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Count(ReadOnlySpan<byte> stored)
    {
        for (; stored.Length > 0; stored = stored[Math.Min(SampledRun, stored.Length)..])
        {
            var isFirst = runs++ < First;
            if (!isFirst && runs % Sampled != 0) continue;
            var run = stored[..Math.Min(SampledRun, stored.Length)];
            var own = histogram.AsSpan(isFirst ? 0 : Counters, Counters);
            ref var counters = ref MemoryMarshal.GetReference(own);
            ref var first = ref MemoryMarshal.GetReference(run);
            var at = 0;
            for (; at <= run.Length - Apart; at += Apart)
            {
                var four = Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref first, at));
                Unsafe.Add(ref counters, (byte)four)++;
                Unsafe.Add(ref counters, 256 + (byte)(four >> 8))++;
                Unsafe.Add(ref counters, 512 + (byte)(four >> 16))++;
                Unsafe.Add(ref counters, 768 + (byte)(four >> 24))++;
            }
            for (; at < run.Length; at++) own[run[at]]++;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddRun(ReadOnlySpan<float> before, ReadOnlySpan<float> after)
    {
        after = after[..before.Length];
        var (squares, errors, restored, largest) = (Vector<float>.Zero, Vector<float>.Zero, Vector<float>.Zero, Vector<float>.Zero);
        var zeros = Vector<int>.Zero;
        var width = Vector<float>.Count;
        var at = 0;
        for (; at <= before.Length - width; at += width)
        {
            var (value, rounded) = (new Vector<float>(before[at..]), new Vector<float>(after[at..]));
            var error = value - rounded;
            squares = Vector.MultiplyAddEstimate(value, value, squares);
            restored = Vector.MultiplyAddEstimate(rounded, rounded, restored);
            errors = Vector.MultiplyAddEstimate(error, error, errors);
            largest = Vector.MaxNative(largest, Vector.Abs(error));
            zeros -= Vector.Equals(rounded, Vector<float>.Zero); // −1 for each
        }
        signal += Vector.Sum(squares);
        restoredSignal += Vector.Sum(restored);
        noise += Vector.Sum(errors);
        Zeros += Vector.Sum(zeros);
        for (var lane = 0; lane < width; lane++) MaxError = MathF.Max(MaxError, largest[lane]);
        for (; at < before.Length; at++)
        {
            var error = before[at] - after[at];
            signal += (double)before[at] * before[at];
            restoredSignal += (double)after[at] * after[at];
            noise += (double)error * error;
            MaxError = MathF.Max(MaxError, MathF.Abs(error));
            if (after[at] == 0) Zeros++;
        }
    }
}
