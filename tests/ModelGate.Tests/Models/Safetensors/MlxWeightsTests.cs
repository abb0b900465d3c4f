using System.Globalization;
using ModelGate.Models;
using ModelGate.TestModels;

namespace ModelGate.Tests.Models.Safetensors;

/// <summary>Weights that MLX has packed: [24, 256] of them in each layout that it writes.</summary>
[TestClass]
public class MlxWeightsTests
{
    private const long Rows = 24, Columns = 256, Weights = Rows * Columns;

    public static IEnumerable<object[]> Layouts =>
        from bits in new[] { 2L, 3, 4, 5, 6, 8 } from groupSize in new[] { 32L, 64, 128 } select new object[] { bits, groupSize };

    [TestMethod]
    [DynamicData(nameof(Layouts))]
    public void The_configuration_beside_the_file_tells_the_layout(long bits, long groupSize)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("config.json"), string.Create(CultureInfo.InvariantCulture, $"{{\"model_type\":\"llama\",\"quantization\":{{\"group_size\":{groupSize},\"bits\":{bits},\"lm_head\":{{\"group_size\":64,\"bits\":8}},\"x\":false}}}}"));

        var model = Read(folder, Layer(new SafetensorsFile(), "l", bits, groupSize));

        Assert.AreEqual((Weights, 0), (model.Parameters(), model.Notes.Count));
        Assert.AreEqual((Role.Weight, Role.Scale, Role.ZeroPoint), (model.Tensor("l.weight").Role, model.Tensor("l.scales").Role, model.Tensor("l.biases").Role));
    }

    [TestMethod]
    public void A_module_may_have_a_layout_of_its_own()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("config.json"), """{"quantization":{"group_size":64,"bits":4,"lm_head":{"group_size":128,"bits":2}}}""");

        Assert.AreEqual(2 * Weights, Read(folder, Layer(Layer(new SafetensorsFile(), "l", 4, 64), "lm_head", 2, 128)).Parameters());
    }

    [TestMethod]
    public void The_configuration_tells_it_of_a_model_in_several_files_as_well()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("config.json"), """{"quantization_config":{"group_size":128,"bits":2}}""");
        File.WriteAllBytes(folder.File("a.safetensors"), new SafetensorsFile().Tensor("l.weight", "U32", Weights / 4, Rows, Columns / 16).ToArray());
        File.WriteAllBytes(folder.File("b.safetensors"), new SafetensorsFile().Tensor("l.scales", "BF16", Rows * 2 * 2, Rows, 2).Tensor("l.biases", "BF16", Rows * 2 * 2, Rows, 2).ToArray());
        File.WriteAllText(folder.File("model.safetensors.index.json"), """{"weight_map":{"l.weight":"a.safetensors","l.scales":"b.safetensors","l.biases":"b.safetensors"}}""");

        var model = ModelReader.Read(folder.File("model.safetensors.index.json"));

        Assert.AreEqual((Weights, 0), (model.Parameters(), model.Notes.Count));
    }

    [TestMethod]
    [DynamicData(nameof(Layouts))]
    public void Without_a_configuration_the_sizes_of_other_tensors_tell_it(long bits, long groupSize)
    {
        using var folder = new TemporaryFolder();

        var model = Read(folder, Layer(new SafetensorsFile().Tensor("norm.weight", "BF16", Columns * 2, Columns), "l", bits, groupSize));

        Assert.AreEqual((Weights + Columns, 0), (model.Parameters(), model.Notes.Count));
    }

    [TestMethod]
    [DynamicData(nameof(Layouts))]
    public void Where_nothing_tells_it_the_most_that_fits_counts_and_a_note_says_so(long bits, long groupSize)
    {
        using var folder = new TemporaryFolder();

        var model = Read(folder, Layer(new SafetensorsFile(), "l", bits, groupSize));

        Assert.IsGreaterThanOrEqualTo(Weights, model.Parameters());
        if (model.Parameters() > Weights) StringAssert.Contains(model.Notes.Single().Message, "l.weight");
    }

    [TestMethod]
    [DataRow("""{"quantization":{"group_size":64,"bits":5}}""", DisplayName = "a layout that the shapes do not have")]
    [DataRow("""{"quantization":{"group_size":64""", DisplayName = "a document that ends early")]
    [DataRow("""["quantization"]""", DisplayName = "another document")]
    [DataRow("""{"\ud800":1,"quantization":{"group_size":64,"bits":4}}""", DisplayName = "half a character in a name")]
    public void A_configuration_that_cannot_be_right_is_not_believed(string config)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("config.json"), config);

        Assert.AreEqual(2 * Weights, Read(folder, Layer(new SafetensorsFile(), "l", 4, 64)).Parameters(), "two bits in groups of 128");
    }

    [TestMethod]
    [DataRow(4L, 32L)]
    [DataRow(8L, 32L)]
    [DataRow(4L, 16L)]
    public void Floats_have_bytes_for_scales_and_no_offsets(long bits, long groupSize)
    {
        using var folder = new TemporaryFolder();

        var model = Read(folder, new SafetensorsFile().Tensor("l.weight", "U32", Weights * bits / 8, Rows, Columns * bits / 32).Tensor("l.scales", "U8", Weights / groupSize, Rows, Columns / groupSize));

        Assert.AreEqual((Weights, 0), (model.Parameters(), model.Notes.Count));
    }

    private static ModelFile Read(TemporaryFolder folder, SafetensorsFile file)
    {
        File.WriteAllBytes(folder.File("model.safetensors"), file.ToArray());
        return ModelReader.Read(folder.File("model.safetensors"));
    }

    private static SafetensorsFile Layer(SafetensorsFile file, string name, long bits, long groupSize) => file
        .Tensor(name + ".weight", "U32", Weights * bits / 8, Rows, Columns * bits / 32)
        .Tensor(name + ".scales", "BF16", Weights / groupSize * 2, Rows, Columns / groupSize)
        .Tensor(name + ".biases", "BF16", Weights / groupSize * 2, Rows, Columns / groupSize);
}
