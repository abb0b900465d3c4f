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

    // The product of 7×5 and 5×3.
    private static MacCount Count(params (string Operator, string Type)[] nodes) => MacCount.Of(
        nodes.Select(node => (0, new ProfiledNode("n", 0, node.Operator, "", [new(node.Type, [7, 5]), new(node.Type, [5, 3])], [new(node.Type, [7, 3])], 0, 0))), null);
}
