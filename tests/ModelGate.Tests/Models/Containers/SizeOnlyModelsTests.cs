using System.IO.Compression;
using System.Text;
using ModelGate.Models;
using ModelGate.Models.Containers;
using ModelGate.TestModels;

namespace ModelGate.Tests.Models.Containers;

/// <summary>Models of formats that only their size is known of, among the files of a folder and in packages.</summary>
[TestClass]
public sealed class SizeOnlyModelsTests : IDisposable
{
    private static readonly byte[] Pickle = [0x80, 2, .. "ctorch._utils"u8], Hdf5 = [0x89, .. "HDF\r\n\u001a\n"u8, 0, 0];

    // Model.proto: specificationVersion 5, a description with an input named x.
    private static readonly byte[] CoreMl = new Message().Varint(1, 5).Nested(2, new Message().Nested(1, new Message().Text(1, "x"))).Nested(500, new Message()).ToArray();

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [TestMethod]
    public void A_folder_lists_them_and_not_what_only_looks_alike()
    {
        var files = ModelFolder.Files(Published());

        Assert.AreEqual("MLModel.zip, core.mlmodel, forest.pkl, lstm.keras, net.pt, old.h5, pytorch_model.bin, renamed.dat", string.Join(", ", files.Select(Path.GetFileName).Order(StringComparer.Ordinal)));
        foreach (var file in files)
        {
            var model = ModelReader.Read(file);
            Assert.AreEqual((ModelFormat.Other, new FileInfo(file).Length), (model.Format, model.Length), file);
            Assert.Contains("parameters are not measurable in this format, only its size is", model.Notes.Single().Message);
            Assert.IsEmpty(ContainerReader.Read(file), file);
        }
    }

    [TestMethod]
    public void A_package_lists_them_with_their_size()
    {
        var torch = File.ReadAllBytes(Zip("net.pt", "net/data.pkl", "net/version"));

        var read = ContainerReader.Read(Packages.Write(folder, ("content/net.pt", torch), ("content/old.h5", Hdf5), ("content/notes.dat", Pickle)));

        Assert.AreEqual($"net.pt {torch.Length}, old.h5 {Hdf5.Length}", string.Join(", ", read.Select(each => $"{Path.GetFileName(each.Place)} {each.Model!.Length}")));
    }

    [TestMethod]
    public void A_package_without_a_model_is_told_as_such_and_not_as_a_model_of_its_size()
    {
        foreach (var name in (string[])["Contoso.nupkg", "samples.npz", "docs.zip"])
            Assert.AreEqual("the file is a zip archive without a model among its entries", Refused(Zip(name, "readme.md", "config.json")), name);
        Assert.AreEqual("the file is a Windows binary without a model among its resources", Refused(folder.Write("Contoso.dll", Assemblies.With(("strings.resources", [1, 2, 3])))));

        static string Refused(string path)
        {
            var error = Assert.ThrowsExactly<ModelException>(() => ContainerReader.Read(path));
            Assert.AreEqual(Diagnostics.NotAModel, error.Kind);
            return error.Message;
        }
    }

    [TestMethod]
    public void A_model_in_a_zip_that_is_one_itself_is_no_less_found()
    {
        var package = Packages.Write(folder, ("net/data.pkl", Pickle), ("hidden.onnx", SmallModels.Dense().ToArray()));

        Assert.AreEqual(10, ContainerReader.Read(package).Single().Model!.Parameters());
    }

    [TestMethod]
    public void Core_ML_is_told_from_ONNX_which_begins_alike()
    {
        Assert.AreEqual("a Core ML model", Content.Of(CoreMl, CoreMl.Length).Name);
        Assert.AreEqual(ModelFormat.Onnx, Content.Of(SmallModels.Dense().ToArray(), 1000).Format);
        for (var length = 1; length < CoreMl.Length; length++) Content.Of(CoreMl.AsSpan(0, length), length);
    }

    private string Published()
    {
        Zip("publish/net.pt", "net/data.pkl", "net/version"); // makes the folder
        Zip("publish/pytorch_model.bin", "archive/data.pkl", "archive/version");
        Zip("publish/renamed.dat", "archive/data.pkl");
        Zip("publish/lstm.keras", "metadata.json", "config.json", "model.weights.h5");
        Zip("publish/MLModel.zip", "TrainingInfo/Version.txt", "TransformerChain/Model.key", "Schema");
        Zip("publish/docs.zip", "config.json", "readme.md");
        folder.Write("publish/forest.pkl", Pickle);
        folder.Write("publish/old.h5", Hdf5);
        folder.Write("publish/core.mlmodel", CoreMl);
        folder.Write("publish/state.dat", Pickle);
        folder.Write("publish/labels.npy", [0x93, .. "NUMPY"u8, 1, 0, 0, 0]);
        return folder.File("publish");
    }

    private string Zip(string name, params string[] entries)
    {
        var path = folder.File(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var archive = ZipFile.Open(path, ZipArchiveMode.Create);
        foreach (var entry in entries)
        {
            using var stream = archive.CreateEntry(entry).Open();
            stream.Write(entry.EndsWith(".pkl", StringComparison.Ordinal) ? Pickle : entry.EndsWith(".h5", StringComparison.Ordinal) ? Hdf5 : Encoding.UTF8.GetBytes(entry));
        }
        return path;
    }
}
