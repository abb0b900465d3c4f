namespace ModelGate.Compressing;

/// <summary>
/// Whether float16 holds a tensor's values: its largest is 65504, and below 3·10⁻⁶ it keeps less than two digits (a half of 2⁻²⁴ is more than a
/// hundredth of them). A few values that small are nothing beside the others of a tensor, but where all are, or where results are divided by each,
/// they change what the model gives.
/// </summary>
/// <param name="tensor">Name of the tensor.</param>
/// <param name="dividesByEach">True of variances.</param>
internal struct HalfRange(string tensor, bool dividesByEach)
{
    private const float Overflow = 65520, TooSmall = 2.98e-6f; // from where on it rounds to infinity; 2⁻²⁵ × 100
    private const string Large = "it holds values beyond 65504, the largest of float16", Small = "its values are so small that float16 keeps less than two digits of them", Divisor = "it holds variances so small that float16 keeps less than two digits of them";
    private float largest;

    /// <summary>Takes down some of its values.</summary>
    /// <param name="values">All finite.</param>
    /// <param name="magnitude">The largest magnitude among them.</param>
    /// <exception cref="UnfitValuesException">float16 does not hold them.</exception>
    public void Add(ReadOnlySpan<float> values, float magnitude)
    {
        largest = Math.Max(largest, magnitude);
        if (magnitude >= Overflow) throw new UnfitValuesException(tensor, Large);
        if (!dividesByEach) return;
        foreach (float value in values)
        {
            if (value != 0 && Math.Abs(value) < TooSmall) throw new UnfitValuesException(tensor, Divisor);
        }
    }

    /// <summary>All values have been taken down.</summary>
    /// <exception cref="UnfitValuesException">float16 does not hold them.</exception>
    public readonly void End()
    {
        if (largest is > 0 and < TooSmall) throw new UnfitValuesException(tensor, Small);
    }
}
