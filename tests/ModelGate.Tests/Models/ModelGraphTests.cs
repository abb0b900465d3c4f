using ModelGate.Models;
using ModelGate.TestModels;

namespace ModelGate.Tests.Models;

[TestClass]
public sealed class ModelGraphTests
{
    [TestMethod]
    public void A_node_is_found_by_name_and_operator_and_among_several_by_index()
    {
        var graph = Read(
            Onnx.Node("Constant", [], ["c"], attributes: Onnx.Attribute("value_float", 1f)),
            Onnx.Node("Einsum", ["x", "c"], ["a"], name: "once", attributes: Onnx.Attribute("equation", "i,i->i")),
            Onnx.Node("Einsum", ["a", "c"], ["b"], name: "twice", attributes: Onnx.Attribute("equation", "i,i->")),
            Onnx.Node("Einsum", ["b", "c"], ["y"], name: "twice", attributes: Onnx.Attribute("equation", ",i->i")),
            Onnx.Node("Gemm", ["y", "", "c"], ["z", ""], attributes: Onnx.Attribute("transA", 1L)));

        Assert.AreEqual("i,i->i", graph.Find("once", 99, "Einsum")!.Equation);
        Assert.AreEqual("i,i->", graph.Find("twice", 1, "Einsum")!.Equation, "the runtime numbers nodes without the constants");
        Assert.AreEqual(",i->i", graph.Find("twice", 2, "Einsum")!.Equation);
        Assert.IsNull(graph.Find("twice", 7, "Einsum"), "which of the two cannot be told");
        Assert.IsNull(graph.Find("once", 0, "MatMul"), "another operator is another node");
        Assert.IsNull(graph.Find("_inlfunc_once", 0, "Einsum"), "a node put in by the runtime");

        var unnamed = graph.Find("Gemm_3", 3, "Gemm")!;
        Assert.AreEqual(1, unnamed.Int("transA"));
        CollectionAssert.AreEqual(new[] { true, false, true }, unnamed.HasInput.ToArray());
        CollectionAssert.AreEqual(new[] { true, false }, unnamed.HasOutput.ToArray());
    }

    [TestMethod]
    public void Nodes_of_bodies_are_found_by_name()
    {
        using var folder = new TemporaryFolder();
        var graph = ModelGraph.Read(SmallModels.Looping().Save(folder.File("model.onnx")))!;
        Assert.IsNotNull(graph.Find("Add_1", 1, "Add"));
    }

    [TestMethod]
    public void Of_other_formats_no_nodes_are_known()
    {
        using var folder = new TemporaryFolder();
        Assert.IsNull(ModelGraph.Read(folder.Write("model.gguf", "GGUF\u0003\0\0\0"u8.ToArray())));
    }

    private static ModelGraph Read(params Message[] nodes)
    {
        using var folder = new TemporaryFolder();
        var graph = new OnnxGraph("g").Input("x", DataTypes.Float32, "3");
        foreach (var node in nodes)
            graph.Message.Nested(1, node);
        return ModelGraph.Read(Onnx.Model(graph.Output("z", DataTypes.Float32, "3")).Save(folder.File("model.onnx")))!;
    }
}
