using ModelGate.Measuring;
using ModelGate.Models;
using ModelGate.TestModels;
using ModelGate.Tests.Measuring.Latency;

namespace ModelGate.Tests.Measuring.Inputs;

/// <summary>A model and its baseline are run on inputs of the same shapes, also where each has a process of its own.</summary>
[TestClass]
public sealed class ComparedInputsTests
{
    [TestMethod]
    public void What_a_file_says_the_worker_of_the_baseline_learns_there_too()
    {
        using var folder = new TemporaryFolder();
        string model = Bert("batch", "seq").Save(folder.File("model.onnx"));
        var (_, baseline) = WorkerInputs.OfEach(Request(model) with { Inputs = [new("ids", null, null, null, null) { Data = "ids.npy" }] }, Baseline(model));

        CollectionAssert.AreEqual((string[])["batch", "seq"], baseline.Inputs.Single(static input => input.Name == "mask").Shape!.ToArray());
    }

    [TestMethod]
    public void What_the_baseline_fixes_of_one_input_holds_for_all_of_that_name()
    {
        using var folder = new TemporaryFolder();
        string model = Bert("batch", "seq").Save(folder.File("model.onnx")), fixing = Onnx.Model(Inputs(("ids", "1", "128"), ("mask", "batch", "seq"))).Save(folder.File("fixing.onnx"));
        var (ours, theirs) = WorkerInputs.OfEach(Request(model), Baseline(fixing));

        CollectionAssert.AreEqual((string[])["1", "128"], ours.Inputs.Single(static input => input.Name == "ids").Shape!.ToArray());
        CollectionAssert.AreEqual((string[])["1", "128"], theirs.Inputs.Single(static input => input.Name == "mask").Shape!.ToArray());
        Assert.IsNull(OpenDimensions.Note(Request(model), ModelReader.Read(fixing)));
    }

    [TestMethod]
    public void Dimensions_that_old_converters_write_as_minus_one_have_nothing_in_common()
    {
        using var folder = new TemporaryFolder();
        string model = Bert("-1", "-1").Save(folder.File("model.onnx"));
        Assert.IsTrue(ModelReader.Read(model).Inputs.SelectMany(static input => input.Dims!).All(static size => size == "?"));
    }

    private static LatencyRequest Request(string model) => Workers.Request(model, Workers.Metrics("macs")) with { Structure = ModelReader.Read(model) };

    private static BaselineModel Baseline(string model) => new(model, ModelReader.Read(model), 1);

    private static Message Bert(string batch, string sequence) => Onnx.Model(Inputs(("ids", batch, sequence), ("mask", batch, sequence)));

    private static OnnxGraph Inputs(params (string Name, string Batch, string Sequence)[] inputs)
    {
        var graph = new OnnxGraph();
        foreach (var (name, batch, sequence) in inputs)
            graph.Input(name, DataTypes.Int64, batch, sequence);
        return graph.Node("Mul", "ids mask", "y").Output("y", DataTypes.Int64, "batch", "seq");
    }
}
