using ModelGate.Models;

namespace ModelGate.Measuring;

/// <summary>
/// Multiply-accumulates of Fourier transforms, by the count of the fast one whatever its length: of n points, n/2·log2 n complex
/// multiplications of four real ones each, and half of that where the signal is real. Cooley, Tukey: "An algorithm for the machine
/// calculation of complex Fourier series", 1965.
/// </summary>
internal static class FourierMacs
{
    /// <summary>Of a DFT; null where it is not known which dimension is transformed.</summary>
    /// <param name="signal">The first input: [batch, …, points, …, 1 for real or 2 for complex].</param>
    /// <param name="spectrum">The output: [batch, …, points or the half of them that is kept, …, 2].</param>
    /// <param name="node">The same node in the model's file; null where it could not be told which one it is.</param>
    public static double? OfDft(ProfiledTensor signal, ProfiledTensor spectrum, GraphNode? node)
    {
        int rank = spectrum.Dims.Count;
        if (rank < 2 || node is null)
            return null;
        // With one dimension between batch and numbers there is no choice; the last input, which says it from operator set 20 on, has no value here.
        long? axis = rank == 3 ? 1 : node.Int("axis");
        axis = axis < 0 ? axis + rank : axis;
        if (axis is not { } at || at >= rank - 1)
            return null;
        double kept = spectrum.Dims[(int)at], points = IsOn(node.Int("onesided")) ? 2 * (kept - 1) : kept;
        return kept == 0 ? 0 : spectrum.Elements / spectrum.Dims[^1] / kept * Transform(points, isReal: signal.Dims[^1] == 1);
    }

    /// <summary>Of an STFT.</summary>
    /// <param name="signal">The first input: [batch, points], with a last dimension of 1 for real or 2 for complex.</param>
    /// <param name="window">The third input; null where it is left out.</param>
    /// <param name="spectrum">The output: [batch, frames, points of a frame or the half of them that is kept, 2].</param>
    /// <param name="node">The same node in the model's file; null where it could not be told which one it is.</param>
    public static double? OfStft(ProfiledTensor signal, ProfiledTensor? window, ProfiledTensor spectrum, GraphNode? node)
    {
        if (spectrum.Dims.Count != 4 || node is null)
            return null;
        double kept = spectrum.Dims[2], points = window?.Elements ?? (IsOn(node.Int("onesided") ?? 1) ? 2 * (kept - 1) : kept);
        return (double)spectrum.Dims[0] * spectrum.Dims[1] * Transform(points, isReal: signal.Dims.Count == 2 || signal.Dims[^1] == 1);
    }

    private static double Transform(double points, bool isReal) => points < 2 ? 0 : (isReal ? 1 : 2) * points * Math.Log2(points);

    private static bool IsOn(long? flag) => flag is not (null or 0);
}
