using ModelGate.Measuring;
using ModelGate.Models;
using ModelGate.TestModels;
using ModelGate.Tests.Models;

namespace ModelGate.Tests.Measuring.Weights;

/// <summary>Why one model weighs more than another.</summary>
[TestClass]
public class ModelDifferenceTests
{
    [TestMethod]
    public void What_adds_most_comes_first()
    {
        var before = Reading.Read(Graph(("kept", DataTypes.Float32, 4), ("removed", DataTypes.Float32, 8), ("wider", DataTypes.Float32, 4), ("halved", DataTypes.Float32, 10)));
        var after = Reading.Read(Graph(("kept", DataTypes.Float32, 4), ("added", DataTypes.Float32, 100), ("wider", DataTypes.Float32, 16), ("halved", DataTypes.Float16, 10)));

        var changes = ModelDifference.Of(before, after);

        Assert.AreEqual("added added, wider widened, halved retyped, removed removed", string.Join(", ", changes.Select(change => $"{change.Tensor.Name} {Word(change)}")));
        Assert.AreEqual(after.Tensors.Sum(tensor => tensor.Bytes) - before.Tensors.Sum(tensor => tensor.Bytes), changes.Sum(change => change.Bytes));
        Assert.AreEqual(after.Parameters() - before.Parameters(), changes.Sum(change => change.Parameters));
    }

    [TestMethod]
    public void A_weight_under_another_name_is_told_by_its_layer()
    {
        var before = Reading.Read(new OnnxGraph().Initializer(Onnx.Weights("w", 8, 8)).Node("MatMul", "x w", "y"));
        var after = Reading.Read(new OnnxGraph().Initializer(Onnx.Weights("renamed", 8, 16)).Node("MatMul", "x renamed", "y"));

        Assert.AreEqual(("w", "renamed", 64L), ModelDifference.Of(before, after).Select(change => (change.Before?.Name, change.After?.Name, change.Parameters)).Single());
    }

    [TestMethod]
    public void A_model_does_not_differ_from_itself() => Assert.IsEmpty(ModelDifference.Of(Reading.Read(Architectures.ResNet50()), Reading.Read(Architectures.ResNet50())));

    [TestMethod]
    public void Names_that_stand_twice_still_add_up()
    {
        var before = Reading.Read(Graph(("w", DataTypes.Float32, 4), ("w", DataTypes.Float32, 8)));
        var after = Reading.Read(Graph(("w", DataTypes.Float32, 4)));

        Assert.AreEqual(-32, ModelDifference.Of(before, after).Sum(change => change.Bytes));
    }

    [TestMethod]
    public void A_model_whose_names_stand_twice_does_not_differ_from_itself()
    {
        var model = Reading.Read(Graph(("w", DataTypes.Float32, 4), ("w", DataTypes.Float32, 8)));

        Assert.IsEmpty(ModelDifference.Of(model, model));
    }

    [TestMethod]
    public void An_export_that_numbers_everything_anew_differs_in_the_layer_that_came()
    {
        var change = ModelDifference.Of(Reading.Read(Numbered(0, 8, 8, 8)), Reading.Read(Numbered(100, 8, 16, 8, 8))).Single();

        Assert.AreEqual(("added", 16 * 16L), (change.Change, change.Parameters));

        static OnnxGraph Numbered(int first, params int[] widths)
        {
            var graph = new OnnxGraph();
            for (var layer = 0; layer < first / 100; layer++) graph.Node("Relu", "x", "y"); // names of nodes are numbered too
            foreach (var width in widths) graph.Initializer(Onnx.Weights($"onnx::MatMul_{first}", width, width)).Node("MatMul", $"x onnx::MatMul_{first++}", $"y{first}");
            return graph;
        }
    }

    private static string Word(TensorDifference change) => change switch
    {
        { Before: null } => "added",
        { After: null } => "removed",
        { IsRetyped: true } => "retyped",
        _ => "widened",
    };

    private static OnnxGraph Graph(params (string Name, DataType Type, long Count)[] tensors) =>
        new OnnxGraph().Initializer(tensors.Select(tensor => Onnx.Zeros(tensor.Name, tensor.Type, tensor.Count)));
}
