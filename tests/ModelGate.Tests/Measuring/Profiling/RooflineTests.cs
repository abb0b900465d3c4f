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
        Assert.IsTrue(new BoundHere(new(1e9, 5_000_000_000), 1e9, 1e9) { OfProbe = 5 }.IsOfMemory);
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
    public void What_another_node_has_computed_is_left_out()
    {
        var bound = Bound(new OnnxGraph("g").Input("x", DataTypes.Float32, "1", "8").Initializer(Onnx.Weights("w", 8, 8), Onnx.Weights("v", 8, 8))
            .Node("Sin", "x", "s1").Node("Sin", "x", "s2").Node("MatMul", "s1 w", "a").Node("MatMul", "s2 w", "b").Node("MatMul", "s2 v", "c").Node("Sum", "a b c", "y").Output("y", DataTypes.Float32, "1", "8"),
            Product(2, 1, 8, 8), Product(3, 1, 8, 8), Product(4, 1, 8, 8));

        Assert.AreEqual((128.0, 2 * 64 * 4L), (bound.Macs, bound.Bytes));
    }

    [TestMethod]
    public void Kernels_that_differ_in_their_dilation_alone_do_not_compute_the_same()
    {
        var bound = Bound(new OnnxGraph("g").Input("x", DataTypes.Float32, "1", "1", "9", "9").Initializer(Onnx.Weights("w", 1, 1, 3, 3))
            .Node("Conv", "x w", "a", Placement(0, 0, 1)).Node("Conv", "x w", "b", Placement(2, 2, 2)).Node("Sum", "a b", "y").Output("y", DataTypes.Float32, "1", "1", "7", "7"),
            Ran("Conv", 0, [[1, 1, 9, 9], [1, 1, 3, 3]], [1, 1, 7, 7]), Ran("Conv", 1, [[1, 1, 9, 9], [1, 1, 3, 3]], [1, 1, 9, 9]));

        // Along an axis the dilated kernel meets 7 + 9 + 7 elements.
        Assert.AreEqual((49 * 9) + (23 * 23), bound.Macs, 1e-9);
    }

    [TestMethod]
    [DataRow(1, 1, 1, 1, 1, 1, DisplayName = "of three by three elements one meets the image")]
    [DataRow(2, 1, 1, 1, 16, 9, DisplayName = "in each corner four, each time others")]
    [DataRow(5, 1, 1, 1, 169, 9, DisplayName = "13 pairs along an axis")]
    [DataRow(8, 6, 6, 6, 144, 9, DisplayName = "dilated: 2 + 8 + 2 along an axis")]
    [DataRow(8, 9, 9, 9, 64, 1, DisplayName = "dilated beyond the image: the middle alone")]
    [DataRow(3, 0, 0, 1, 9, 9, DisplayName = "without padding")]
    [DataRow(3, 0, 2, 1, 36, 9, DisplayName = "padded on one side: 3 + 2 + 1 along an axis")]
    public void The_zeros_of_the_padding_are_left_out(int side, int before, int after, int dilation, double macs, int read)
    {
        int result = side + before + after - (2 * dilation);
        var bound = Bound(new OnnxGraph("g").Input("x", DataTypes.Float32, "1", "1", $"{side}", $"{side}").Initializer(Onnx.Weights("w", 1, 1, 3, 3))
            .Node("Conv", "x w", "y", Placement(before, after, dilation)).Output("y", DataTypes.Float32, "1", "1", $"{result}", $"{result}"),
            Ran("Conv", 0, [[1, 1, side, side], [1, 1, 3, 3]], [1, 1, result, result]));

        Assert.AreEqual(macs, bound.Macs, 1e-9);
        Assert.AreEqual(read * sizeof(float), bound.Bytes);
    }

    [TestMethod]
    public void What_a_transposed_convolution_crops_is_left_out()
    {
        var bound = Bound(new OnnxGraph("g").Input("x", DataTypes.Float32, "1", "1", "4", "4").Initializer(Onnx.Weights("w", 1, 1, 4, 4))
            .Node("ConvTranspose", "x w", "y", Onnx.Attribute("strides", 2L, 2), Onnx.Attribute("pads", 1L, 1, 1, 1)).Output("y", DataTypes.Float32, "1", "1", "8", "8"),
            Ran("ConvTranspose", 0, [[1, 1, 4, 4], [1, 1, 4, 4]], [1, 1, 8, 8]));

        Assert.AreEqual(14 * 14, bound.Macs, 1e-9, "of 16 pairs along an axis two fall off");
    }

    [TestMethod]
    public void How_long_a_sequence_is_that_comes_with_its_length_is_not_known()
    {
        var graph = new OnnxGraph("g").Input("x", DataTypes.Float32, "9", "1", "4").Input("lengths", DataTypes.Int32, "1").Initializer(Onnx.Weights("w", 1, 8, 4), Onnx.Weights("r", 1, 8, 2))
            .Node("LSTM", "x w r - lengths", "y", Onnx.Attribute("hidden_size", 2L)).Output("y", DataTypes.Float32, "9", "1", "1", "2");
        var ran = Ran("LSTM", 0, [[9, 1, 4], [1, 8, 4], [1, 8, 2]], [9, 1, 1, 2]);

        Assert.AreEqual(9 * 48, Bound(graph, ran).Macs);
        Assert.AreEqual(0, Bound(graph, ran with { Inputs = [.. ran.Inputs, new("int32", [1])] }).Macs);
    }

    [TestMethod]
    public void Scores_that_a_causal_mask_hides_are_left_out()
    {
        var graph = new OnnxGraph("g").Input("q", DataTypes.Float32, "1", "6", "8").Input("k", DataTypes.Float32, "1", "6", "8").Input("v", DataTypes.Float32, "1", "6", "8").Input("n", DataTypes.Int32, "1")
            .Node("GroupQueryAttention", "com.microsoft", "q k v - - n n", "y keys values", Onnx.Attribute("num_heads", 2L)).Output("y", DataTypes.Float32, "1", "6", "8");
        var ran = Ran("GroupQueryAttention", 0, [[1, 6, 8], [1, 6, 8], [1, 6, 8], [1], [1]], [1, 6, 8]);

        Assert.AreEqual(6 * 6 * 8, Bound(graph, ran with { Outputs = [.. ran.Outputs, new("float", [1, 2, 6, 4]), new("float", [1, 2, 6, 4])] }).Macs, "half of 2 · 6 · 6 · 8");
        Assert.AreEqual(6 * 6 * 8, Bound(graph, ran with { Outputs = [.. ran.Outputs, new("float", [1, 2, 60, 4]), new("float", [1, 2, 60, 4])] }).Macs, "a buffer has room for more keys than there may be");
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

    private static Message[] Placement(long before, long after, long dilation) => [Onnx.Attribute("pads", before, before, after, after), Onnx.Attribute("dilations", dilation, dilation)];

    private static ProfiledNode Ran(string @operator, int index, long[][] inputs, long[] output) =>
        new($"{@operator}_{index}", index, @operator, "", [.. inputs.Select(static dims => new ProfiledTensor("float", dims))], [new("float", output)], 0, 0);

    private static ProfiledNode Product(int index, long rows, long inner, long columns) =>
        new($"MatMul_{index}", index, "MatMul", "", [new("float", [rows, inner]), new("float", [inner, columns])], [new("float", [rows, columns])], 0, 0);

    // The product of 7×5 and 5×3.
    private static MacCount Count(params (string Operator, string Type)[] nodes) => MacCount.Of(
        nodes.Select(node => (0, new ProfiledNode("n", 0, node.Operator, "", [new(node.Type, [7, 5]), new(node.Type, [5, 3])], [new(node.Type, [7, 3])], 0, 0))), null);
}
