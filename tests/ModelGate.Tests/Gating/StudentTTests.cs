using ModelGate.Gating;

namespace ModelGate.Tests.Gating;

[TestClass]
public sealed class StudentTTests
{
    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(4)]
    [DataRow(7)]
    [DataRow(11)]
    [DataRow(15)]
    public void The_tail_is_what_is_left_of_the_density_above_it(int freedom)
    {
        foreach (double t in (double[])[0, 0.5, 1, 2.5, 6])
            Assert.AreEqual(0.5 - Integral(0, t, freedom), StudentT.UpperTail(t, freedom), 1e-10);
    }

    [TestMethod]
    public void With_one_degree_of_freedom_it_is_the_Cauchy_distribution() =>
        Assert.AreEqual(Math.Tan(Math.PI * (0.5 - 0.002)), StudentT.Quantile(0.002, 1), 1e-7);

    [TestMethod]
    public void With_two_degrees_the_quantile_has_a_closed_form()
    {
        const double tail = 0.001;
        Assert.AreEqual((1 - (2 * tail)) * Math.Sqrt(2 / (1 - Math.Pow(1 - (2 * tail), 2))), StudentT.Quantile(tail, 2), 1e-9);
    }

    [TestMethod]
    [DataRow(0.01, 4)]
    [DataRow(0.002, 7)]
    [DataRow(0.0002, 11)]
    [DataRow(0.004, 15)]
    public void A_quantile_leaves_its_tail_above_it(double tail, int freedom) =>
        Assert.AreEqual(tail, StudentT.UpperTail(StudentT.Quantile(tail, freedom), freedom), tail * 1e-9);

    // Simpson's rule on the density, its constant by the recurrence of the gamma function: nothing in common with the sums under test.
    private static double Integral(double from, double to, int freedom)
    {
        const int steps = 20_000;
        double width = (to - from) / steps, sum = 0;
        for (int i = 0; i <= steps; i++)
            sum += (i is 0 or steps ? 1 : i % 2 == 1 ? 4 : 2) * Math.Pow(1 + (Math.Pow(from + (i * width), 2) / freedom), -(freedom + 1) / 2.0);
        return Constant(freedom) * sum * width / 3;
    }

    // Γ((ν+1)/2) / (√(νπ) Γ(ν/2)); from ν to ν + 2 it changes by (ν+1)/√(ν(ν+2)).
    private static double Constant(int freedom) =>
        freedom == 1 ? 1 / Math.PI : freedom == 2 ? 1 / (2 * Math.Sqrt(2)) : Constant(freedom - 2) * (freedom - 1) / Math.Sqrt((freedom - 2.0) * freedom);
}
