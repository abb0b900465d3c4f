namespace ModelGate.Tests.Compressing;

/// <summary>How alike two outputs are.</summary>
internal static class Agreement
{
    /// <summary>Cosine similarity; 1 where both are all zero.</summary>
    public static double Cosine(float[] before, float[] after)
    {
        Assert.AreEqual(before.Length, after.Length);
        double product = 0, first = 0, second = 0;
        for (var index = 0; index < before.Length; index++)
        {
            product += (double)before[index] * after[index];
            first += (double)before[index] * before[index];
            second += (double)after[index] * after[index];
        }
        return first == 0 && second == 0 ? 1 : product / Math.Sqrt(first * second);
    }
}
