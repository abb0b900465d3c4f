using System.Diagnostics;
using ModelGate.Compressing;
using ModelGate.Models;
using ModelGate.TestModels;

namespace ModelGate.Tests.Compressing;

/// <summary>What compressing costs follows the number of weights and not its square: a breach of a budget on size plans every scheme.</summary>
[TestClass]
public sealed class ManyWeightsTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(25);

    [TestMethod]
    public void A_model_of_many_small_weights_is_planned_in_seconds()
    {
        const int Many = 150_000;
        var (graph, node) = (new OnnxGraph(), new Message());
        for (var index = 0; index < Many; index++)
        {
            graph.Message.Nested(5, Onnx.Floats($"t{index}", [2], 1, 2));
            node.Text(1, $"t{index}");
        }
        graph.Message.Nested(1, node.Text(2, "y").Text(4, "Concat"));

        AssertPlanned(graph);
    }

    [TestMethod]
    public void A_model_that_has_diverged_in_every_weight_is_planned_in_seconds()
    {
        const int Many = 3000, Size = 8;
        float[] nothing = [.. Enumerable.Repeat(float.NaN, Size * Size)];
        var graph = new OnnxGraph().Input("x0", DataTypes.Float32, "1", "8");
        for (var index = 0; index < Many; index++) graph.Initializer(Onnx.Floats($"w{index}", [Size, Size], nothing)).Node("MatMul", $"x{index} w{index}", $"x{index + 1}");

        AssertPlanned(graph);
    }

    private static void AssertPlanned(OnnxGraph graph)
    {
        using var folder = new TemporaryFolder();
        var path = Onnx.Model(graph).Save(folder.File("model.onnx"));
        var watch = Stopwatch.StartNew();

        var error = Assert.ThrowsExactly<ModelException>(() => ModelCompressor.Predict(path, Schemes.Find("fp16")!, folder.File("small.onnx")));

        Assert.AreEqual(Diagnostics.NotCompressible, error.Kind, error.Message);
        Assert.IsLessThan(Bound, watch.Elapsed);
    }
}
