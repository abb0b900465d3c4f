using ModelGate.Worker;

namespace ModelGate.Tests.Measuring.Latency;

[TestClass]
public sealed class WarmupTests
{
    [TestMethod]
    [DataRow(1, DisplayName = "a model alone")]
    [DataRow(2, DisplayName = "two that take turns")]
    public void What_still_gets_faster_is_not_warm(int turns)
    {
        // The second model takes twice as long as the first, and each round is half a percent faster than the one before.
        double[] falling = Runs(turns, round => Math.Pow(0.995, round)), steady = Runs(turns, round => round % 2 == 0 ? 1 : 0.995);
        Assert.IsTrue(Warmup.HasTrend(falling, turns));
        Assert.IsFalse(Warmup.HasTrend(steady, turns));
    }

    [TestMethod]
    public void Only_the_last_ten_runs_say_whether_it_is_warm() =>
        Assert.IsFalse(Warmup.HasTrend([9, 8, 7, 6, 5, 4, 3, 2, 1, .. Runs(1, static round => round % 2 == 0 ? 1 : 0.995)], 1));

    [TestMethod]
    public void A_round_is_as_long_as_its_turns_and_one_run_that_was_hit_has_no_say() =>
        Assert.AreEqual(22, Warmup.Round([2, 20, 30, 20, 2, 20, 2, 20, 2, 20], 2));

    [TestMethod]
    public void A_round_is_told_by_as_many_runs_as_there_are() => Assert.AreEqual(3, Warmup.Round([1, 2, 1, 2], 2));

    private static double[] Runs(int turns, Func<int, double> round) => [.. Enumerable.Range(0, 10).Select(run => (1 + (run % turns)) * round(run / turns))];
}
