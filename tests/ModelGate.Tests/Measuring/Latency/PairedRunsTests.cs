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

    [TestMethod]
    public void What_others_took_of_the_machine_is_no_part_of_a_comparison()
    {
        // Each run has a processor for one second, the model's for 1.1; some wait four seconds for it.
        var times = PairedRuns.OfProcessor(Restart([1.1, 5.1, 1.1, 5.1], [5, 1, 1, 5], [1.1, 1.1, 1.1, 1.1], [1, 1, 1, 1]));

        Assert.IsNotNull(times);
        Assert.AreEqual(Math.Log(1.1), PairedRuns.LogRatio(P50, times.Runs, times.BaselineRuns), 1e-12);
    }

    [TestMethod]
    public void What_a_model_itself_waits_for_is_part_of_it() =>
        Assert.IsNull(PairedRuns.OfProcessor(Restart([1.1, 1.1], [1, 1], [1, 1], [1, 1], givenAway: 2)));

    [TestMethod]
    [DataRow(1, true)]
    [DataRow(2, false)]
    public void So_few_waits_that_no_percentile_is_of_them_do_not_count(int givenAway, bool isOfProcessor)
    {
        double[] runs = [.. Enumerable.Repeat(1.0, 200)];
        Assert.AreEqual(isOfProcessor, PairedRuns.OfProcessor(Restart(runs, runs, runs, runs, givenAway)) is not null);
    }

    [TestMethod]
    [DataRow(new double[0], new double[0], DisplayName = "the system does not tell")]
    [DataRow(new[] { 0.0, 1.9 }, new[] { 0.95, 0.95 }, DisplayName = "a clock that moves in steps")]
    [DataRow(new[] { 1.9, 0.1 }, new[] { 1.9, 0.1 }, DisplayName = "a clock that moves in steps, on both sides")]
    public void A_clock_that_cannot_tell_runs_apart_is_not_asked(double[] processor, double[] baselineProcessor) =>
        Assert.IsNull(PairedRuns.OfProcessor(Restart([1, 1], [1, 1], processor, baselineProcessor)));

    [TestMethod]
    public void No_run_has_a_processor_for_longer_than_it_takes()
    {
        // The clocks are not read in the same moment, and something came in between.
        double[] passed = [.. Enumerable.Repeat(1.0, 20)], had = [.. Enumerable.Repeat(1.0, 19), 9];
        CollectionAssert.AreEqual(passed, PairedRuns.OfProcessor(Restart(passed, passed, had, passed))!.Runs.ToArray());
    }

    private static RestartFigures Restart(double[] runs, double[] baseline, double[] processor, double[] baselineProcessor, long givenAway = 0) =>
        new(0, 0, 0, 0, 0, runs, 0) { BaselineRuns = baseline, ProcessorRuns = processor, ProcessorBaselineRuns = baselineProcessor, GivenAway = givenAway };
}
