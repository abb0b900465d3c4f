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
    public void A_model_that_stands_twice_is_counted_with_its_weights_inside_and_beside()
    {
        byte[] Model(Message weights) => Onnx.Model(new OnnxGraph().Initializer(weights, Onnx.Weights("b", 3)).Node("Gemm", "x w b", "y")).ToArray();
        float[] values = [.. Enumerable.Range(0, 600).Select(value => value * 0.5f)];
        var inside = Model(Onnx.Floats("w", [200, 3], values));
        var beside = Model(Onnx.External("w", DataTypes.Float32, [200, 3], "w.bin"));
        var bytes = values.SelectMany(BitConverter.GetBytes).ToArray();
        var others = bytes.ToArray();
        others[7] ^= 1;

        Assert.AreEqual(1, Value("package.duplicate_models", Package(("lib/a.onnx", inside), ("content/a.onnx", beside), ("content/w.bin", bytes))));
        Assert.AreEqual(0, Value("package.duplicate_models", Package(("lib/a.onnx", inside), ("content/a.onnx", beside), ("content/w.bin", others))));
        Assert.AreEqual(0, Value("package.duplicate_models", Package(("lib/a.onnx", inside), ("content/a.onnx", Model(Onnx.External("w", DataTypes.Float32, [3, 200], "w.bin"))), ("content/w.bin", bytes))));
    }

    [TestMethod]
    public void Values_that_are_stored_one_by_one_are_compared_as_what_they_are()
    {
        Message Typed(long last) => Onnx.Header("shape", DataTypes.Int64, 3).Packed(7, 1, -1, last);
        Message Raw(long last) => Onnx.Ints("shape", [3], 1, -1, last);
        byte[] Model(params Message[] tensors) => Onnx.Model(new OnnxGraph().Initializer(tensors).Initializer(Onnx.Header("codes", DataTypes.Int8, 2).Varint(5, 7).Varint(5, -3), Onnx.Header("texts", DataTypes.String, 1).Text(6, "a")).Node("MatMul", "x w", "y").Node("Reshape", "y shape", "z")).ToArray();
        Message inside = Onnx.Zeros("w", DataTypes.Float32, 300), beside = Onnx.External("w", DataTypes.Float32, [300], "w.bin");
        double Twins(byte[] one, byte[] other) => Value("package.duplicate_models", Package(("lib/a.onnx", one), ("content/a.onnx", other), ("content/w.bin", new byte[1200])));

        Assert.AreEqual(1, Twins(Model(inside, Typed(300)), Model(beside, Typed(300))));
        Assert.AreEqual(1, Twins(Model(inside, Typed(300)), Model(beside, Raw(300))));
        Assert.AreEqual(0, Twins(Model(inside, Typed(300)), Model(beside, Typed(301))));
        Assert.AreEqual(0, Twins(Model(inside, Raw(301)), Model(beside, Typed(300))));
    }

    [TestMethod]
    public void Lists_of_classical_operators_and_sparse_tensors_are_compared_as_what_they_hold()
    {
        Message Tree(params float[] thresholds) => Onnx.Attribute("nodes_values", thresholds);
        byte[] Model(Message weights, Message tree, params float[] sparse) => Onnx.Model(new OnnxGraph().Initializer(weights).SparseInitializer(Onnx.Sparse("s", [100], [3, 7], sparse))
            .Node("MatMul", "x w", "y").Node("MatMul", "y s", "z").Node("TreeEnsembleRegressor", "ai.onnx.ml", "z", "t", tree, Onnx.Attribute("nodes_modes", "BRANCH_LEQ", "LEAF"))).ToArray();
        Message inside = Onnx.Zeros("w", DataTypes.Float32, 300), beside = Onnx.External("w", DataTypes.Float32, [300], "w.bin");
        var model = Model(inside, Tree(0.5f, 1), 1, 2);
        double Twins(byte[] other) => Value("package.duplicate_models", Package(("lib/a.onnx", model), ("content/a.onnx", other), ("content/w.bin", new byte[1200])));

        Assert.AreEqual(1, Twins(Model(beside, Tree(0.5f, 1), 1, 2)));
        Assert.AreEqual(0, Twins(Model(beside, Tree(0.5f, 2), 1, 2)), "another threshold");
        Assert.AreEqual(0, Twins(Model(beside, Tree(0.5f, 1), 1, 3)), "another value of the sparse tensor");
    }

    [TestMethod]
    public void Many_tensors_whose_values_are_stored_one_by_one_are_read_forward()
    {
        byte[] Model(Message weights) => Onnx.Model(new OnnxGraph().Initializer(Onnx.Weights("first", 300_000), weights)
            .Initializer(Enumerable.Range(0, 200).Select(static index => Onnx.Header($"axes{index}", DataTypes.Int64, 2).Packed(7, index, 300)))).ToArray();
        Message inside = Onnx.Zeros("w", DataTypes.Float32, 300), beside = Onnx.External("w", DataTypes.Float32, [300], "w.bin");

        Assert.AreEqual(1, Value("package.duplicate_models", Package(("lib/a.onnx", Model(inside)), ("content/a.onnx", Model(beside)), ("content/w.bin", new byte[1200]))));
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
            using var entry = archive.CreateEntry("m.onnx", CompressionLevel.NoCompression).Open(); // all zeros: compressed it would be a bomb
            Onnx.Model(new OnnxGraph().Initializer(Onnx.Zeros("w", DataTypes.Float32, Length / 4)).Node("PRelu", "x w", "y")).WriteForward(entry);
        }
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.AreEqual(Length / 4, ContainerReader.Read(package).Single().Model!.Parameters());

        Assert.IsLessThan(20_000_000, GC.GetAllocatedBytesForCurrentThread() - before);
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

    [TestMethod]
    public void Bytes_that_are_not_those_of_the_directory_are_refused_wherever_a_figure_rests_on_them()
    {
        var model = Onnx.Model(new OnnxGraph().Initializer(Onnx.External("w", DataTypes.Float32, [1000], "w.bin")).Node("MatMul", "x w", "y")).ToArray();

        AssertLies(ContainerReader.Read(WithChecksum(0, ("m.onnx", Convolutional))).Single().Error);
        AssertLies(Assert.ThrowsExactly<ModelException>(() => ContainerReader.Read(WithChecksum(0, ("m.onnx", Dense)))));
        AssertLies(ContainerReader.Read(WithChecksum(1, ("m.onnx", model), ("w.bin", new byte[4000]))).Single().Error);
        AssertLies(Assert.ThrowsExactly<ModelException>(() => ContainerReader.Read(WithChecksum(0, ("App.dll", Assemblies.With(("App.dense.onnx", Dense)))))));
        AssertLies(Assert.ThrowsExactly<ModelException>(() => LookInto(WithChecksum(0, ("runtimes/any/native/a.so", new byte[9])), static package => package.NativeLibraries())));
        AssertLies(Assert.ThrowsExactly<ModelException>(() => LookInto(WithChecksum(1, ("a.onnx", Convolutional), ("b.onnx", Convolutional)), static package => package.DuplicateModels())));
        Assert.AreEqual(10, ContainerReader.Read(WithChecksum(1, ("m.onnx", Dense), ("notes.bin", new byte[5000]))).Single().Model!.Parameters());

        static void AssertLies(ModelException? error)
        {
            Assert.AreEqual(Diagnostics.PackageUnreadable, error!.Kind);
            Assert.Contains("does not hold what the directory says", error.Message);
        }
    }

    [TestMethod]
    public void A_bomb_is_refused_before_it_is_inflated_and_left_alone_where_it_is_no_model()
    {
        byte[] Beginning(int length)
        {
            var bytes = new byte[length];
            Onnx.Model(new OnnxGraph().Initializer(Onnx.Header("w", DataTypes.Float32, length / 8).Bytes(9, new byte[length / 2]))).ToArray().CopyTo(bytes, 0);
            return bytes;
        }
        var error = ContainerReader.Read(Package(("bomb.onnx", Beginning(80_000_000)))).Single().Error!;

        Assert.AreEqual(Diagnostics.ModelLimit, error.Kind, error.Message);
        Assert.Contains("more than 200 times as much", error.Message);
        Assert.AreEqual(10, ContainerReader.Read(Package(("bomb.bin", new byte[80_000_000]), ("m.onnx", Dense))).Single().Model!.Parameters());
    }

    [TestMethod]
    public void All_entries_together_inflate_to_so_much_and_no_more()
    {
        const long Length = 1000, Most = (1L << 30) + (64 * Length);
        var allowance = new InflationAllowance(Length);
        for (var taken = 0L; taken < Most; taken += Most / 8) allowance.Take((int)(Most / 8));

        Assert.AreEqual(Diagnostics.ModelLimit, Assert.ThrowsExactly<ModelException>(() => allowance.Take(1)).Kind);
    }

    [TestMethod]
    public void Entries_that_lie_in_the_same_bytes_are_refused()
    {
        var package = Package(("a.onnx", Dense), ("b.onnx", Dense), ("room.bin", Convolutional));
        var bytes = File.ReadAllBytes(package);
        var second = Packages.CentralEntry(bytes, 1);
        bytes.AsSpan(Packages.CentralEntry(bytes, 0) + 42, 4).CopyTo(bytes.AsSpan(second + 42)); // the place of the first
        File.WriteAllBytes(package, bytes);

        var error = Assert.ThrowsExactly<ModelException>(() => ContainerReader.Read(package));
        Assert.AreEqual(Diagnostics.PackageUnreadable, error.Kind);
        Assert.Contains("two of its entries lie in the same bytes", error.Message);
    }

    [TestMethod]
    public void Resources_that_lie_in_the_same_bytes_or_have_no_end_are_refused()
    {
        Assert.Contains("two of its resources lie in the same bytes", Refused(Assemblies.With(1, ("App.dense.onnx", Dense))).Message);
        Assert.Contains("more than 10000 resources", Refused(Assemblies.With(10_000, ("App.dense.onnx", Dense))).Message);

        ModelException Refused(byte[] assembly) => Assert.ThrowsExactly<ModelException>(() => ContainerReader.Read(folder.Write("App.dll", assembly)));
    }

    [TestMethod]
    public void A_package_whose_directory_needs_64_bits_is_read()
    {
        // As streams write it: sizes of ten gigabytes are possible, so the directory has room for them.
        var package = folder.File("many.zip");
        using (var archive = ZipFile.Open(package, ZipArchiveMode.Create))
        {
            for (var entry = 0; entry < 66_000; entry++) archive.CreateEntry($"{entry}.txt", CompressionLevel.NoCompression);
        }

        using var opened = PackageFile.Open(package);
        Assert.AreEqual(new FileInfo(package).Length, opened.Length);
    }

    private static double Value(string metric, string package) => Assert.IsInstanceOfType<Measurement.Exact>(StaticMeasuring.MeasurePackage(MetricCatalogue.Find(metric)!, package)).Value;

    private static void LookInto(string path, Action<PackageFile> look)
    {
        using var package = PackageFile.Open(path);
        look(package);
    }

    private string WithChecksum(int entry, params (string Name, byte[] Content)[] entries) => Packages.WithChecksum(folder, entry, entries);

    private string Package(params (string Name, byte[] Content)[] entries) => Packages.Write(folder, entries);
}
