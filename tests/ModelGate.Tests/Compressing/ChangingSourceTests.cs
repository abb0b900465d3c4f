using ModelGate.Compressing;
using ModelGate.Models;
using ModelGate.TestModels;

namespace ModelGate.Tests.Compressing;

/// <summary>A source that goes or changes while it is compressed is named, and nothing is made of two halves.</summary>
[TestClass]
public sealed class ChangingSourceTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [TestMethod]
    public void A_source_that_is_gone_is_told_as_such_and_not_as_an_output_that_cannot_be_written()
    {
        using var sources = new SourceFiles();

        var error = Assert.ThrowsExactly<ModelException>(() => sources.Read(new FileRange(folder.File("weights.data"), 0, 4), 0, new byte[4]));

        Assert.AreEqual(("MG3010", "weights.data was removed while it was read"), (error.Kind.Code, error.Message));
    }

    [TestMethod]
    public void External_data_that_is_replaced_is_noticed_before_the_output_has_its_name()
    {
        string data = folder.Write("weights.data", new byte[16]), model = Onnx.Model(new OnnxGraph().Initializer(Onnx.External("w", DataTypes.Float32, [4], "weights.data")).Node("Add", "x w", "y")).Save(folder.File("model.onnx"));
        using var held = HeldModel.Open(model, file => ModelReader.Read(file.Stream, model));
        held.CheckUnchanged();

        File.Delete(data);
        folder.Write("weights.data", new byte[16]);

        var error = Assert.ThrowsExactly<ModelException>(held.CheckUnchanged);
        Assert.AreEqual("MG3010", error.Kind.Code);
        Assert.Contains("weights.data: the file was ", error.Message);
    }
}
