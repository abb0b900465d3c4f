using ModelGate.Measuring;
using ModelGate.TestModels;
using ModelGate.Tests.Measuring.Latency;
using ModelGate.Tests.Models;

namespace ModelGate.Tests.Faults;

/// <summary>Rows 40 and 41 of the fault table: a runtime that cannot be used, and hostile files before the runtime itself, each leave one reason.</summary>
[TestClass]
public sealed class RuntimeFaultTests
{
    private static readonly string Library = RuntimeIdentifiers.LibraryOf(RuntimeIdentifiers.OfThisProcess);

    [TestMethod]
    public void Fault_40_a_runtime_without_its_library_is_missing()
    {
        using var folder = new TemporaryFolder();
        var failed = Fail(folder, Workers.Runtime.Location! with { NativeFolders = [folder.Path] });
        Assert.AreEqual("MG4002", failed.Kind.Code, failed.Reason);
        Assert.Contains($"there is no {Library} for ", failed.Reason);
    }

    [TestMethod]
    public void Fault_40_a_runtime_without_its_binding_is_missing()
    {
        using var folder = new TemporaryFolder();
        var failed = Fail(folder, Workers.Runtime.Location! with { ManagedFolders = [folder.Path] });
        Assert.AreEqual("MG4002", failed.Kind.Code, failed.Reason);
        Assert.Contains("there is no Microsoft.ML.OnnxRuntime.dll in ", failed.Reason);
    }

    [TestMethod]
    public void Fault_40_a_library_of_another_architecture_cannot_be_loaded()
    {
        if (!OperatingSystem.IsLinux()) Assert.Inconclusive("The test writes the header of an ELF file.");
        using var folder = new TemporaryFolder();
        byte[] library = File.ReadAllBytes(Path.Combine(Workers.Runtime.Location!.NativeFolders[0], Library));
        const int Machine = 18, Sparc = 43; // e_machine of the header
        library[Machine] = Sparc;
        folder.Write(Library, library);
        var failed = Fail(folder, Workers.Runtime.Location with { NativeFolders = [folder.Path] });
        Assert.AreEqual("MG4003", failed.Kind.Code, failed.Reason);
        Assert.Contains($"cannot be loaded on {System.Runtime.InteropServices.RuntimeInformation.RuntimeIdentifier}", failed.Reason);
    }

    [TestMethod]
    public void Fault_40_a_library_that_is_something_else_is_not_the_runtime()
    {
        using var folder = new TemporaryFolder();
        string other = Directory.GetFiles(Path.GetDirectoryName(typeof(object).Assembly.Location)!, OperatingSystem.IsWindows() ? "clrjit.dll" : "libclrjit.*")[0];
        folder.Write(Library, File.ReadAllBytes(other));
        var failed = Fail(folder, Workers.Runtime.Location! with { NativeFolders = [folder.Path] });
        Assert.AreEqual("MG4003", failed.Kind.Code, failed.Reason);
        Assert.Contains("is not ONNX Runtime", failed.Reason);
    }

    [TestMethod]
    [DataRow("add_opset_314159.onnx")]
    [DataRow("corrupt-model.onnx")]
    [DataRow("icm-31000000518041.ort")]
    [DataRow("icm-31000000518082.onnx")]
    [DataRow("lfs-pointer.onnx")]
    [DataRow("model_with_external_initializer_come_from_user.onnx")]
    [DataRow("test_arbitrary_external_file.onnx")]
    [DataRow("truncated_magika.onnx")]
    public void Fault_41_a_hostile_file_that_reaches_the_runtime_leaves_one_reason(string file)
    {
        // Without its structure nobody refuses it beforehand.
        var request = Workers.Request(PublicModels.Path("hostile/" + file), Workers.Metrics("latency.p50", "memory.peak_rss"), maxTime: 8);
        var result = Workers.Measure(request, Workers.Real);
        var failed = result.Measurements.Cast<Measurement.Failed>().Select(each => (each.Kind.Code, each.Reason)).Distinct().Single();
        Assert.IsTrue(failed.Code is "MG4004" or "MG4005" or "MG4006" or "MG4007" or "MG4008", $"{failed.Code}: {failed.Reason}");
        Assert.DoesNotContain("\n", failed.Reason);
        Assert.AreEqual("1.29.0", result.Runtime!.Version);
    }

    private static Measurement.Failed Fail(TemporaryFolder folder, RuntimeLocation location) =>
        (Measurement.Failed)Workers.Measure(
            Workers.Request(SmallModels.Dense().Save(folder.File("model.onnx")), Workers.Metrics("startup.session_creation")) with { Runtime = RuntimeSearch.Found(location) }, Workers.Real).Measurements[0];
}
