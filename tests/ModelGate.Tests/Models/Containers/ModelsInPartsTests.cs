using System.Text;
using ModelGate.Models;
using ModelGate.Models.Containers;
using ModelGate.TestModels;

namespace ModelGate.Tests.Models.Containers;

/// <summary>Models inside packages that keep their weights in other entries beside them.</summary>
[TestClass]
public sealed class ModelsInPartsTests : IDisposable
{
    // Longer than what is looked at of every entry, so that only who counts on it finds out that it was changed.
    private static readonly byte[]
        First = Part(0).Tensor("a", 0, 32, [8]).ToArray(), Second = Part(1).Tensor("b", 0, 4096, [1024]).ToArray(),
        Lite = TestModels.Lite.File(TestModels.Lite.Model([], [TestModels.Lite.Buffer(0)], TestModels.Lite.Subgraph([TestModels.Lite.Tensor("w", TestModels.Lite.Float32, 0, 4).Int32(10, 7)], []))
            .Tables(8, new FlatObject().Text(0, "w.bin")).Tables(9, new FlatObject().Int32(0, 7).Int64(2, 4).Int64(3, 16))),
        Index = Encoding.UTF8.GetBytes("{\"metadata\":{\"total_size\":48},\"weight_map\":{\"a\":\"a.safetensors\",\"b\":\"b.safetensors\"}}"),
        A = new SafetensorsFile().Tensor("a", "F32", 4000, 1000).ToArray(), B = new SafetensorsFile().Tensor("b", "F32", 32, 8).ToArray();

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [TestMethod]
    public void The_first_part_of_a_split_GGUF_stands_for_the_model_with_the_parts_beside_it()
    {
        var model = Read("m/m-00001-of-00002.gguf", ("m/m-00001-of-00002.gguf", First), ("m/m-00002-of-00002.gguf", Second));

        Assert.AreEqual((1032L, 1), (model.Parameters(), model.ExternalFiles.Count));
        Assert.AreEqual(Second.Length, model.ExternalFiles[0].Length);
    }

    [TestMethod]
    public void TensorFlow_Lite_finds_its_external_buffers_beside_it()
    {
        var model = Read("m/m.tflite", ("m/m.tflite", Lite), ("m/w.bin", new byte[20]));

        Assert.AreEqual((4L, 20L), (model.Parameters(), model.ExternalFiles.Single().Length));
    }

    [TestMethod]
    public void An_index_of_safetensors_is_a_model_of_the_files_beside_it()
    {
        var model = Read("m/model.safetensors.index.json", ("m/model.safetensors.index.json", Index), ("m/a.safetensors", A), ("m/b.safetensors", B));

        Assert.AreEqual((1008L, 2), (model.Parameters(), model.ExternalFiles.Count));
    }

    [TestMethod]
    public void What_lies_elsewhere_in_the_package_does_not_count_as_beside()
    {
        Assert.AreEqual(Diagnostics.ExternalDataMissing, Error(("m/m-00001-of-00002.gguf", First), ("m-00002-of-00002.gguf", Second)).Kind);
        Assert.AreEqual(Diagnostics.ExternalDataMissing, Error(("m/m.tflite", Lite), ("w.bin", new byte[20])).Kind);
        Assert.AreEqual(Diagnostics.ExternalDataMissing, Error(("m/model.safetensors.index.json", Index), ("m/a.safetensors", A)).Kind);
    }

    [TestMethod]
    public void A_file_beside_the_model_that_is_not_what_the_directory_says_is_refused()
    {
        AssertLies(("m-00001-of-00002.gguf", First), ("m-00002-of-00002.gguf", Second));
        AssertLies(("m.tflite", Lite), ("w.bin", new byte[2000]));
        AssertLies(("model.safetensors.index.json", Index), ("a.safetensors", A), ("b.safetensors", B));

        void AssertLies(params (string Name, byte[] Content)[] entries)
        {
            var error = ContainerReader.Read(Packages.WithChecksum(folder, 1, entries))[0].Error!;
            Assert.AreEqual(Diagnostics.PackageUnreadable, error.Kind, error.Message);
        }
    }

    private ModelFile Read(string place, params (string Name, byte[] Content)[] entries) =>
        ContainerReader.Read(Packages.Write(folder, entries)).Single(each => each.Place.EndsWith("p.nupkg/" + place, StringComparison.Ordinal)).Model!;

    private ModelException Error(params (string Name, byte[] Content)[] entries) => ContainerReader.Read(Packages.Write(folder, entries))[0].Error!;

    private static GgufFile Part(ushort part) => new GgufFile().Key("split.no", part).Key("split.count", (ushort)2).Key("split.tensors.count", 2u);
}
