using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ModelGate.Compressing;

/// <summary>What a conversion does to weights, summed up while they are converted.</summary>
internal struct RunSums
{
    /// <summary>Weights that are summed up in float32, and counted in bytes, before the sums go on in float64.</summary>
    public const int Run = 2048;

    /// <summary>Σx².</summary>
    public double Signal;

    /// <summary>Σ(x − x̂)².</summary>
    public double Noise;

    /// <summary>Σx̂².</summary>
    public double Restored;

    /// <summary>How many x̂ are zero.</summary>
    public long Zeros;

    /// <summary>The largest |x − x̂|.</summary>
    public float MaxError;

    /// <summary>Adds the sums of a run.</summary>
    /// <param name="signal">Σx², lane by lane.</param>
    /// <param name="noise">Σ(x − x̂)².</param>
    /// <param name="cross">Σx(x − x̂), from which Σx̂² follows: x̂ is x − (x − x̂).</param>
    /// <param name="zeros">How many x̂ are zero.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Add(Vector<float> signal, Vector<float> noise, Vector<float> cross, Vector<byte> zeros)
    {
        var (squares, errors) = ((double)Vector.Sum(signal), (double)Vector.Sum(noise));
        Add(squares, errors, squares - (2 * (double)Vector.Sum(cross)) + errors, zeros);
    }

    /// <summary>Adds the sums of a run.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Add(double signal, double noise, double restored, Vector<byte> zeros)
    {
        Signal += signal;
        Noise += noise;
        Restored += restored;
        Vector.Widen(zeros, out var low, out var high);
        Zeros += Vector.Sum(low + high);
    }

    /// <summary>Adds one weight.</summary>
    public void Add(float before, float after)
    {
        var error = before - after;
        Signal += (double)before * before;
        Noise += (double)error * error;
        Restored += (double)after * after;
        MaxError = MathF.Max(MaxError, MathF.Abs(error));
        if (after == 0) Zeros++;
    }

    /// <summary>Raises the largest error.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Raise(Vector<float> errors)
    {
        for (var lane = 0; lane < Vector<float>.Count; lane++) MaxError = MathF.Max(MaxError, errors[lane]);
    }

    /// <summary>Σcode², in as many sums as there are lanes. Of a run of codes it is exact.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<int> Squares(Vector<sbyte> codes)
    {
        if (Avx2.IsSupported && Vector<sbyte>.Count == Vector256<sbyte>.Count)
        {
            var magnitudes = Avx2.Abs(codes.AsVector256());
            return Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(magnitudes, magnitudes.AsSByte()), Vector256<short>.One).AsVector();
        }
        if (Ssse3.IsSupported && Vector<sbyte>.Count == Vector128<sbyte>.Count)
        {
            var magnitudes = Ssse3.Abs(codes.AsVector128());
            return Sse2.MultiplyAddAdjacent(Ssse3.MultiplyAddAdjacent(magnitudes, magnitudes.AsSByte()), Vector128<short>.One).AsVector();
        }
        Vector.Widen(codes, out var low, out var high);
        Vector.Widen((low * low) + (high * high), out var first, out var second);
        return first + second;
    }
}
