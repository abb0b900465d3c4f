using ModelGate.TestModels;

namespace ModelGate.Tests.Faults;

/// <summary>The caps that the fault tests rest on stop what goes beyond them.</summary>
[TestClass]
public sealed class CageTests : IDisposable
{
    private readonly Workplace at = new();

    public void Dispose() => at.Dispose();

    [TestMethod]
    public void A_model_whose_structure_takes_more_than_the_heap_is_refused_by_that_limit()
    {
        at.Write("nodes.onnx", Onnx.Model(new OnnxGraph()).Nested(7, new Message().Repeated(1_000_000, new Message().Nested(1, Onnx.Node("Neg", ["x"], ["y"])).ToArray())).ToArray());

        at.Caged("inspect", "nodes.onnx").Is(3).Says("error MG3006: its structure takes more memory than this process may have");
    }

    [TestMethod]
    public void An_allocation_beyond_the_address_space_fails_also_where_it_is_not_of_the_heap()
    {
        if (!OperatingSystem.IsLinux()) Assert.Inconclusive("Only Linux holds a process to its address space.");

        var run = ToolProcess.Shell(at.Path, Cage.Small.Limits + "dd if=/dev/zero of=/dev/null bs=8G count=1");

        Assert.AreNotEqual(0, run.ExitCode, run.ToString());
        Assert.Contains("memory", run.Error);
    }

    [TestMethod]
    public void A_process_that_computes_for_longer_than_it_may_is_killed()
    {
        if (OperatingSystem.IsWindows()) Assert.Inconclusive("This needs a POSIX shell.");

        Assert.IsGreaterThan(128, ToolProcess.Shell(at.Path, new Cage(1, 0).Limits + "while :; do :; done").ExitCode, "the number of a signal and 128");
    }
}
