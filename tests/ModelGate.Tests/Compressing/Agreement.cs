namespace ModelGate.Tests.Compressing;

/// <summary>How alike the outputs of a model and of its copy are.</summary>
/// <param name="Cosine">Least cosine similarity of an output; 1 where both are all zero, 0 where one is.</param>
/// <param name="MaxError">Largest difference of a value.</param>
internal sealed record Agreement(double Cosine, double MaxError)
{
    /// <summary>Compares all outputs.</summary>
    public static Agreement Of(IReadOnlyList<float[]> before, IReadOnlyList<float[]> after)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(after.Count, before.Count);
        double cosine = 1, error = 0;
        for (var output = 0; output < before.Count; output++)
        {
            ArgumentOutOfRangeException.ThrowIfNotEqual(after[output].Length, before[output].Length);
            cosine = Math.Min(cosine, CosineOf(before[output], after[output]));
            foreach (var (first, second) in before[output].Zip(after[output])) error = Math.Max(error, Math.Abs((double)first - second));
        }
        return new(cosine, error);
    }

    private static double CosineOf(float[] before, float[] after)
    {
        double product = 0, first = 0, second = 0;
        for (var index = 0; index < before.Length; index++)
        {
            product += (double)before[index] * after[index];
            first += (double)before[index] * before[index];
            second += (double)after[index] * after[index];
        }
        return first == 0 || second == 0 ? (first == second ? 1 : 0) : product / Math.Sqrt(first * second);
    }
}
