using ModelGate.Models;
using ModelGate.TestModels;

namespace ModelGate.Tests.Models;

/// <summary>Files of many parts that all lead to the same others: what would be done for each of them is done once, or is bounded for all together.</summary>
[TestClass]
public sealed class SharedPartsTests
{
    private const int Uses = 256, Searches = 16_000;

    [TestMethod]
    public void Many_tensors_that_one_node_passes_on_to_many_others_are_refused()
    {
        var graph = new OnnxGraph();
        var all = new Message();
        for (var index = 0; index < Searches; index++)
        {
            all.Text(1, $"t{index}");
            graph.Initializer(Onnx.Floats($"t{index}", [2], 1, 2));
        }
        graph.Message.Nested(1, all.Text(2, "all").Text(4, "Concat"));
        for (var use = 0; use < Uses; use++) graph.Node("Clip", "x all", $"y{use}");

        Hostile.AssertRefused(Onnx.Model(graph).ToArray(), "uses.onnx", Diagnostics.ModelLimit, "to follow its tensors to their uses takes more than 4000000 steps");
    }

    [TestMethod]
    public void A_tensor_is_not_followed_into_all_bodies_of_all_loops()
    {
        const int Loops = 64, Tensors = 1000;
        var loop = new Message().Text(1, "t").Text(4, "Scan");
        var body = Onnx.Attribute("body", new OnnxGraph().Input("i", DataTypes.Float32)).ToArray();
        for (var index = 0; index < Uses; index++) loop.Bytes(5, body);
        var graph = new OnnxGraph().Initializer(Enumerable.Repeat(Onnx.Floats("t", [2], 1, 2), Tensors));
        var bytes = loop.ToArray();
        for (var index = 0; index < Loops; index++) graph.Message.Bytes(1, bytes);

        Assert.HasCount(Tensors, Hostile.Read(Onnx.Model(graph).ToArray(), "bodies.onnx").Tensors);
    }

    [TestMethod]
    public void Many_products_that_all_search_the_same_nodes_for_attention_are_refused()
    {
        var graph = new OnnxGraph();
        for (var source = 0; source < Uses; source++) graph.Node("Identity", "x", $"s{source}");
        graph.Node("Concat", string.Join(' ', Enumerable.Range(0, Uses).Select(source => $"s{source}")), "all");
        for (var index = 0; index < Searches; index++) graph.Node("MultiHeadAttention", "com.microsoft", "all all all", "y");

        AssertLayersRefused(Hostile.Read(Onnx.Model(graph).ToArray(), "attention.onnx"));
    }

    [TestMethod]
    public void What_feeds_a_loop_is_looked_at_once_for_a_node_that_takes_an_input_of_its_body_again_and_again()
    {
        const int Times = 200_000;
        var body = new OnnxGraph().Input("i", DataTypes.Float32);
        var again = new byte[3 * Times];
        for (var index = 0; index < again.Length; index += 3) (again[index], again[index + 1], again[index + 2]) = (0x0A, 1, (byte)'i');
        body.Message.Nested(1, new Message().Raw(again).Text(2, "o").Text(4, "Sum"));
        var graph = new OnnxGraph();
        for (var source = 0; source < 64; source++) graph.Node("Relu", "x", $"s{source}");
        graph.Node("Scan", string.Join(' ', Enumerable.Range(0, 64).Select(source => $"s{source}")), "y", Onnx.Attribute("body", body));
        var model = Hostile.Read(Onnx.Model(graph).ToArray(), "loop.onnx");

        Assert.IsLessThan(64L << 20, Allocated(() => Assert.AreEqual(0, model.Layers!.Depth)));
    }

    [TestMethod]
    public void Graphs_in_a_deep_one_share_its_path()
    {
        var bodies = new Message().Text(1, "bodies");
        var body = new OnnxGraph().Initializer(Onnx.Floats("t", [2], 1, 2)).Message;
        for (var index = 0; index < 20_000; index++) bodies.Nested(11, body);
        var file = Deep(bodies);

        Assert.IsLessThan(80L << 20, Allocated(() => Assert.HasCount(20_000, Hostile.Read(file, "deep.onnx").Tensors)));
    }

    [TestMethod]
    public void Paths_of_graphs_are_refused_before_they_fill_the_memory()
    {
        var empty = new OnnxGraph();

        Hostile.AssertRefused(Deep([.. Enumerable.Range(0, 20_000).Select(index => Onnx.Attribute($"b{index}", empty))]), "deep.onnx", Diagnostics.ModelLimit, "the names of the graphs in it together exceed");
    }

    [TestMethod]
    public void More_files_beside_a_model_than_any_has_are_refused()
    {
        using var folder = new TemporaryFolder();
        var path = Onnx.Model(new OnnxGraph().Initializer(Enumerable.Range(0, 100_001).Select(index => Onnx.External("t", DataTypes.Float32, [1], $"{index}")))).Save(folder.File("files.onnx"));

        var error = Assert.ThrowsExactly<ModelException>(() => ModelReader.Read(path));

        Assert.AreEqual(Diagnostics.ModelLimit, error.Kind);
        Assert.Contains("the model names more than 100000 files beside itself", error.Message);
    }

    [TestMethod]
    public void Many_lite_tensors_that_one_operator_passes_on_to_many_others_are_refused()
    {
        const int Concatenation = 2, Relu = 19;
        FlatObject[] buffers = [Lite.Buffer(0), .. Enumerable.Range(0, Searches).Select(_ => Lite.Buffer(4))];
        FlatObject[] tensors = [.. Enumerable.Range(1, Searches).Select(index => Lite.Tensor("t", Lite.Float32, index, 1)), Lite.Tensor("all", Lite.Float32, 0, 1)];
        FlatObject[] nodes = [Lite.Node(0, [.. Enumerable.Range(0, Searches)], Searches), .. Enumerable.Repeat(Lite.Node(1, [Searches]), Uses)];

        Hostile.AssertRefused(Lite.File(Lite.Model([Concatenation, Relu], buffers, Lite.Subgraph(tensors, [], nodes))), "uses.tflite", Diagnostics.ModelLimit, "to follow its tensors to their uses takes more than");
    }

    [TestMethod]
    public void Many_lite_products_that_all_search_the_same_operators_for_attention_are_refused()
    {
        const int Concatenation = 2, Softmax = 25;
        FlatObject[] tensors = [.. Enumerable.Range(0, Uses + 2).Select(_ => Lite.Tensor("t", Lite.Float32, 0, 1))];
        FlatObject[] first = [.. Enumerable.Range(0, Uses).Select(index => Lite.Node(0, [], index)), Lite.Node(0, [.. Enumerable.Range(0, Uses)], Uses)];
        var file = Lite.File(new FlatObject().Int32(0, 3).Tables(1, Code(Concatenation), Code(Softmax)).Tables(4, Lite.Buffer(0))
            .Tables(2, new FlatObject().Tables(0, tensors).Tables(3, [.. first, .. Enumerable.Repeat(Lite.Node(1, [Uses], Uses + 1), Searches)])));

        AssertLayersRefused(Hostile.Read(file, "attention.tflite"));

        static FlatObject Code(int number) => new FlatObject().Byte(0, number).Int32(3, number);
    }

    private static void AssertLayersRefused(ModelFile model)
    {
        var error = Assert.ThrowsExactly<ModelException>(() => model.Layers);

        Assert.AreEqual(Diagnostics.ModelLimit, error.Kind);
        Assert.Contains("to find its attention takes more than 4000000 steps", error.Message);
    }

    // In as many graphs as may be nested, of long names.
    private static byte[] Deep(params Message[] attributes)
    {
        const int Levels = 30, Node = 1, Body = 6;
        var graph = Around(attributes);
        for (var level = 0; level < Levels; level++) graph = Around(new Message().Text(1, "then_branch").Bytes(Body, graph.Message.ToArray()));
        return Onnx.Model(graph).ToArray();

        static OnnxGraph Around(params Message[] attributes)
        {
            var graph = new OnnxGraph();
            graph.Message.Bytes(Node, Onnx.Node("If", ["c"], ["y"], "", new string('n', 200), attributes).ToArray());
            return graph;
        }
    }

    private static long Allocated(Action action)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        action();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
