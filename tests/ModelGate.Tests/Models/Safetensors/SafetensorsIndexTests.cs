using ModelGate.Measuring;
using ModelGate.Models;
using ModelGate.TestModels;

namespace ModelGate.Tests.Models.Safetensors;

/// <summary>A model in several files, and the index that names them.</summary>
[TestClass]
public class SafetensorsIndexTests
{
    private const string Map = "{\"metadata\":{\"total_size\":48},\"weight_map\":{\"a\":\"m-1.safetensors\",\"b\":\"m-2.safetensors\"}}";

    [TestMethod]
    public void The_index_stands_for_all_its_files()
    {
        using var folder = new TemporaryFolder();

        var model = ModelReader.Read(Write(folder, Map));

        Assert.AreEqual((12L, 2), (model.Parameters(), model.ExternalFiles.Count));
        Assert.EndsWith("m-2.safetensors", model.Tensor("b").Data!.File);
    }

    [TestMethod]
    public void Together_with_its_index_a_file_counts_once()
    {
        using var folder = new TemporaryFolder();
        var index = Write(folder, Map);

        var total = new StaticMeasuring().MeasureTotal([index, folder.File("m-1.safetensors"), folder.File("m-2.safetensors")], [MetricCatalogue.Find("parameters")!, MetricCatalogue.Find("size.on_disk")!]);

        Assert.AreEqual(12, ((Measurement.Exact)total[0]).Value);
        Assert.AreEqual(Directory.GetFiles(folder.Path).Sum(file => new FileInfo(file).Length), ((Measurement.Exact)total[1]).Value);
    }

    [TestMethod]
    public void What_tells_of_packed_weights_may_lie_in_the_next_file()
    {
        using var folder = new TemporaryFolder();
        folder.Write("m-1.safetensors", new SafetensorsFile().Tensor("l.weight_packed", "I32", 24 * 8 * 4, 24, 8).ToArray());
        folder.Write("m-2.safetensors", new SafetensorsFile().Tensor("l.weight_scale", "BF16", 24 * 2 * 2, 24, 2).Numbers("l.weight_shape", 24, 64).ToArray());
        var index = folder.Write("model.safetensors.index.json", "{\"weight_map\":{\"l.weight_packed\":\"m-1.safetensors\",\"l.weight_scale\":\"m-2.safetensors\",\"l.weight_shape\":\"m-2.safetensors\"}}"u8.ToArray());

        Assert.AreEqual(24 * 64, ModelReader.Read(index).Parameters());
    }

    [TestMethod]
    public void A_tensor_that_the_index_does_not_name_is_counted_and_told()
    {
        using var folder = new TemporaryFolder();

        var model = ModelReader.Read(Write(folder, "{\"weight_map\":{\"a\":\"m-1.safetensors\",\"b\":\"m-2.safetensors\"}}", extra: true));

        Assert.AreEqual(14, model.Parameters());
        Assert.Contains("'c'", model.Notes.Single().Message);
    }

    [TestMethod]
    [DataRow("{\"weight_map\":{\"a\":\"m-3.safetensors\"}}", "MG3007", DisplayName = "a file that is not there")]
    [DataRow("{\"weight_map\":{\"a\":\"../m-1.safetensors\"}}", "MG3008", DisplayName = "a file out of the folder")]
    [DataRow("{\"weight_map\":{\"a\":\"/etc/passwd\"}}", "MG3008", DisplayName = "an absolute path")]
    [DataRow("{\"weight_map\":{\"z\":\"m-1.safetensors\"}}", "MG3005", DisplayName = "a tensor that is not in its file")]
    [DataRow("{\"weight_map\":{\"a\":\"m-1.safetensors\",\"a\":\"m-2.safetensors\"}}", "MG3005", DisplayName = "a tensor twice")]
    [DataRow("{\"weight_map\":{}}", "MG3005", DisplayName = "no tensor at all")]
    [DataRow("{\"weight_map\":{\"a\":7}}", "MG3005", DisplayName = "a file that is a number")]
    [DataRow("{\"weight_map\":{\"a\":\"\"}}", "MG3005", DisplayName = "no file")]
    [DataRow("{\"metadata\":{\"total_size\":48}}", "MG3005", DisplayName = "no map")]
    [DataRow("{\"weight_map\":{\"a\":\"m-1.safetensors\"", "MG3005", DisplayName = "cut off")]
    public void An_index_that_leads_astray_is_refused(string json, string code)
    {
        using var folder = new TemporaryFolder();

        Assert.AreEqual(code, Assert.ThrowsExactly<ModelException>(() => ModelReader.Read(Write(folder, json))).Kind.Code);
    }

    private static string Write(TemporaryFolder folder, string json, bool extra = false)
    {
        File.WriteAllBytes(folder.File("m-1.safetensors"), new SafetensorsFile().Tensor("a", "F32", 16, 4).ToArray());
        var second = new SafetensorsFile().Tensor("b", "F32", 32, 8);
        File.WriteAllBytes(folder.File("m-2.safetensors"), (extra ? second.Tensor("c", "F32", 8, 2) : second).ToArray());
        var path = folder.File("m.safetensors.index.json");
        File.WriteAllText(path, json);
        return path;
    }
}
