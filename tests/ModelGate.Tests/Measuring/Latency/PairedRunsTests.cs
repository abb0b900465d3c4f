using ModelGate.Measuring;

namespace ModelGate.Tests.Measuring.Latency;

[TestClass]
public sealed class PairedRunsTests
{
    private static readonly Percentile P50 = Percentile.Of(MetricCatalogue.Find("latency.p50")!)!;
    private static readonly Percentile P95 = Percentile.Of(MetricCatalogue.Find("latency.p95")!)!;

    [TestMethod]
    public void A_model_that_always_takes_a_tenth_more_has_the_logarithm_of_that() =>
        Assert.AreEqual(Math.Log(1.1), PairedRuns.LogRatio(P50, [1.1, 2.2, 3.3, 1.1], [1, 2, 3, 1]), 1e-12);

    [TestMethod]
    public void A_drift_cancels_between_the_two_orders()
    {
        // A B B A: the machine slows down by a tenth of a percent at every run.
        double[] machine = [.. Enumerable.Range(0, 400).Select(run => Math.Pow(1.001, run))];
        double[] runs = new double[200], baseline = new double[200];
        for (int block = 0; block < 100; block++)
        {
            (runs[2 * block], runs[(2 * block) + 1]) = (machine[4 * block], machine[(4 * block) + 3]);
            (baseline[2 * block], baseline[(2 * block) + 1]) = (machine[(4 * block) + 1], machine[(4 * block) + 2]);
        }

        Assert.AreEqual(0, PairedRuns.LogRatio(P50, runs, baseline), 1e-12);
    }

    [TestMethod]
    public void Whoever_runs_second_may_find_the_caches_warm()
    {
        // A B B A: what follows the other model takes a twentieth longer than what follows itself.
        double[] runs = [.. Enumerable.Range(0, 40).Select(run => run % 2 == 0 ? 1.02 : 1.02 * 1.05)], baseline = [.. Enumerable.Range(0, 40).Select(run => run % 2 == 0 ? 1.05 : 1.0)];
        Assert.AreEqual(Math.Log(1.02), PairedRuns.LogRatio(P50, runs, baseline), 1e-12);
    }

    [TestMethod]
    public void A_run_that_was_hit_spoils_its_pair_and_not_its_block()
    {
        // One run of every block is hit, of either model and either pair in turn: no block is whole.
        double[] runs = [.. Enumerable.Repeat(1.02, 40)], baseline = [.. Enumerable.Repeat(1.0, 40)];
        for (int block = 0; block < 20; block++)
            (block % 2 == 0 ? runs : baseline)[(2 * block) + (block / 2 % 2)] *= 1.5;
        Assert.AreEqual(Math.Log(1.02), PairedRuns.LogRatio(P50, runs, baseline), 1e-12);
    }

    [TestMethod]
    public void Pairs_that_something_else_hit_have_no_say()
    {
        double[] runs = [.. Enumerable.Repeat(1.02, 40)], baseline = [.. Enumerable.Repeat(1.0, 40)];
        (runs[0], runs[7], baseline[20], baseline[31]) = (50, 20, 30, 9);
        Assert.AreEqual(Math.Log(1.02), PairedRuns.LogRatio(P50, runs, baseline), 1e-12);
    }

    [TestMethod]
    public void Other_percentiles_compare_the_two_tails()
    {
        double[] runs = [.. Enumerable.Range(1, 100).Select(run => run <= 90 ? 1.0 : 3.0)], baseline = [.. Enumerable.Range(1, 100).Select(run => run <= 90 ? 1.0 : 2.0)];
        Assert.AreEqual(Math.Log(1.5), PairedRuns.LogRatio(P95, runs, baseline), 1e-12);
        Assert.AreEqual(0, PairedRuns.LogRatio(P50, runs, baseline), 1e-12);
    }
}
