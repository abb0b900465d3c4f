using System.IO.Compression;
using ModelGate.Measuring;
using ModelGate.Models;
using ModelGate.Models.Containers;
using ModelGate.TestModels;

namespace ModelGate.Tests.Models.Containers;

/// <summary>Models inside packages and assemblies, read in place.</summary>
[TestClass]
public sealed class ContainerTests : IDisposable
{
    private static readonly byte[] Dense = SmallModels.Dense().ToArray(), Convolutional = SmallModels.Convolutional().ToArray();
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [TestMethod]
    public void Models_of_a_package_are_found_by_their_content_and_read_where_they_are()
    {
        var read = ContainerReader.Read(Package(
            ("content/dense.onnx", Dense), ("content/other.bin", Lite.File(Lite.Small())), ("readme.md", "# text"u8.ToArray()), ("data.bin", [8, 8, 8, 8]), ("w.dat", new SafetensorsFile().Tensor("w", "F32", 16, 4).ToArray())));

        Assert.AreEqual("dense.onnx onnx 10, other.bin tensorflowlite 22, w.dat safetensors 4", string.Join(", ", read.Select(each => $"{Path.GetFileName(each.Place)} {each.Model!.Format.ToString().ToLowerInvariant()} {each.Model.Parameters()}")));
    }

    [TestMethod]
    public void Models_embedded_in_an_assembly_are_found_on_disk_and_in_a_package()
    {
        var assembly = Assemblies.With(("App.readme.txt", [1, 2, 3]), ("App.Models.detector.onnx", Convolutional), ("App.dense.onnx", Dense));

        var onDisk = ContainerReader.Read(folder.Write("App.dll", assembly));
        var packed = ContainerReader.Read(Package(("lib/net10.0/App.dll", assembly)));

        Assert.AreEqual("#App.Models.detector.onnx,#App.dense.onnx", string.Join(',', onDisk.Select(each => Path.GetFileName(each.Place))));
        Assert.EndsWith("lib/net10.0/App.dll#App.dense.onnx", packed[1].Place);
        Assert.AreEqual(10, packed[1].Model!.Parameters());
        Assert.AreEqual(onDisk[0].Model!.Parameters(), packed[0].Model!.Parameters());
    }

    [TestMethod]
    public void A_resource_that_many_names_lead_to_is_one_model() =>
        Assert.HasCount(1, ContainerReader.Read(folder.Write("App.dll", Assemblies.With(5000, ("dense.onnx", Dense)))));

    [TestMethod]
    public void External_data_is_sought_in_the_package()
    {
        var model = Onnx.Model(new OnnxGraph().Initializer(Onnx.External("w", DataTypes.Float32, [4], "w.bin")).Node("MatMul", "x w", "y")).ToArray();

        Assert.AreEqual((4L, 16L), (ContainerReader.Read(Package(("m/a.onnx", model), ("m/w.bin", new byte[16]))).Single().Model!.Parameters(), ContainerReader.Read(Package(("m/a.onnx", model), ("m/w.bin", new byte[16]))).Single().Model!.ExternalFiles.Single().Length));
        Assert.AreEqual(Diagnostics.ExternalDataMissing, ContainerReader.Read(Package(("m/a.onnx", model), ("w.bin", new byte[16]))).Single().Error!.Kind);
    }

    [TestMethod]
    [DataRow(10, (byte)99, DisplayName = "an unknown method")]
    [DataRow(44, (byte)0x7F, DisplayName = "a local header that lies elsewhere")]
    public void An_entry_that_cannot_even_be_opened_is_told_and_no_crash(int at, byte value)
    {
        var path = Package(("dense.onnx", Dense));
        var bytes = File.ReadAllBytes(path);
        bytes[bytes.AsSpan().LastIndexOf("PK\u0001\u0002"u8) + at] = value;
        File.WriteAllBytes(path, bytes);

        var error = Assert.ThrowsExactly<ModelException>(() => ContainerReader.Read(path));

        Assert.AreEqual(Diagnostics.PackageUnreadable, error.Kind, error.Message);
    }

    [TestMethod]
    public void A_model_that_stands_twice_is_counted_embedded_or_not()
    {
        var assembly = Assemblies.With(("App.dense.onnx", Dense));

        Assert.AreEqual(0, Value("package.duplicate_models", Package(("a.onnx", Dense), ("b.onnx", Convolutional))));
        Assert.AreEqual(2, Value("package.duplicate_models", Package(("a.onnx", Dense), ("runtimes/any/b.onnx", Dense), ("lib/App.dll", assembly), ("c.onnx", Convolutional))));
    }

    [TestMethod]
    public void Native_libraries_weigh_by_the_runtime_identifier_that_has_most()
    {
        var package = Package(("runtimes/linux-x64/native/libonnxruntime.so", new byte[1000]), ("runtimes/linux-x64/native/sub/x.so", new byte[1]), ("runtimes/win-x64/native/onnxruntime.dll", new byte[900]), ("runtimes/win-x64/lib/a.dll", new byte[9000]), ("native/b.so", new byte[9000]));

        Assert.AreEqual(1001, Value("package.native_runtime", package));
        Assert.AreEqual(0, Value("package.native_runtime", Package(("a.txt", [1]))));
    }

    [TestMethod]
    public void A_large_entry_is_read_forward_and_never_held_in_memory()
    {
        const long Length = 200_000_000;
        var package = folder.File("large.zip");
        using (var archive = ZipFile.Open(package, ZipArchiveMode.Create))
        {
            using var entry = archive.CreateEntry("m.onnx", CompressionLevel.Fastest).Open();
            Onnx.Model(new OnnxGraph().Initializer(Onnx.Zeros("w", DataTypes.Float32, Length / 4)).Node("PRelu", "x w", "y")).WriteForward(entry);
        }
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.AreEqual(Length / 4, ContainerReader.Read(package).Single().Model!.Parameters());

        Assert.IsLessThan(20_000_000, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [TestMethod]
    public void Damaged_assemblies_hold_nothing_and_break_nothing()
    {
        var whole = Assemblies.With(("App.dense.onnx", Dense));
        var random = new Random(5);
        for (var length = 0; length < whole.Length; length += 7) Look(whole[..length]);
        for (var round = 0; round < 1000; round++)
        {
            var mutant = whole.ToArray();
            for (var change = 0; change < 3; change++) mutant[random.Next(mutant.Length)] = (byte)random.Next(256);
            Look(mutant);
        }

        void Look(byte[] bytes)
        {
            using var stream = new MemoryStream(bytes);
            try
            {
                foreach (var model in ContainedModels.InAssembly(stream, "a.dll", () => stream, opensAnew: false)) model.Read("p.zip");
            }
            catch (ModelException)
            {
                // Refused, which is as good as read.
            }
        }
    }

    [TestMethod]
    public void An_entry_that_lies_about_its_length_is_refused()
    {
        var package = Package(("m.onnx", Dense));
        var bytes = File.ReadAllBytes(package);
        var central = bytes.AsSpan().LastIndexOf((ReadOnlySpan<byte>)[0x50, 0x4B, 0x01, 0x02]);
        BitConverter.TryWriteBytes(bytes.AsSpan(central + 24), (uint)Dense.Length + 100);
        File.WriteAllBytes(package, bytes);

        Assert.AreEqual(Diagnostics.PackageUnreadable, Assert.ThrowsExactly<ModelException>(() => ContainerReader.Read(package)).Kind);
    }

    private static double Value(string metric, string package) => Assert.IsInstanceOfType<Measurement.Exact>(StaticMeasuring.MeasurePackage(MetricCatalogue.Find(metric)!, package)).Value;

    private string Package(params (string Name, byte[] Content)[] entries)
    {
        var path = folder.File("p.nupkg");
        File.Delete(path);
        using var archive = ZipFile.Open(path, ZipArchiveMode.Create);
        foreach (var (name, content) in entries)
        {
            using var entry = archive.CreateEntry(name).Open();
            entry.Write(content);
        }
        return path;
    }
}
