using ModelGate.Models;
using ModelGate.TestModels;

namespace ModelGate.Tests.Models;

[TestClass]
public class ModelReaderTests
{
    [TestMethod]
    public void Reader_counts_the_weights_and_biases_of_a_dense_layer()
    {
        var model = Reading.Read(SmallModels.Dense());

        Assert.AreEqual(ModelFormat.Onnx, model.Format);
        Assert.AreEqual(10, model.Parameters());
        Assert.AreEqual((Role.Weight, 8L, 32L, "Gemm_0", "Gemm"), (model.Tensor("w").Role, model.Tensor("w").Elements, model.Tensor("w").Bytes, model.Tensor("w").Layer, model.Tensor("w").Operator));
        Assert.AreEqual(Role.Bias, model.Tensor("b").Role);
    }

    [TestMethod]
    public void Reader_lists_inputs_with_symbolic_dimensions_and_without_initializers()
    {
        var graph = new OnnxGraph().Input("x", DataTypes.Float32, "batch", "4").Input("w", DataTypes.Float32, "4", "2").Initializer(Onnx.Weights("w", 4, 2)).Node("MatMul", "x w", "y");

        var input = Reading.Read(graph).Inputs.Single();

        Assert.AreEqual(("x", DataTypes.Float32, "batch,4"), (input.Name, input.Type, string.Join(',', input.Dims!)));
    }

    [TestMethod]
    public void ResNet50_without_folding_holds_the_published_number_of_parameters() =>
        Assert.AreEqual(25_557_032, Reading.Read(Architectures.ResNet50()).Parameters());

    [TestMethod]
    public void One_layer_holds_as_many_parameters_in_every_format()
    {
        (string File, byte[] Content)[] twins =
        [
            ("m.onnx", Onnx.Model(new OnnxGraph().Initializer(Onnx.Weights("w", 16, 8), Onnx.Weights("b", 8)).Node("Gemm", "x w b", "y")).ToArray()),
            ("m.ort", Ort.File(Ort.Session(Ort.Graph([Ort.Tensor("w", DataTypes.Float32, 16, 8), Ort.Tensor("b", DataTypes.Float32, 8)], [Ort.Node("Gemm", "x w b", "y")], ["x"], "y")))),
            ("m.safetensors", new SafetensorsFile().Tensor("layer.weight", "F32", 512, 8, 16).Tensor("layer.bias", "F32", 32, 8).ToArray()),
            ("m.gguf", new GgufFile().Tensor("blk.0.attn_q.weight", 0, 512, [16, 8]).Tensor("blk.0.attn_q.bias", 0, 32, [8]).ToArray()),
            ("m.tflite", Lite.File(Lite.Model([Lite.FullyConnected], [Lite.Buffer(0), Lite.Buffer(512), Lite.Buffer(32)],
                Lite.Subgraph([Lite.Tensor("x", 0, 0, 1, 16), Lite.Tensor("w", 0, 1, 8, 16), Lite.Tensor("b", 0, 2, 8), Lite.Tensor("y", 0, 0, 1, 8)], [0], Lite.Node(0, [0, 1, 2], 3))))),
        ];

        foreach (var (file, content) in twins)
        {
            var model = Hostile.Read(content, file);
            Assert.AreEqual((136L, 544L), (model.Parameters(), model.Tensors.Where(static tensor => tensor.IsParameter).Sum(static tensor => tensor.Bytes)), file);
        }
    }
}
