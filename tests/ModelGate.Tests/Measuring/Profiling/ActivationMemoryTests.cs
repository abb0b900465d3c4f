using ModelGate.Measuring;

namespace ModelGate.Tests.Measuring.Profiling;

[TestClass]
public sealed class ActivationMemoryTests
{
    [TestMethod]
    public void Weights_that_were_there_before_do_not_count() =>
        Assert.AreEqual(300, ActivationMemory.Of([Node(1100, 100), Node(1300, 200), Node(1200, 0)]));

    [TestMethod]
    public void Space_that_a_node_takes_for_itself_counts_where_it_makes_a_new_peak()
    {
        Assert.AreEqual(100 + 500, ActivationMemory.Of([Node(1100, 100, peak: 1100), Node(1100, 0, peak: 1600), Node(1200, 100, peak: 1600)]));
        Assert.AreEqual(200, ActivationMemory.Of([Node(1100, 100, peak: 9000), Node(1200, 100, peak: 9000)]), "a peak from before the first node is not its own");
    }

    [TestMethod]
    public void Only_the_first_run_counts() =>
        Assert.AreEqual(100, ActivationMemory.Of([Node(1100, 100), (1, Node(5000, 100).Node)]));

    [TestMethod]
    public void A_runtime_that_tells_no_memory_leaves_it_unknown() =>
        Assert.IsNull(ActivationMemory.Of([(0, MacFormulasTests.Node("Relu", "1", "1"))]));

    private static (int Run, ProfiledNode Node) Node(long requested, long change, long? peak = null) =>
        (0, MacFormulasTests.Node("Relu", "1", "1") with { Memory = new(requested, change, requested, change, peak ?? requested) });
}
