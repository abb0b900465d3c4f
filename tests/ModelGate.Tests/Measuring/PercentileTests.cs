using ModelGate.Measuring;

namespace ModelGate.Tests.Measuring;

[TestClass]
public sealed class PercentileTests
{
    [TestMethod]
    [DataRow("latency.p50", 5, 7)]
    [DataRow("latency.p90", 29, 44)]
    [DataRow("latency.p95", 59, 90)]
    [DataRow("latency.p99", 299, 459)]
    public void A_percentile_is_refused_below_the_runs_its_bound_needs(string metric, int at95, int at99)
    {
        var percentile = Percentile.Of(MetricCatalogue.Find(metric)!)!;
        Assert.AreEqual(at95, percentile.RunsNeeded(0.95));
        Assert.AreEqual(at99, percentile.RunsNeeded(0.99));
    }

    [TestMethod]
    public void Percentiles_are_taken_by_nearest_rank()
    {
        double[] sorted = [.. Enumerable.Range(1, 100).Select(i => (double)i)];
        Assert.AreEqual(50, Percentile.Of(MetricCatalogue.Find("latency.p50")!)!.Of(sorted));
        Assert.AreEqual(95, Percentile.Of(MetricCatalogue.Find("latency.p95")!)!.Of(sorted));
        Assert.AreEqual(3, Percentile.Of(MetricCatalogue.Find("latency.p99")!)!.Of([1.0, 2.0, 3.0]));
    }

    [TestMethod]
    public void Metrics_that_are_no_percentile_have_none() =>
        Assert.IsNull(Percentile.Of(MetricCatalogue.Find("memory.peak_rss")!));
}
