using FsCheck;
using FsCheck.Fluent;
using ModelGate.Measuring;
using ModelGate.Models;
using ModelGate.TestModels;

namespace ModelGate.Tests.Measuring.Profiling;

[TestClass]
public sealed class RooflineTests
{
    [TestMethod]
    public void The_slower_of_arithmetic_and_reading_bounds_a_model()
    {
        Assert.AreEqual(2.0, new Roofline(1e9, 1_000_000).Seconds(peak: 1e9, bandwidth: 1e9));
        Assert.AreEqual(5.0, new Roofline(1e9, 5_000_000_000).Seconds(peak: 1e9, bandwidth: 1e9));
        Assert.IsTrue(new BoundHere(new(1e9, 5_000_000_000), 1e9, 1e9).IsOfMemory);
    }

    [TestMethod]
    public void A_faster_machine_never_has_a_longer_bound() => Prop.ForAll<PositiveInt, PositiveInt, PositiveInt>((macs, bytes, speed) =>
        new Roofline(macs.Get, bytes.Get).Seconds(speed.Get + 1, speed.Get + 1) <= new Roofline(macs.Get, bytes.Get).Seconds(speed.Get, speed.Get)).QuickCheckThrowOnFailure();

    [TestMethod]
    public void Narrow_types_are_taken_at_the_rate_of_the_widest_instructions()
    {
        Assert.AreEqual(105, Count(("MatMul", "float")).AtFloatRate);
        Assert.AreEqual(52.5, Count(("MatMul", "float16")).AtFloatRate);
        Assert.AreEqual(105 / 4.0, Count(("MatMulInteger", "uint8")).AtFloatRate);
        Assert.AreEqual(105 / 4.0, Count(("DequantizeLinear", "int8"), ("MatMul", "float")).AtFloatRate, "the runtime may compute on the codes");
        Assert.AreEqual(105, Count(("MatMulInteger", "uint8")).Total);
    }

    [TestMethod]
    public void Weights_that_an_inference_may_not_touch_are_left_out()
    {
        using var folder = new TemporaryFolder();
        var model = ModelReader.Read(Onnx.Model(new OnnxGraph("g")
            .Input("ids", DataTypes.Int64, "4").Input("x", DataTypes.Float32, "1", "8")
            .Initializer(Onnx.Weights("table", 100, 8), Onnx.Weights("w", 8, 8))
            .Node("Gather", "table ids", "rows").Node("MatMul", "x w", "y")
            .Output("rows", DataTypes.Float32, "4", "8").Output("y", DataTypes.Float32, "1", "8")).Save(folder.File("model.onnx")));
        Assert.AreEqual(64 * sizeof(float), Roofline.Of(Count(("MatMul", "float")), model).Bytes);
    }

    [TestMethod]
    public void Weights_that_nothing_uses_are_left_out() =>
        Assert.AreEqual(64 * sizeof(float), Bound(new OnnxGraph("g").Input("x", DataTypes.Float32, "1", "8").Initializer(Onnx.Weights("w", 8, 8), Onnx.Weights("unused", 1000, 8))
            .Node("MatMul", "x w", "y").Output("y", DataTypes.Float32, "1", "8")).Bytes);

    [TestMethod]
    public void What_the_optimizer_computes_beforehand_is_left_out()
    {
        // Two large matrices are multiplied once for all; what an inference does is small.
        var bound = Bound(new OnnxGraph("g").Input("x", DataTypes.Float32, "1", "8")
            .Initializer(Onnx.Weights("left", 8, 1000), Onnx.Weights("right", 1000, 8), Onnx.Weights("w", 8, 8))
            .Node("MatMul", "left right", "product").Node("MatMul", "x product", "z").Node("Transpose", "w", "turned").Node("MatMul", "z turned", "y").Output("y", DataTypes.Float32, "1", "8"),
            Product(0, 8, 1000, 8), Product(1, 1, 8, 8), Product(3, 1, 8, 8));

        Assert.AreEqual((128.0, 64 * 4L), (bound.Macs, bound.Bytes), "the product is folded; a weight that is turned is read turned");
    }

    [TestMethod]
    public void What_nobody_asks_for_is_left_out()
    {
        var bound = Bound(new OnnxGraph("g").Input("x", DataTypes.Float32, "1", "8")
            .Initializer(Onnx.Weights("w", 8, 8), Onnx.Weights("dead", 8, 500), Onnx.Weights("sized", 8, 300))
            .Node("MatMul", "x dead", "nowhere").Node("MatMul", "x sized", "s").Node("Shape", "s", "n").Node("MatMul", "x w", "y").Output("y", DataTypes.Float32, "1", "8").Output("n", DataTypes.Int64, "2"),
            Product(0, 1, 8, 500), Product(1, 1, 8, 300), Product(3, 1, 8, 8));

        Assert.AreEqual((64.0, 64 * 4L), (bound.Macs, bound.Bytes), "of a tensor whose shape alone is asked for the values need not be computed");
    }

    [TestMethod]
    public void A_tree_ensemble_reads_one_path_and_not_its_forest() =>
        Assert.AreEqual(0, Bound(new OnnxGraph("g").Input("x", DataTypes.Float32, "1", "8")
            .Node("TreeEnsembleRegressor", "ai.onnx.ml", "x", "y", Onnx.Attribute("nodes_values", new float[1000])).Output("y", DataTypes.Float32, "1", "1")).Bytes);

    private static Roofline Bound(OnnxGraph graph, params ProfiledNode[] ran)
    {
        using var folder = new TemporaryFolder();
        var path = Onnx.Model(graph).Save(folder.File("model.onnx"));
        return Roofline.Of(MacCount.Of(ran.Select(node => (0, node)), ModelGraph.Read(path)), ModelReader.Read(path));
    }

    private static ProfiledNode Product(int index, long rows, long inner, long columns) =>
        new($"MatMul_{index}", index, "MatMul", "", [new("float", [rows, inner]), new("float", [inner, columns])], [new("float", [rows, columns])], 0, 0);

    // The product of 7×5 and 5×3.
    private static MacCount Count(params (string Operator, string Type)[] nodes) => MacCount.Of(
        nodes.Select(node => (0, new ProfiledNode("n", 0, node.Operator, "", [new(node.Type, [7, 5]), new(node.Type, [5, 3])], [new(node.Type, [7, 3])], 0, 0))), null);
}
