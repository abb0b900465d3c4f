using System.Numerics;

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

    /// <summary>Σx(x − x̂).</summary>
    public double Cross;

    /// <summary>How many x̂ are zero.</summary>
    public long Zeros;

    /// <summary>The largest |x − x̂|.</summary>
    public float MaxError;

    /// <summary>Σx̂², which is Σ(x − (x − x̂))².</summary>
    public readonly double Restored => Signal - (2 * Cross) + Noise;

    /// <summary>Adds the sums of a run.</summary>
    public void Add(Vector<float> signal, Vector<float> noise, Vector<float> cross, Vector<byte> zeros)
    {
        Signal += Vector.Sum(signal);
        Noise += Vector.Sum(noise);
        Cross += Vector.Sum(cross);
        Vector.Widen(zeros, out var low, out var high);
        Zeros += Vector.Sum(low + high);
    }

    /// <summary>Adds one weight.</summary>
    public void Add(float before, float after)
    {
        var error = before - after;
        Signal += (double)before * before;
        Noise += (double)error * error;
        Cross += (double)before * error;
        MaxError = MathF.Max(MaxError, MathF.Abs(error));
        if (after == 0) Zeros++;
    }

    /// <summary>Raises the largest error.</summary>
    public void Raise(Vector<float> errors)
    {
        for (var lane = 0; lane < Vector<float>.Count; lane++) MaxError = MathF.Max(MaxError, errors[lane]);
    }
}
