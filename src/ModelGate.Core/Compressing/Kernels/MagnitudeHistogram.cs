using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ModelGate.Compressing;

/// <summary>
/// How many weights there are of each magnitude, and their energy. Magnitudes of one bin share exponent and seven bits of mantissa, so
/// they differ by less than 1 %: enough to tell what pruning any share of the weights would cost.
/// </summary>
internal sealed class MagnitudeHistogram
{
    private const uint Magnitude = 0x7FFF_FFFF, Infinity = 0x7F80_0000;
    private const int Lower = 16, Bins = (int)(Infinity >> Lower);

    private readonly long[] counts = new long[Bins];
    private readonly double[] energies = new double[Bins];

    /// <summary>Weights added.</summary>
    public long Total { get; private set; }

    /// <summary>Adds weights; false where one of them is NaN or infinite, and then the histogram means nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool TryAdd(ReadOnlySpan<float> values)
    {
        foreach (var bits in MemoryMarshal.Cast<float, uint>(values))
        {
            var magnitude = bits & Magnitude;
            if (magnitude >= Infinity) return false;
            var value = BitConverter.UInt32BitsToSingle(magnitude);
            counts[magnitude >> Lower]++;
            energies[magnitude >> Lower] += (double)value * value;
        }
        Total += values.Length;
        return true;
    }

    /// <summary>What pruning the smallest magnitudes would cost.</summary>
    /// <param name="percent">Share of the weights that go, in %.</param>
    public PruningPoint At(int percent)
    {
        var (bin, below) = BinOf(Count(percent));
        double signal = 0, noise = 0;
        for (var index = 0; index < Bins; index++)
        {
            signal += energies[index];
            if (index < bin) noise += energies[index];
            else if (index == bin && counts[bin] > 0) noise += energies[bin] * (Count(percent) - below) / counts[bin];
        }
        return new PruningPoint(percent, BitConverter.UInt32BitsToSingle((uint)bin << Lower),
            noise == 0 ? double.PositiveInfinity : 10 * Math.Log10(signal / noise), signal == 0 ? 1 : Math.Sqrt((signal - noise) / signal));
    }

    /// <summary>How many weights are that share of all.</summary>
    public long Count(int percent) => (long)((Int128)Total * percent / 100);

    /// <summary>The bin that holds the magnitude number <paramref name="rank"/>, counted from zero and the smallest, and how many are in the bins below.</summary>
    public (int Bin, long Below) BinOf(long rank)
    {
        long below = 0;
        for (var bin = 0; bin < Bins - 1; bin++)
        {
            if (below + counts[bin] > rank) return (bin, below);
            below += counts[bin];
        }
        return (Bins - 1, below);
    }

    /// <summary>Counts the magnitudes of one bin by what tells them apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Refine(ReadOnlySpan<float> values, int bin, Span<long> counts)
    {
        foreach (var bits in MemoryMarshal.Cast<float, uint>(values))
        {
            var magnitude = bits & Magnitude;
            if (magnitude >> Lower == bin) counts[(int)(magnitude & ((1 << Lower) - 1))]++;
        }
    }
}
