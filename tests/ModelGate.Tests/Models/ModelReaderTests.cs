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
}
