using ModelGate.Measuring;

namespace ModelGate.Tests.Measuring.Profiling;

[TestClass]
public sealed class OperatorTimesTests
{
    [TestMethod]
    public void Runs_after_the_first_are_averaged()
    {
        var times = OperatorTimes.Of([(0, Node("a", "Conv", 0, 9)), (1, Node("a", "Conv", 10, 2)), (1, Node("b", "Relu", 12, 1)), (2, Node("a", "Conv", 20, 4)), (2, Node("b", "Relu", 24, 1))]);
        Assert.AreEqual(2, times.Runs);
        Assert.AreEqual("Conv 1 3; Relu 1 1", string.Join("; ", times.Operators.Select(one => $"{one.Operator} {one.Executions} {one.Seconds}")));
        Assert.AreEqual("a 3; b 1", string.Join("; ", times.Nodes.Select(one => $"{one.Name} {one.Seconds}")));
        Assert.AreEqual(4, times.Total);
    }

    [TestMethod]
    public void A_node_with_a_body_takes_only_what_its_body_does_not()
    {
        var times = OperatorTimes.Of([(1, Node("inner", "MatMul", 11, 3)), (1, Node("inner", "MatMul", 14, 3)), (1, Node("loop", "Loop", 10, 8)), (1, Node("after", "Relu", 18, 1))]);
        Assert.AreEqual("MatMul 2 6; Loop 1 2; Relu 1 1", string.Join("; ", times.Operators.Select(one => $"{one.Operator} {one.Executions} {one.Seconds}")));
    }

    [TestMethod]
    public void The_heaviest_nodes_come_first()
    {
        var times = OperatorTimes.Of(Enumerable.Range(0, 30).Select(i => (1, Node($"n{i}", "Add", 100 * i, i + 1))));
        Assert.AreEqual(30, times.Operators.Single().Executions);
        CollectionAssert.AreEqual(Enumerable.Range(0, 30).Reverse().Select(i => $"n{i}").ToArray(), times.Nodes.Select(one => one.Name).ToArray());
    }

    private static ProfiledNode Node(string name, string @operator, double start, double duration) => new(name, 0, @operator, "CPUExecutionProvider", [], [], start, duration);
}
