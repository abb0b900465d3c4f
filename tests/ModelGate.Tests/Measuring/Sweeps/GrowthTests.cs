using FsCheck;
using FsCheck.Fluent;
using ModelGate.Measuring;

namespace ModelGate.Tests.Measuring.Sweeps;

[TestClass]
public sealed class GrowthTests
{
    private static readonly int[] Sizes = [1024, 2048, 4096, 8192];

    [TestMethod]
    public void A_power_is_found_again() => Prop.ForAll(PowerLaws(), law =>
        Assert.AreEqual(law.Exponent, Growth.Exponent(law.Sizes, Costs(law)), 1e-6)).QuickCheckThrowOnFailure();

    [TestMethod]
    public void The_unit_of_the_cost_does_not_matter() => Prop.ForAll(PowerLaws(), law =>
        Assert.AreEqual(Growth.Exponent(law.Sizes, Costs(law)), Growth.Exponent(law.Sizes, [.. Costs(law).Select(static cost => cost * 1000)]), 1e-6)).QuickCheckThrowOnFailure();

    [TestMethod]
    public void The_order_of_the_sizes_does_not_matter() => Prop.ForAll(PowerLaws(), law =>
        Assert.AreEqual(Growth.Exponent(law.Sizes, Costs(law)), Growth.Exponent([.. law.Sizes.Reverse()], [.. Costs(law).Reverse()]), 1e-6)).QuickCheckThrowOnFailure();

    [TestMethod]
    public void Noise_of_a_tenth_moves_the_exponent_of_a_wide_sweep_by_less_than_a_tenth() => Prop.ForAll(Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), seed =>
    {
        var random = new Random(seed);
        double[] costs = [.. Sizes.Select(size => (double)size * size * (0.95 + (random.NextDouble() / 10)))];
        Assert.AreEqual(2, Growth.Exponent(Sizes, costs), 0.1);
    }).QuickCheckThrowOnFailure();

    [TestMethod]
    public void A_cost_that_does_not_grow_has_none() => Assert.AreEqual(0, Growth.Exponent(Sizes, [3, 3, 3, 3]), 1e-12);

    [TestMethod]
    public void One_size_tells_no_growth()
    {
        Assert.Throws<ArgumentException>(() => Growth.Exponent([7, 7], [1, 2]));
        Assert.Throws<ArgumentException>(() => Growth.Exponent([7, 8], [1]));
    }

    [TestMethod]
    public void A_cost_that_is_unknown_or_nothing_at_some_size_has_no_growth()
    {
        SweepPoint[] points = [new(1, 1, 10, 0), new(2, 2, null, 4), new(4, 4, 40, 8)];
        Assert.IsNull(new SweepResult("n", points).GrowthOfActivations);
        Assert.IsNull(new SweepResult("n", points).GrowthOfMacs);
        Assert.AreEqual(1, new SweepResult("n", [.. points.Select(static point => point with { Macs = point.Size * 5 })]).GrowthOfMacs!.Value, 1e-9);
    }

    private static Arbitrary<(int[] Sizes, double Exponent, double Factor)> PowerLaws() => (
        from count in Gen.Choose(2, 8)
        from sizes in Gen.ArrayOf(Gen.Choose(1, 100_000), count)
        where sizes.Distinct().Count() > 1
        from exponent in Gen.Choose(-300, 300)
        from factor in Gen.Choose(1, 1000)
        select (sizes, exponent / 100.0, factor / 10.0)).ToArbitrary();

    private static double[] Costs((int[] Sizes, double Exponent, double Factor) law) => [.. law.Sizes.Select(size => law.Factor * Math.Pow(size, law.Exponent))];
}
