using ModelGate.Measuring;

namespace ModelGate.Tests.Measuring.Profiling;

/// <summary>Where nodes ran, read from profiles as sessions with two providers write them.</summary>
[TestClass]
public sealed class PlacementTests
{
    private static readonly ExecutionProvider[] Cuda = [ExecutionProvider.Find("cuda")!], CudaAndCpu = [.. Cuda, ExecutionProvider.Cpu];

    [TestMethod]
    public void A_session_that_ran_where_it_was_asked_to_is_not_remarked_on()
    {
        var placement = Of(Cuda, ("conv", "Conv", "CUDA", 90), ("copy", "MemcpyToHost", "CUDA", 10));
        Assert.IsNull(placement.Failure(allowsFallback: false));
        Assert.IsNull(placement.Note);
    }

    [TestMethod]
    public void Nodes_that_ran_elsewhere_are_named_with_the_worst_first()
    {
        var placement = Of(Cuda, ("conv", "Conv", "CUDA", 60), ("small", "Shape", "CPU", 10), ("big", "NonMaxSuppression", "CPU", 30));
        const string Said = "2 of 3 nodes did not run on cuda and took 40 % of the time: big (NonMaxSuppression on cpu), small (Shape on cpu)";
        Assert.AreEqual(Said, placement.Note);
        Assert.IsNull(placement.Failure(allowsFallback: true));
        var failure = placement.Failure(allowsFallback: false)!;
        Assert.AreEqual(("MG4017", Said + ", and `allow_fallback: false` forbids it."), (failure.Kind.Code, failure.Reason));
    }

    [TestMethod]
    public void Of_many_nodes_five_are_named() =>
        Assert.EndsWith("n5 (Add on cpu) and 4 more", Of(Cuda, [("conv", "Conv", "CUDA", 60), .. Enumerable.Range(1, 9).Select(i => ($"n{i}", "Add", "CPU", 20 - i))]).Note!);

    [TestMethod]
    public void A_model_that_ran_nowhere_that_was_asked_for_is_never_timed_under_that_name()
    {
        var failure = Of(Cuda, ("", "Conv", "CPU", 90)).Failure(allowsFallback: true)!;
        Assert.AreEqual(("MG4017", "no node of the model ran on cuda: a node without a name (Conv on cpu)."), (failure.Kind.Code, failure.Reason));
        Assert.IsNotNull(Of(CudaAndCpu, ("conv", "Conv", "CPU", 90)).Failure(allowsFallback: true), "also where cpu stands in the list");
    }

    [TestMethod]
    public void Where_cpu_is_listed_it_may_take_nodes()
    {
        var placement = Of(CudaAndCpu, ("conv", "Conv", "CUDA", 60), ("small", "Shape", "CPU", 10));
        Assert.IsNull(placement.Failure(allowsFallback: false));
        Assert.IsNull(placement.Note);
    }

    // Two runs: the first of a session is left out.
    private static Placement Of(ExecutionProvider[] asked, params (string Name, string Operator, string Provider, int Microseconds)[] nodes)
    {
        string[] run = [.. nodes.Select(static (node, i) => Event(node.Name, node.Operator, node.Provider + "ExecutionProvider", 1000 * (i + 1), node.Microseconds)), EndOfRun];
        return Placement.Of(OperatorTimes.Of(ProfileReader.Read(new StringReader(string.Join('\n', (string[])["[", .. run, .. run, "]"])))), asked);
    }

    private const string EndOfRun = """{"cat" : "Session","pid" :1,"tid" :1,"dur" :900,"ts" :100,"ph" : "X","name" :"model_run","args" : {}},""";

    private static string Event(string name, string @operator, string provider, int start, int duration) =>
        $$$"""{"cat" : "Node","pid" :1,"tid" :1,"dur" :{{{duration}}},"ts" :{{{start}}},"ph" : "X","name" :"{{{name}}}_kernel_time","args" : {"provider" : "{{{provider}}}","op_name" : "{{{@operator}}}","output_type_shape" : [{"float":[1]}],"input_type_shape" : [],"node_index" : "{{{start}}}"}},""";
}
