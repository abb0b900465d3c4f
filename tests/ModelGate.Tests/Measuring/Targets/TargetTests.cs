using ModelGate.Measuring;

namespace ModelGate.Tests.Measuring.Targets;

[TestClass]
public class TargetTests
{
    private static readonly Metric Memory = MetricCatalogue.Find("target.phone.memory")!, Bound = MetricCatalogue.Find("target.phone.latency_bound")!;

    [TestMethod]
    public void Memory_is_weights_activations_and_runtime_as_a_share_of_the_targets()
    {
        var demand = new ModelDemand(1000, new Measurement.Exact(Memory, 500), new Measurement.Exact(Bound, 1), new(1e6, 4_000_000), 500);

        Assert.AreEqual(0.25, Exact(demand.Measure(Memory, new("phone") { Memory = 8000 })));
    }

    [TestMethod]
    [DataRow(1e9, 1e9, 0.004, "reading the weights")]
    [DataRow(1e8, 1e9, 0.02, "arithmetic: a multiply-accumulate is two operations")]
    public void The_bound_is_the_longer_of_reading_and_arithmetic(double compute, double bandwidth, double seconds, string why)
    {
        var demand = new ModelDemand(1000, new Measurement.Exact(Memory, 500), new Measurement.Exact(Bound, 1), new(1e6, 4_000_000), 500);

        Assert.AreEqual(seconds, Exact(demand.Measure(Bound, new("phone") { Compute = compute, Bandwidth = bandwidth })), 1e-12, why);
    }

    [TestMethod]
    public void What_is_not_known_of_the_model_is_no_measurement()
    {
        var demand = new ModelDemand(1000, new Measurement.Failed(Memory, Diagnostics.ProfileUnusable, "no profile"), new Measurement.Failed(Bound, Diagnostics.MacsUnknown, "no formula"), null, 500);

        Assert.AreEqual(Diagnostics.ProfileUnusable, ((Measurement.Failed)demand.Measure(Memory, new("phone") { Memory = 8000 })).Kind);
        Assert.AreEqual(Diagnostics.MacsUnknown, ((Measurement.Failed)demand.Measure(Bound, new("phone") { Compute = 1, Bandwidth = 1 })).Kind);
    }

    [TestMethod]
    public void Every_built_in_target_carries_its_source_and_a_name_that_policies_can_write()
    {
        foreach (var target in TargetPresets.All)
        {
            Assert.IsGreaterThan(40, target.Source.Length, target.Name);
            Assert.IsNotNull(target.Memory, target.Name);
            Assert.IsNotNull(MetricCatalogue.Find($"target.{target.Name}.memory"), target.Name);
        }
    }

    private static double Exact(Measurement measurement) => ((Measurement.Exact)measurement).Value;
}
