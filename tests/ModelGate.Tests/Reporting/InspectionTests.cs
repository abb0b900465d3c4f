using System.Text.Json;
using ModelGate.Measuring;
using ModelGate.Models;
using ModelGate.Reporting;
using ModelGate.TestModels;
using ModelGate.Tests.Models;

namespace ModelGate.Tests.Reporting;

[TestClass]
public class InspectionTests
{
    private const string Vicious = "a|b\n::error::\u001B[31m`[red]`\u202E<script>@team";

    [TestMethod]
    public void Json_lists_every_tensor_with_place_and_role_and_its_sums_are_the_metrics()
    {
        string json = InspectionJson.Render("0.1.0", [Sample()], []);

        Golden.AssertMatches("Reporting", "inspect.json", json);
        using var document = JsonDocument.Parse(json);
        var model = document.RootElement.GetProperty("models")[0];
        long sum = model.GetProperty("tensors").EnumerateArray()
            .Where(tensor => tensor.GetProperty("role").GetString() is "weight" or "bias" or "normalization" or "embedding" && tensor.GetProperty("place").GetString() != "training")
            .Sum(tensor => tensor.GetProperty("logical_elements").GetInt64());
        Assert.AreEqual(sum, model.GetProperty("metrics").GetProperty("parameters").GetInt64());
    }

    [TestMethod]
    public void Markdown_shows_where_the_weight_is() => Golden.AssertMatches("Reporting", "inspect.md", InspectionMarkdown.Render([Sample()], [Failure]));

    [TestMethod]
    public void Json_stays_valid_whatever_a_model_names_its_tensors()
    {
        string json = InspectionJson.Render("0.1.0", [Of(Named(Vicious))], [Failure]);

        using var document = JsonDocument.Parse(json);
        Assert.AreEqual(Vicious, document.RootElement.GetProperty("models")[0].GetProperty("tensors")[0].GetProperty("name").GetString());
        Assert.IsTrue(json.All(c => c is '\n' or >= ' ' and <= '~'), "JSON is to be plain ASCII.");
    }

    [TestMethod]
    public void Markdown_stays_a_table_whatever_a_model_names_its_tensors()
    {
        var tame = InspectionMarkdown.Render([Of(Named("w"))], []).Split('\n');
        var vicious = InspectionMarkdown.Render([Of(Named(Vicious))], []).Split('\n');

        Assert.HasCount(tame.Length, vicious);
        Assert.DoesNotContain('\u001B', string.Concat(vicious));
        Assert.DoesNotContain("<script>", string.Concat(vicious));
    }

    private static Diagnostic Failure => new(Diagnostics.ModelEmpty, new SourceLocation("empty.onnx"), "the file is empty (0 bytes)");

    private static Message Named(string name) => Onnx.Model(new OnnxGraph().Initializer(Onnx.Floats(name, [2], 1, 2)));

    private static Inspection Of(Message model) => Reading.Read(model) is var read ? new Inspection(read, [.. WeightCensus.All(read)]) : throw new InvalidOperationException();

    private static Inspection Sample() => Of(Onnx.Model(
        new OnnxGraph()
            .Input("ids", DataTypes.Int64, "batch", "tokens")
            .Initializer(Onnx.Weights("embedding", 100, 16), Onnx.Zeros("codes", DataTypes.UInt8, 4, 1, 8), Onnx.Zeros("scales", DataTypes.Float32, 4))
            .Initializer(Onnx.Weights("gamma", 4), Onnx.Weights("beta", 4), Onnx.Zeros("mean", DataTypes.Float32, 4), Onnx.Zeros("variance", DataTypes.Float32, 4))
            .Node("Gather", "embedding ids", "embedded")
            .Node("MatMulNBits", "com.microsoft", "embedded codes scales", "dense", Onnx.Attribute("K", 16L), Onnx.Attribute("N", 4L), Onnx.Attribute("bits", 4L), Onnx.Attribute("block_size", 16L))
            .Node("Constant", "", "shape", Onnx.Attribute("value_ints", [0L, -1]))
            .Node("Reshape", "dense shape", "flat")
            .Node("BatchNormalization", "flat gamma beta mean variance", "y")
            .Output("y", DataTypes.Float32, "batch", "n"),
        others: ("com.microsoft", 1)));
}
