using ModelGate.Models;
using ModelGate.TestModels;

namespace ModelGate.Tests.Models;

/// <summary>Weights that ConstantOfShape makes at run time.</summary>
[TestClass]
public class GeneratedWeightTests
{
    [TestMethod]
    public void A_weight_of_a_stored_shape_counts_as_the_elements_it_holds()
    {
        var model = Reading.Read(new OnnxGraph().Initializer(Onnx.Ints("shape", [2], 64, 32))
            .Node("ConstantOfShape", "shape", "w", Onnx.TensorAttribute("value", Onnx.Floats("", [1], 0.5f))).Node("MatMul", "x w", "y"));

        Assert.AreEqual((2048L, 1L, 4L, Role.Weight), (model.Parameters(), model.Tensor("w").Elements, model.Tensor("w").Bytes, model.Tensor("w").Role));
        Assert.Contains("made at run time", model.Notes.Single().Message);
    }

    [TestMethod]
    public void Without_a_value_it_is_a_float_of_zero() =>
        Assert.AreEqual((8L, Role.Bias), (Made("Gemm", "x k w").Parameters() - 4, Made("Gemm", "x k w").Tensor("w").Role));

    [TestMethod]
    [DataRow("MatMul", "w x", DisplayName = "the first factor, which mostly flows")]
    [DataRow("Add", "x w", DisplayName = "a mask that is added")]
    [DataRow("LSTM", "x k k k - w", DisplayName = "the state that a cell starts with")]
    public void What_is_no_weight_stays_out(string @operator, string inputs) => Assert.IsEmpty(Made(@operator, inputs).Tensors.Where(tensor => tensor.Name == "w"));

    [TestMethod]
    public void A_shape_that_depends_on_the_input_makes_an_activation() =>
        Assert.IsEmpty(Reading.Read(new OnnxGraph().Node("Shape", "x", "shape").Node("ConstantOfShape", "shape", "w").Node("MatMul", "x w", "y")).Tensors);

    [TestMethod]
    public void A_shape_that_overflows_is_refused() =>
        Assert.Contains("does not fit", Reading.Refused(Onnx.Model(new OnnxGraph().Initializer(Onnx.Ints("shape", [2], 1L << 40, 1L << 40)).Node("ConstantOfShape", "shape", "w").Node("MatMul", "x w", "y"))).Message);

    private static ModelFile Made(string @operator, string inputs) =>
        Reading.Read(new OnnxGraph().Initializer(Onnx.Ints("shape", [1], 8), Onnx.Weights("k", 2, 2)).Node("ConstantOfShape", "shape", "w").Node(@operator, inputs, "y"));
}
