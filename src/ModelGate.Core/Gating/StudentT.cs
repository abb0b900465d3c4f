namespace ModelGate.Gating;

/// <summary>Student's t distribution for a whole number of degrees of freedom.</summary>
public static class StudentT
{
    /// <summary>The chance of a value above <paramref name="t"/>.</summary>
    /// <param name="t">Zero or more.</param>
    /// <param name="freedom">Degrees of freedom, one or more.</param>
    /// <remarks>Finite sums in θ = arctan(t/√ν): Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.3 and 26.7.4.</remarks>
    public static double UpperTail(double t, int freedom)
    {
        double angle = Math.Atan(t / Math.Sqrt(freedom)), sine = Math.Sin(angle), squaredCosine = Math.Cos(angle) * Math.Cos(angle);
        bool even = freedom % 2 == 0;
        double term = even ? sine : sine * Math.Cos(angle), sum = 0;
        for (int i = even ? 2 : 3; i <= freedom; i += 2)
        {
            sum += term;
            term *= squaredCosine * (i - 1) / i;
        }

        double within = even ? sum : 2 / Math.PI * (angle + sum);
        return (1 - within) / 2;
    }

    /// <summary>The value above which lies a given share of the distribution.</summary>
    /// <param name="upperTail">Between 0 and 0.5, both excluded.</param>
    /// <param name="freedom">Degrees of freedom, one or more.</param>
    public static double Quantile(double upperTail, int freedom)
    {
        double low = 0, high = 1;
        while (UpperTail(high, freedom) > upperTail)
            high *= 2;
        while (true)
        {
            double middle = (low + high) / 2;
            if (middle <= low || middle >= high)
                return high;
            if (UpperTail(middle, freedom) > upperTail)
                low = middle;
            else
                high = middle;
        }
    }
}
