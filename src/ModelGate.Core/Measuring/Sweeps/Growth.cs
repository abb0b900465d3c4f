namespace ModelGate.Measuring;

/// <summary>How a cost grows with a size: the exponent k of cost ∝ sizeᵏ. 1 is linear, 2 quadratic.</summary>
public static class Growth
{
    /// <summary>The exponent that fits best: the slope of the least-squares line through the logarithms.</summary>
    /// <param name="sizes">At least two different sizes, all positive.</param>
    /// <param name="costs">One per size, all positive.</param>
    /// <exception cref="ArgumentException">There are fewer than two different sizes, or not as many costs as sizes.</exception>
    public static double Exponent(IReadOnlyList<int> sizes, IReadOnlyList<double> costs)
    {
        if (sizes.Count != costs.Count || sizes.Distinct().Count() < 2)
            throw new ArgumentException("A growth needs costs at two different sizes at least.", nameof(sizes));
        double meanSize = sizes.Average(static size => Math.Log(size)), meanCost = costs.Average(Math.Log);
        double together = 0, spread = 0;
        for (int i = 0; i < sizes.Count; i++)
        {
            double distance = Math.Log(sizes[i]) - meanSize;
            together += distance * (Math.Log(costs[i]) - meanCost);
            spread += distance * distance;
        }

        return together / spread;
    }

    /// <summary>The exponent of one cost of a sweep; null where it is not known, or nothing, at some size.</summary>
    internal static double? Of(IReadOnlyList<SweepPoint> points, Func<SweepPoint, double?> cost) =>
        points.Count >= Sweep.FewestSizes && points.All(point => cost(point) > 0)
            ? Exponent([.. points.Select(static point => point.Size)], [.. points.Select(point => cost(point)!.Value)])
            : null;
}
