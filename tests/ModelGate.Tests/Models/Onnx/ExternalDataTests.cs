using System.Diagnostics;
using ModelGate.Models;
using ModelGate.TestModels;

namespace ModelGate.Tests.Models;

/// <summary>External data is found beside the model and nowhere else.</summary>
[TestClass]
public class ExternalDataTests
{
    [TestMethod]
    [DataRow("../weights.bin")]                   // CVE-2022-25882
    [DataRow("sub/../../weights.bin")]            // CVE-2024-27318
    [DataRow("sub/..")]
    [DataRow(".")]
    [DataRow("/etc/passwd")]
    [DataRow("\\\\server\\share\\weights.bin")]
    [DataRow("..\\weights.bin")]
    [DataRow("C:\\weights.bin")]
    [DataRow("C:weights.bin")]
    [DataRow("file:///etc/passwd")]
    [DataRow("https://example.com/weights.bin")]
    [DataRow("weights\0.bin")]
    public void Locations_outside_the_folder_of_the_model_are_refused(string location) =>
        Assert.AreEqual(Diagnostics.ExternalDataRefused, Refused(location).Kind);

    [TestMethod]
    public void Data_in_a_subfolder_is_read()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.File("sub"));
        folder.Write("sub/w.bin", new byte[64]);

        var model = ModelReader.Read(Model("sub/w.bin").Save(folder.File("m.onnx")));

        Assert.AreEqual((16L, 64L), (model.Parameters(), model.ExternalFiles.Single().Length));
    }

    [TestMethod]
    public void A_hard_link_is_read_and_noted()
    {
        using var folder = new TemporaryFolder();
        folder.Write("w.bin", new byte[64]);
        var path = Model("w.bin").Save(folder.File("m.onnx"));
        Assert.IsEmpty(ModelReader.Read(path).Notes);

        Link(folder.File("w.bin"), folder.File("other.bin"));

        var model = ModelReader.Read(path);
        Assert.AreEqual(16L, model.Parameters());
        Assert.Contains("'w.bin' is a hard link, one of 2 names", model.Notes.Single().Message);
    }

    [TestMethod]
    public void All_missing_files_are_listed()
    {
        using var folder = new TemporaryFolder();
        var path = Onnx.Model(new OnnxGraph().Initializer(Onnx.External("a", DataTypes.Float32, [4], "a.bin"), Onnx.External("b", DataTypes.Float32, [4], "b.bin"))).Save(folder.File("m.onnx"));

        var error = Assert.ThrowsExactly<ModelException>(() => ModelReader.Read(path));

        Assert.AreEqual(Diagnostics.ExternalDataMissing, error.Kind);
        Assert.Contains("'a.bin', 'b.bin'", error.Message);
    }

    [TestMethod]
    [DataRow("-1", null)]
    [DataRow("x", null)]
    [DataRow("1000000000000000000", null)]
    [DataRow("99999999999999999999999", null)]
    [DataRow("8", null)]
    [DataRow(null, "-64")]
    [DataRow(null, "32")]
    [DataRow("0x0", "64")]
    public void Ranges_that_the_file_does_not_have_are_refused(string? offset, string? length)
    {
        using var folder = new TemporaryFolder();
        folder.Write("w.bin", new byte[64]);
        var path = Onnx.Model(new OnnxGraph().Initializer(Onnx.External("w", DataTypes.Float32, [16], "w.bin", offset, length))).Save(folder.File("m.onnx"));

        Assert.AreEqual(Diagnostics.ExternalDataRange, Assert.ThrowsExactly<ModelException>(() => ModelReader.Read(path)).Kind);
    }

    [TestMethod]
    public void Tensors_that_overlap_are_refused_and_tensors_that_share_all_their_bytes_are_counted_once()
    {
        using var folder = new TemporaryFolder();
        folder.Write("w.bin", new byte[128]);
        var overlapping = Two("0", "32").Save(folder.File("overlapping.onnx"));
        var tied = Two("64", "64").Save(folder.File("tied.onnx"));

        Assert.AreEqual(Diagnostics.ExternalDataRange, Assert.ThrowsExactly<ModelException>(() => ModelReader.Read(overlapping)).Kind);
        Assert.AreEqual(16, ModelReader.Read(tied).Parameters());

        static Message Two(string first, string second) => Onnx.Model(new OnnxGraph().Initializer(
            Onnx.External("a", DataTypes.Float32, [16], "w.bin", first, "64"), Onnx.External("b", DataTypes.Float32, [16], "w.bin", second, "64")));
    }

    [TestMethod]
    public void Links_that_lead_out_of_the_folder_are_refused_and_links_within_it_are_followed()
    {
        if (OperatingSystem.IsWindows()) Assert.Inconclusive("Symbolic links need a privilege on Windows.");
        using var outside = new TemporaryFolder();
        using var folder = new TemporaryFolder();
        outside.Write("secret.bin", new byte[64]);
        folder.Write("real.bin", new byte[64]);
        File.CreateSymbolicLink(folder.File("out.bin"), outside.File("secret.bin"));          // CVE-2026-27489
        Directory.CreateSymbolicLink(folder.File("parent"), outside.Path);
        File.CreateSymbolicLink(folder.File("in.bin"), "real.bin");
        File.CreateSymbolicLink(folder.File("loop.bin"), folder.File("loop.bin"));

        Assert.AreEqual(Diagnostics.ExternalDataRefused, Kind("out.bin"));
        Assert.AreEqual(Diagnostics.ExternalDataRefused, Kind("parent/secret.bin"));
        Assert.AreEqual(Diagnostics.ExternalDataRefused, Kind("loop.bin"));
        Assert.AreEqual(16, ModelReader.Read(Model("in.bin").Save(folder.File("m.onnx"))).Parameters());

        DiagnosticKind Kind(string location)
        {
            var path = Model(location).Save(folder.File("m.onnx"));
            return Assert.ThrowsExactly<ModelException>(() => ModelReader.Read(path)).Kind;
        }
    }

    [TestMethod]
    public void A_model_does_not_keep_external_data_in_itself()
    {
        using var folder = new TemporaryFolder();
        var path = Model("m.onnx").Save(folder.File("m.onnx"));

        Assert.AreEqual(Diagnostics.ExternalDataRefused, Assert.ThrowsExactly<ModelException>(() => ModelReader.Read(path)).Kind);
    }

    private static Message Model(string location) => Onnx.Model(new OnnxGraph().Initializer(Onnx.External("w", DataTypes.Float32, [16], location)));

    private static ModelException Refused(string location)
    {
        using var folder = new TemporaryFolder();
        var path = Model(location).Save(folder.File("m.onnx"));
        return Assert.ThrowsExactly<ModelException>(() => ModelReader.Read(path));
    }

    private static void Link(string file, string name)
    {
        using var process = OperatingSystem.IsWindows() ? Process.Start("cmd", ["/c", "mklink", "/H", name, file]) : Process.Start("ln", [file, name]);
        process.WaitForExit();
        Assert.AreEqual(0, process.ExitCode);
    }
}
