using System.Globalization;
using ModelGate.Measuring;
using ModelGate.Models;
using ModelGate.TestModels;

namespace ModelGate.Tests.Models;

/// <summary>Kinds of layers, depth and width, told from the structure of a graph.</summary>
[TestClass]
public class LayerTests
{
    [TestMethod]
    public void ResNet50_is_fifty_layers_deep_and_2048_channels_wide()
    {
        var model = Reading.Read(Architectures.ResNet50());

        Assert.AreEqual((50L, 2048L), (model.Layers!.Depth, model.Layers.Width));
        Assert.AreEqual(2_048_000.0 / 25_557_032, Share(model, "dense"), 1e-12);
        Assert.AreEqual(1, LayerGraph.AllKinds.Sum(kind => Share(model, LayerGraph.Name(kind))), 1e-12);
    }

    [TestMethod]
    public void MobileNetV2_is_mostly_convolution()
    {
        var model = Reading.Read(Architectures.MobileNetV2());

        Assert.AreEqual((53L, 1280L), (model.Layers!.Depth, model.Layers.Width));
        Assert.IsGreaterThan(0.5, Share(model, "convolution"));
    }

    [TestMethod]
    [DataRow("SqueezeNet 1.1", 1_235_496L, 18L, 1000L)]
    [DataRow("VGG-16", 138_357_544L, 16L, 4096L)]
    [DataRow("BERT-base", 109_482_240L, 50L, 3072L)]
    public void Published_architectures_hold_their_published_number_of_parameters(string name, long parameters, long depth, long width)
    {
        using var folder = new TemporaryFolder();
        var model = ModelReader.Read((name switch { "VGG-16" => PublishedModels.Vgg16(), "BERT-base" => PublishedModels.BertBase(), _ => PublishedModels.SqueezeNet11() }).Save(folder.File("m.onnx")));

        Assert.AreEqual((parameters, depth, width), (model.Parameters(), model.Layers!.Depth!.Value, model.Layers.Width!.Value));
        if (name == "BERT-base") Assert.AreEqual(12 * 4 * 768 * 768 / 109_482_240.0, Share(model, "attention"), 1e-12, "four projections in each of twelve layers");
    }

    [TestMethod]
    public void The_four_projections_around_a_written_out_attention_are_attention()
    {
        var model = Reading.Read(SmallModels.Attention(8));

        foreach (var name in new[] { "query", "key", "value", "result" }) Assert.AreEqual(LayerKind.Attention, Kind(model, name), name);
        Assert.AreEqual(2, model.Layers!.Depth);
    }

    [TestMethod]
    public void Projections_are_found_through_heads_masks_scales_and_biases_and_no_further()
    {
        var graph = new OnnxGraph().Input("x", DataTypes.Float32, "n", "8").Initializer(new[] { "q", "k", "v", "o", "up", "down" }.Select(name => Onnx.Weights(name, 8, 8)))
            .Initializer(Onnx.Weights("qb", 8), Onnx.Floats("scale", [], 0.5f), Onnx.Ints("heads", [3], 0, 2, 4), Onnx.Floats("mask", [1, 8], new float[8]));
        foreach (var name in new[] { "q", "k", "v" })
            graph.Node("MatMul", $"x {name}", $"{name}1").Node("Add", $"{name}1 qb", $"{name}2").Node("Reshape", $"{name}2 heads", $"{name}3").Node("Transpose", $"{name}3", $"{name}4");
        graph.Node("MatMul", "q4 k4", "s").Node("Mul", "s scale", "s1").Node("Add", "s1 mask", "s2").Node("Softmax", "s2", "p").Node("MatMul", "p v4", "c")
            .Node("Transpose", "c", "c1").Node("Reshape", "c1 heads", "c2").Node("MatMul", "c2 o", "a").Node("Add", "a x", "h")
            .Node("MatMul", "h up", "u").Node("Relu", "u", "r").Node("MatMul", "r down", "y");

        var model = Reading.Read(graph);

        foreach (var name in new[] { "q", "k", "v", "o" }) Assert.AreEqual(LayerKind.Attention, Kind(model, name), name);
        foreach (var name in new[] { "up", "down" }) Assert.AreEqual(LayerKind.Dense, Kind(model, name), name);
        Assert.AreEqual(LayerKind.Bias, Kind(model, "qb"));
    }

    [TestMethod]
    public void Fused_attention_takes_its_projections_along()
    {
        var model = Reading.Read(Onnx.Model(new OnnxGraph().Initializer(new[] { "q", "k", "v", "o", "fused" }.Select(name => Onnx.Weights(name, 8, 8)))
            .Node("MatMul", "x q", "q1").Node("MatMul", "x k", "k1").Node("MatMul", "x v", "v1").Node("MultiHeadAttention", "com.microsoft", "q1 k1 v1", "c").Node("MatMul", "c o", "y")
            .Node("Attention", "com.microsoft", "y fused", "z"), others: ("com.microsoft", 1)));

        foreach (var name in new[] { "q", "k", "v", "o", "fused" }) Assert.AreEqual(LayerKind.Attention, Kind(model, name), name);
    }

    [TestMethod]
    [DataRow("Conv", "x w", LayerKind.Convolution)]
    [DataRow("ConvTranspose", "x w", LayerKind.Convolution)]
    [DataRow("LSTM", "x w", LayerKind.Recurrent)]
    [DataRow("Gather", "w x", LayerKind.Embedding)]
    [DataRow("MatMul", "x w", LayerKind.Dense)]
    [DataRow("LayerNormalization", "x w", LayerKind.Normalization)]
    [DataRow("Add", "x w", LayerKind.Bias)]
    [DataRow("PRelu", "x w", LayerKind.Other)]
    public void A_weight_is_of_the_kind_of_its_operator(string @operator, string inputs, LayerKind kind) =>
        Assert.AreEqual(kind, Kind(Reading.Read(new OnnxGraph().Initializer(Onnx.Weights("w", 4, 4, 3)).Node(@operator, inputs, "y")), "w"));

    [TestMethod]
    public void What_a_tree_has_learned_is_classical() =>
        Assert.AreEqual(1, Share(Reading.Read(Onnx.Model(new OnnxGraph().Node("LinearRegressor", "ai.onnx.ml", "x", "y", Onnx.Attribute("coefficients", 1f, 2, 3)), others: ("ai.onnx.ml", 3))), "classical"));

    [TestMethod]
    [DataRow("ConvTranspose", "x w", 12L)]
    [DataRow("Conv", "x w", 4L)]
    public void Width_is_what_the_operator_puts_out(string @operator, string inputs, long width) =>
        Assert.AreEqual(width, Reading.Read(new OnnxGraph().Initializer(Onnx.Weights("w", 4, 6, 3)).Node(@operator, inputs, "y", Onnx.Attribute("group", 2L))).Layers!.Width);

    [TestMethod]
    [DataRow("GatherBlockQuantized", "w ids s", "100,32", 64L, DisplayName = "a table of codes, two in a byte")]
    [DataRow("QMoE", "x r w s", "4,128,16", 128L, DisplayName = "experts of codes: [experts, out, in / 2]")]
    [DataRow("MoE", "x r w", "4,32,128", 128L, DisplayName = "experts")]
    public void Width_of_packed_weights_is_that_of_what_they_hold(string @operator, string inputs, string dims, long width)
    {
        var type = @operator == "MoE" ? DataTypes.Float32 : DataTypes.UInt8;
        var graph = new OnnxGraph().Initializer(Onnx.Zeros("w", type, Numbers(dims)), Onnx.Floats("s", [4], 1, 1, 1, 1)).Node(@operator, "com.microsoft", inputs, "y");

        Assert.AreEqual(width, Reading.Read(Onnx.Model(graph, others: ("com.microsoft", 1))).Layers!.Width);
    }

    [TestMethod]
    public void Peepholes_are_no_layer_of_their_own() =>
        Assert.AreEqual(10, Reading.Read(new OnnxGraph().Initializer(Onnx.Weights("w", 2, 20, 6), Onnx.Weights("r", 2, 20, 5), Onnx.Weights("p", 2, 15))
            .Node("LSTM", "x w r - - - - p", "y", Onnx.Attribute("hidden_size", 5L))).Layers!.Width);

    [TestMethod]
    [DataRow("Conv", "x t", "3,3,3,12", "3,2,0,1", 12L, DisplayName = "a kernel as TensorFlow has it")]
    [DataRow("MatMul", "x t", "20,8", "1,0", 20L, DisplayName = "a matrix")]
    [DataRow("MatMul", "x t", "20,8", "", 20L, DisplayName = "a matrix, in the order that is none")]
    [DataRow("MatMul", "x t", "20,8", "5,-7", 8L, DisplayName = "an order that there is not")]
    [DataRow("Gemm", "t x", "8,20", "1,0", 20L, DisplayName = "a matrix on the left")]
    public void Width_is_that_of_the_weight_as_it_reaches_its_layer(string @operator, string inputs, string dims, string order, long width)
    {
        Message[] attributes = order.Length == 0 ? [] : [Onnx.Attribute("perm", Numbers(order))];
        var graph = new OnnxGraph().Initializer(Onnx.Weights("w", Numbers(dims))).Node("Identity", "w", "i").Node("Transpose", "i", "u", attributes).Node("Cast", "u", "t", Onnx.Attribute("to", 1L)).Node(@operator, inputs, "y");

        Assert.AreEqual(width, Reading.Read(graph).Layers!.Width);
    }

    [TestMethod]
    [DataRow(8L, 12L, 12L)]
    [DataRow(-1L, 12L, 12L)]
    [DataRow(8L, -1L, 12L)]
    [DataRow(5L, -1L, 0L)]
    [DataRow(long.MaxValue, -1L, 0L)]
    public void A_weight_that_is_stored_as_a_row_has_the_width_it_is_laid_out_in(long rows, long columns, long width) =>
        Assert.AreEqual(width, Reading.Read(new OnnxGraph().Initializer(Onnx.Weights("w", 96), Onnx.Ints("shape", [2], rows, columns)).Node("Reshape", "w shape", "t").Node("MatMul", "x t", "y")).Layers!.Width);

    [TestMethod]
    public void A_table_that_is_the_last_matrix_as_well_is_a_layer_at_either_end()
    {
        var model = Reading.Read(new OnnxGraph().Initializer(Onnx.Weights("table", 64, 32), Onnx.Weights("w", 32, 32))
            .Node("Gather", "table ids", "h").Node("MatMul", "h w", "h2").Node("Transpose", "table", "turned", Onnx.Attribute("perm", 1L, 0L)).Node("MatMul", "h2 turned", "y"));

        Assert.AreEqual((3L, 64L, 64 * 32 + 32 * 32L), (model.Layers!.Depth, model.Layers.Width, model.Parameters()));
    }

    [TestMethod]
    public void Attention_of_the_standard_takes_projections_rotations_and_a_mask()
    {
        var graph = new OnnxGraph().Initializer(new[] { "q", "k", "v", "o" }.Select(name => Onnx.Weights(name, 8, 8))).Initializer(Onnx.Weights("cos", 4, 2), Onnx.Weights("sin", 4, 2), Onnx.Weights("mask", 1, 1, 4, 4), Onnx.Ints("at", [1, 4], 0, 1, 2, 3));
        foreach (var name in new[] { "q", "k", "v" }) graph.Node("MatMul", $"x {name}", $"{name}1");
        graph.Node("RotaryEmbedding", "q1 cos sin at", "q2").Node("RotaryEmbedding", "k1 cos sin at", "k2").Node("Attention", "q2 k2 v1 mask", "c").Node("MatMul", "c o", "y");

        var model = Reading.Read(Onnx.Model(graph, opset: 23));

        foreach (var name in new[] { "q", "k", "v", "o" }) Assert.AreEqual(LayerKind.Attention, Kind(model, name), name);
        foreach (var name in new[] { "cos", "sin", "mask" }) Assert.AreEqual(Role.Constant, model.Tensor(name).Role, name);
        Assert.AreEqual((2L, 256L), (model.Layers!.Depth, model.Parameters()));
    }

    [TestMethod]
    public void Depth_goes_through_bodies_and_functions_and_does_not_mind_the_order_of_nodes()
    {
        var body = new OnnxGraph("body").Input("i", DataTypes.Int64).Input("c", DataTypes.Bool).Input("v", DataTypes.Float32).Initializer(Onnx.Weights("inner", 4, 4))
            .Node("Identity", "c", "c1").Node("MatMul", "v inner", "w").Output("c1", DataTypes.Bool).Output("w", DataTypes.Float32);
        var graph = new OnnxGraph().Initializer(Onnx.Weights("first", 4, 4), Onnx.Weights("last", 4, 4))
            .Node("MatMul", "l last", "y")
            .Node("Loop", "n c f", "l", Onnx.Attribute("body", body))
            .Node("Block", "local", "x", "b").Node("MatMul", "b first", "f");
        var function = Onnx.Function("local", "Block", ["v"], ["o"], Onnx.Node("Constant", [], ["k"], attributes: Onnx.TensorAttribute("value", Onnx.Weights("", 4, 4))), Onnx.Node("MatMul", ["v", "k"], ["o"]));

        Assert.AreEqual(4, Reading.Read(Onnx.Model(graph, others: ("local", 1)).Nested(25, function)).Layers!.Depth);
    }

    [TestMethod]
    public void Circles_and_functions_that_call_themselves_end()
    {
        var graph = new OnnxGraph().Initializer(Onnx.Weights("w", 4, 4)).Node("MatMul", "b w", "a").Node("MatMul", "a w", "b").Node("Softmax", "b", "a2").Node("F", "local", "a", "f");
        var function = Onnx.Function("local", "F", ["v"], ["o"], Onnx.Node("F", ["v"], ["o"], "local"));

        Assert.IsGreaterThanOrEqualTo(1, Reading.Read(Onnx.Model(graph, others: ("local", 1)).Nested(25, function)).Layers!.Depth!.Value);
    }

    [TestMethod]
    public void A_hundred_thousand_layers_that_share_a_weight_are_each_followed()
    {
        var graph = new OnnxGraph().Initializer(Onnx.Weights("w", 2, 2));
        for (var index = 0; index < 100_000; index++) graph.Node("MatMul", $"v{index} w", $"v{index + 1}");

        Assert.AreEqual(100_000, Reading.Read(graph).Layers!.Depth);
    }

    [TestMethod]
    public void A_format_without_a_graph_says_that_it_cannot_tell()
    {
        var model = Hostile.Read(new SafetensorsFile().Tensor("w", "F32", 16, 4).ToArray(), "m.safetensors");

        var failed = (Measurement.Failed)WeightCensus.Measure(MetricCatalogue.Find("depth")!, model);

        Assert.AreEqual(Diagnostics.FormatNotMeasurable, failed.Kind);
        Assert.Contains("keeps no graph", failed.Reason);
    }

    [TestMethod]
    public void TensorFlow_Lite_tells_its_layers_by_its_operators()
    {
        var model = Hostile.Read(Lite.File(Lite.Small()), "m.tflite");

        Assert.AreEqual((1L, 2L), (model.Layers!.Depth, model.Layers.Width));
        Assert.AreEqual(18 / 22.0, Share(model, "convolution"), 1e-12);
    }

    [TestMethod]
    public void TensorFlow_Lite_tells_the_projections_of_attention_by_the_products_around_a_softmax()
    {
        const int BatchMatMul = 126, Softmax = 25;
        var model = Hostile.Read(Lite.File(Lite.Model([Lite.FullyConnected, BatchMatMul, Softmax, Lite.Reshape], [Lite.Buffer(0), .. Enumerable.Range(0, 5).Select(_ => Lite.Buffer(64))], Lite.Subgraph(
            [
                .. new[] { "x", "q", "k", "v", "heads", "scores", "shares", "seen", "y", "z" }.Select(name => Lite.Tensor(name, Lite.Float32, 0, 1, 4)),
                .. new[] { "wq", "wk", "wv", "wo", "up" }.Select((name, index) => Lite.Tensor(name, Lite.Float32, index + 1, 4, 4)),
            ],
            [0], Lite.Node(0, [0, 10, -1], 1), Lite.Node(0, [0, 11, -1], 2), Lite.Node(0, [0, 12, -1], 3), Lite.Node(3, [1], 4), Lite.Node(1, [4, 2], 5), Lite.Node(2, [5], 6), Lite.Node(1, [6, 3], 7),
            Lite.Node(0, [7, 13, -1], 8), Lite.Node(0, [8, 14, -1], 9)))), "m.tflite");

        Assert.AreEqual("wq Attention, wk Attention, wv Attention, wo Attention, up Dense", string.Join(", ", model.Tensors.Select(tensor => $"{tensor.Name} {Kind(model, tensor.Name)}")));
    }

    [TestMethod]
    [DataRow(false, DisplayName = "the scale put to what is normalized")]
    [DataRow(true, DisplayName = "the scale put to the inverse and the shift to the mean")]
    public void TensorFlow_Lite_tells_scale_and_shift_of_a_written_out_normalization(bool isFolded)
    {
        const int Add = 0, Mul = 18, Mean = 40, Sub = 41, Rsqrt = 76, SquaredDifference = 99;
        string[] values = ["x", "mean", "sq", "var", "ve", "inv", "a", "b", "c", "d", "y"];
        FlatObject[] tail = isFolded
            ? [Lite.Node(1, [5, 11], 6), Lite.Node(1, [0, 6], 7), Lite.Node(1, [1, 6], 8), Lite.Node(3, [12, 8], 9), Lite.Node(0, [7, 9], 10)]
            : [Lite.Node(3, [0, 1], 6), Lite.Node(1, [6, 5], 7), Lite.Node(1, [7, 11], 8), Lite.Node(0, [8, 12], 10)];
        var model = Hostile.Read(Lite.File(Lite.Model([Add, Mul, Mean, Sub, Rsqrt, SquaredDifference], [Lite.Buffer(0), Lite.Buffer(32), Lite.Buffer(32), Lite.Buffer(4)], Lite.Subgraph(
            [.. values.Select(static name => Lite.Tensor(name, Lite.Float32, 0, 1, 8)), Lite.Tensor("scale", Lite.Float32, 1, 8), Lite.Tensor("shift", Lite.Float32, 2, 8), Lite.Tensor("eps", Lite.Float32, 3)],
            [0], [Lite.Node(2, [0, -1], 1), Lite.Node(5, [0, 1], 2), Lite.Node(2, [2, -1], 3), Lite.Node(0, [3, 13], 4), Lite.Node(4, [4], 5), .. tail]))), "m.tflite");

        Assert.AreEqual((LayerKind.Normalization, LayerKind.Normalization, 16L), (Kind(model, "scale"), Kind(model, "shift"), model.Parameters()));
    }

    private static LayerKind Kind(ModelFile model, string tensor) => model.Layers!.Kinds[model.Tensors.ToList().FindIndex(each => each.Name == tensor)];

    private static long[] Numbers(string text) => [.. text.Split(',').Select(static number => long.Parse(number, CultureInfo.InvariantCulture))];

    private static double Share(ModelFile model, string kind) => ((Measurement.Exact)WeightCensus.Measure(MetricCatalogue.Find("parameters.share." + kind)!, model)).Value;
}
