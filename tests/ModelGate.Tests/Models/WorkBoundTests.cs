using System.Diagnostics;
using ModelGate.Measuring;
using ModelGate.Models;
using ModelGate.TestModels;

namespace ModelGate.Tests.Models;

/// <summary>Small files that ask for work which grows with the square of their length are read in seconds, or refused with the limit's name.</summary>
[TestClass]
public sealed class WorkBoundTests
{
    private const int Few = 10_000, Many = 20_000, More = 500_000;
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20); // the unbounded work took minutes

    [TestMethod]
    public void A_node_that_passes_many_tensors_on_to_many_outputs() =>
        AssertRead(Few, Shared("Concat", "", node => Repeat(node, 0x12, More), Few));

    [TestMethod]
    public void A_loop_over_many_tensors_with_many_attributes() =>
        AssertRead(Many, Shared("Scan", "", node => Repeat(node, 0x2A, More)));

    [TestMethod]
    public void A_packed_product_of_many_tensors_with_many_attributes() =>
        AssertRead(Many, Shared("MatMulNBits", "com.microsoft", node => Repeat(node, 0x2A, More)));

    [TestMethod]
    public void Many_tensors_multiplied_with_what_a_constant_with_many_attributes_gives()
    {
        var constant = new Message().Text(2, "c").Text(4, "Constant");
        Repeat(constant, 0x2A, More);
        var graph = Graph(constant).Node("Cast", "c", "k");
        for (var index = 0; index < Many; index++) graph.Initializer(Onnx.Floats($"t{index}", [2], 1, 2)).Node("Mul", $"t{index} k", $"y{index}");

        AssertRead(Many, Onnx.Model(graph).ToArray());
    }

    [TestMethod]
    public void A_tree_ensemble_with_many_lists()
    {
        byte[] list = new Message().Text(1, "nodes_values").Fixed32(7, 1).ToArray();
        byte[][] lists = [.. Enumerable.Repeat((byte[])[0x2A, (byte)list.Length, .. list], 100_000)];

        AssertRead(100_000, Onnx.Model(Graph(new Message().Raw([.. lists.SelectMany(each => each)]).Text(4, "TreeEnsembleRegressor").Text(7, "ai.onnx.ml"))).ToArray());
    }

    [TestMethod]
    public void A_long_name_of_a_layer_is_not_told_anew_for_each_of_its_tensors()
    {
        var model = Hostile.Read(Shared("Gemm", "", node => node.Text(3, new string('n', 60_000))), "model.onnx");

        Assert.IsLessThan(600, model.Tensors[0].Layer.Length);
        Assert.AreSame(model.Tensors[0].Layer, model.Tensors[Many - 1].Layer);
    }

    [TestMethod]
    public void Many_tensors_in_the_attributes_of_a_node_with_a_long_name_are_refused_before_their_names_fill_the_memory()
    {
        byte[] tensor = new Message().Nested(5, new Message().Varint(1, 0).Varint(2, 1)).ToArray();
        byte[][] tensors = [.. Enumerable.Repeat((byte[])[0x2A, (byte)tensor.Length, .. tensor], 150_000)];

        Hostile.AssertRefused(Onnx.Model(Graph(new Message().Text(3, new string('n', 60_000)).Text(4, "Foo").Raw([.. tensors.SelectMany(each => each)]))).ToArray(),
            "long.onnx", Diagnostics.ModelLimit, "names of tensors in attributes together exceed");
    }

    [TestMethod]
    public void A_lite_operator_that_passes_many_tensors_on_to_many_outputs()
    {
        const int Concatenation = 2;
        FlatObject[] buffers = [Lite.Buffer(0), .. Enumerable.Range(0, Many).Select(_ => Lite.Buffer(4))];
        FlatObject[] tensors = [.. Enumerable.Range(1, Many).Select(index => Lite.Tensor("t", Lite.Float32, index, 1)), Lite.Tensor("y", Lite.Float32, 0, 1)];

        AssertRead(Many, Lite.File(Lite.Model([Concatenation], buffers, Lite.Subgraph(tensors, [], Lite.Node(0, [.. Enumerable.Range(0, Many)], [.. Enumerable.Repeat(Many, More)])))));
    }

    [TestMethod]
    public void A_graph_that_many_attributes_refer_to_is_refused_as_more_graphs_than_any_model_has()
    {
        var attribute = new FlatObject().Text(0, "a").Repeated(12, 100_000, new FlatObject());
        byte[] file = Ort.File(Ort.Session(new FlatObject().Repeated(2, 1000, new FlatObject().Text(5, "If").Repeated(10, 1, attribute))));

        Hostile.AssertRefused([.. file, .. new byte[8 << 20]], "graphs.ort", Diagnostics.ModelLimit, "the model has more than 1000000 graphs"); // padding, so that much of it may be read
    }

    [TestMethod]
    public void Bodies_without_end_are_refused()
    {
        byte[] bodies = new byte[2 * 1_000_001];
        for (var index = 0; index < bodies.Length; index += 2) bodies[index] = 0x5A; // AttributeProto.graphs, each empty

        Hostile.AssertRefused(Onnx.Model(Graph(new Message().Text(4, "If").Nested(5, new Message().Text(1, "a").Raw(bodies)))).ToArray(), "bodies.onnx", Diagnostics.ModelLimit, "more than 1000000 declarations");
    }

    [TestMethod]
    public void Every_metric_of_a_million_tensors()
    {
        var tensors = Enumerable.Range(0, 1_000_000).Select(index => new Tensor("t", DataTypes.Float32, [], 1, 4, Place.Initializer, "", Role.Weight, "", "")).ToArray();
        var model = new ModelFile("m.safetensors", ModelFormat.Safetensors, 4_000_000, tensors, [], []);
        var watch = Stopwatch.StartNew();

        var metrics = WeightCensus.All(model).ToDictionary(exact => exact.Metric.Name, exact => exact.Value);

        Assert.AreEqual((1_000_000.0, 4_000_000.0, 32.0), (metrics["parameters"], metrics["size.weights.float32"], metrics["bits_per_weight"]));
        Assert.IsLessThan(TimeSpan.FromSeconds(2), watch.Elapsed);
    }

    [TestMethod]
    public void Weights_made_at_run_time_do_not_wrap_around()
    {
        var graph = new OnnxGraph().Initializer(Onnx.Ints("shape", [1], 1L << 59));
        for (var index = 0; index < 3; index++) graph.Node("ConstantOfShape", "shape", $"w{index}").Node("Gemm", $"x w{index}", $"y{index}");

        Hostile.AssertRefused(Onnx.Model(graph).ToArray(), "made.onnx", Diagnostics.ModelLimit, "the weights that the model makes at run time together have more than");
    }

    // A node that takes every tensor, and whatever else is added to it.
    private static byte[] Shared(string @operator, string domain, Action<Message> add, int tensors = Many)
    {
        var node = new Message();
        var graph = new OnnxGraph();
        for (var index = 0; index < tensors; index++)
        {
            node.Text(1, $"t{index}");
            graph.Message.Nested(5, Onnx.Floats($"t{index}", [2], 1, 2));
        }
        node.Text(4, @operator).Text(7, domain);
        add(node);
        graph.Message.Nested(1, node);
        return Onnx.Model(graph).ToArray();
    }

    private static OnnxGraph Graph(Message node)
    {
        var graph = new OnnxGraph();
        graph.Message.Nested(1, node);
        return graph;
    }

    // Fields of no bytes.
    private static void Repeat(Message message, byte tag, int times)
    {
        var fields = new byte[2 * times];
        for (var index = 0; index < fields.Length; index += 2) fields[index] = tag;
        message.Raw(fields);
    }

    private static void AssertRead(int tensors, byte[] file)
    {
        var watch = Stopwatch.StartNew();

        var model = Hostile.Read(file, "model");
        _ = model.Layers;

        Assert.HasCount(tensors, model.Tensors);
        Assert.IsLessThan(Bound, watch.Elapsed);
    }
}
