using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using ModelGate.Measuring;
using ModelGate.Models;
using ModelGate.TestModels;

namespace ModelGate.Tests.Models;

/// <summary>A package is looked into and not believed: what counts is what inflates to the very bytes of the model.</summary>
[TestClass]
public sealed class PackageFileTests : IDisposable
{
    private const uint CentralEntry = 0x02014B50;
    private const int CentralFlags = 8, CentralMethod = 10, CentralChecksum = 16, CentralCompressed = 20, CentralLength = 24, CentralLocalOffset = 42;

    private static readonly byte[] Model = SmallModels.Convolutional().ToArray();
    private readonly TemporaryFolder folder = new();
    private readonly string model;

    public PackageFileTests() => model = folder.Write("model.onnx", Model);

    public void Dispose() => folder.Dispose();

    [TestMethod]
    [DataRow(CompressionLevel.Optimal)]
    [DataRow(CompressionLevel.NoCompression)]
    public void A_model_weighs_in_a_package_what_its_entry_takes(CompressionLevel level)
    {
        var package = Package(level, ("lib/net10.0/a.dll", [1, 2, 3]), ("content/detector.onnx", Model));

        Assert.AreEqual(Entries(package).Single(entry => entry.Name == "detector.onnx").Compressed, InPackage(package));
    }

    [TestMethod]
    public void The_bytes_decide_and_not_the_name()
    {
        var other = Model.ToArray();
        other[^1] ^= 1;

        Assert.IsNull(InPackage(Package(("model.onnx", other))));
        Assert.IsNull(InPackage(Package(("model.onnx", [.. Model, 0]))));
        Assert.IsNotNull(InPackage(Package(("runtimes/any/native/blob", Model))));
    }

    [TestMethod]
    public void A_model_that_is_packed_for_two_frameworks_weighs_twice()
    {
        var package = Package(("contentFiles/any/net9.0/m.onnx", Model), ("contentFiles/any/net10.0/m.onnx", Model));

        Assert.AreEqual(Entries(package).Sum(entry => entry.Compressed), InPackage(package));
    }

    [TestMethod]
    public void A_package_within_a_package_is_not_looked_into() =>
        Assert.IsNull(InPackage(Package(("inner.nupkg", File.ReadAllBytes(Package(("m.onnx", Model)))))));

    [TestMethod]
    public void External_data_is_sought_as_well_and_named_where_it_is_missing()
    {
        var weights = folder.Write("weights.bin", new byte[64]);
        var path = Onnx.Model(new OnnxGraph().Initializer(Onnx.External("w", DataTypes.Float32, [16], "weights.bin"))).Save(folder.File("external.onnx"));
        var metric = MetricCatalogue.Find("size.in_package")!;
        var whole = Package(("external.onnx", File.ReadAllBytes(path)), ("weights.bin", File.ReadAllBytes(weights)));

        Assert.AreEqual(Entries(whole).Sum(entry => entry.Compressed), Assert.IsInstanceOfType<Measurement.Exact>(new StaticMeasuring().Measure(path, [metric], whole)[0]).Value);

        var partial = Package(("external.onnx", File.ReadAllBytes(path)));
        var failed = Assert.IsInstanceOfType<Measurement.Failed>(new StaticMeasuring().Measure(path, [metric], partial)[0]);
        Assert.AreEqual(Diagnostics.NotInPackage, failed.Kind);
        Assert.Contains("weights.bin", failed.Reason);
    }

    [TestMethod]
    public void Names_that_lead_out_are_only_names()
    {
        var package = Package(("../../evil.onnx", Model), ("/etc/evil.onnx", [1]), ("C:\\evil.onnx", [2]));
        var before = Directory.GetFileSystemEntries(folder.Path);

        Assert.IsNotNull(InPackage(package));
        CollectionAssert.AreEqual(before, Directory.GetFileSystemEntries(folder.Path));
        Assert.IsFalse(File.Exists(Path.Combine(folder.Path, "..", "..", "evil.onnx")));
    }

    [TestMethod]
    public void Two_entries_of_one_name_are_refused() => Assert.Contains("two entries named 'm.onnx'", Refused(Package(("m.onnx", Model), ("m.onnx", [1]))).Message);

    [TestMethod]
    public void A_name_that_holds_a_NUL_is_refused() => Assert.Contains("holds a NUL", Refused(Package(("m\0.onnx", Model))).Message);

    [TestMethod]
    public void An_encrypted_entry_is_refused() => Assert.Contains("is encrypted", Refused(Forged(CentralFlags, 1, width: 2)).Message);

    [TestMethod]
    public void A_checksum_that_is_not_that_of_the_bytes_is_refused()
    {
        // The entry claims to be the model, and holds other bytes of the same length.
        var other = new byte[Model.Length];

        Assert.Contains("does not hold what the directory says", Refused(Forged(CentralChecksum, ChecksumOfModel(), content: other)).Message);
    }

    [TestMethod]
    public void A_compressed_size_that_is_understated_is_refused() => Assert.IsNotNull(Refused(Forged(CentralCompressed, 10)));

    [TestMethod]
    public void Compressed_sizes_beyond_the_package_are_refused() => Assert.Contains("more than the package has", Refused(Forged(CentralCompressed, 50_000_000)).Message);

    [TestMethod]
    public void A_bomb_that_claims_to_be_the_model_is_given_up_at_the_length_of_the_model()
    {
        var package = Forged(CentralLength, (uint)Model.Length, content: new byte[50_000_000]);
        Forge(package, CentralChecksum, ChecksumOfModel(), 4);
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.IsNotNull(Refused(package));
        Assert.IsLessThan(5_000_000, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [TestMethod]
    public void A_bomb_beside_the_model_is_never_inflated()
    {
        var package = Package(("bomb.bin", new byte[50_000_000]), ("m.onnx", Model));
        Assert.IsGreaterThan(50_000_000 / 1000 * 900, 50_000_000 - Entries(package).Single(entry => entry.Name == "bomb.bin").Compressed, "the bomb is to be one");
        Damage(package, "bomb.bin"); // inflating it would fail

        Assert.AreEqual(Entries(package).Single(entry => entry.Name == "m.onnx").Compressed, InPackage(package));
    }

    [TestMethod]
    public void Damaged_bytes_of_the_model_are_refused()
    {
        var package = Package(("m.onnx", Model));
        Damage(package, "m.onnx");

        Assert.IsNotNull(Refused(package));
    }

    [TestMethod]
    public void A_way_of_compressing_that_is_not_known_is_refused() => Assert.Contains("cannot be inflated", Refused(Forged(CentralMethod, 99, width: 2)).Message);

    [TestMethod]
    public void An_entry_that_lies_beyond_the_end_is_refused() => Assert.IsNotNull(Refused(Forged(CentralLocalOffset, 1_000_000_000)));

    [TestMethod]
    public void A_package_that_is_cut_anywhere_is_refused()
    {
        var bytes = File.ReadAllBytes(Package(("m.onnx", Model), ("n.txt", [1, 2, 3])));
        for (var length = 1; length < bytes.Length; length += length < bytes.Length - 400 ? 997 : 1)
            Assert.IsNotNull(Refused(folder.Write("cut.nupkg", bytes[..length])), $"a package cut at {length} of {bytes.Length} bytes was taken for whole");
    }

    [TestMethod]
    public void What_is_no_zip_is_refused_before_its_size_is_judged()
    {
        var text = folder.Write("text.nupkg", "this is no package"u8.ToArray());

        var failed = Assert.IsInstanceOfType<Measurement.Failed>(StaticMeasuring.MeasurePackage(MetricCatalogue.Find("package.size")!, text));
        Assert.AreEqual(Diagnostics.PackageUnreadable, failed.Kind);
        Assert.Contains("not a whole zip archive", failed.Reason);
    }

    [TestMethod]
    public void A_package_weighs_its_file()
    {
        var package = Package(("m.onnx", Model));

        Assert.AreEqual(new FileInfo(package).Length, Assert.IsInstanceOfType<Measurement.Exact>(StaticMeasuring.MeasurePackage(MetricCatalogue.Find("package.size")!, package)).Value);
    }

    private long? InPackage(string package)
    {
        using var opened = PackageFile.Open(package);
        return opened.CompressedLengthOf(model);
    }

    private ModelException Refused(string package)
    {
        var error = Assert.ThrowsExactly<ModelException>(() => InPackage(package));
        Assert.AreEqual(Diagnostics.PackageUnreadable, error.Kind, error.Message);
        return error;
    }

    private string Package(params (string Name, byte[] Content)[] entries) => Package(CompressionLevel.Optimal, entries);

    private string Package(CompressionLevel level, params (string Name, byte[] Content)[] entries)
    {
        var path = folder.File($"{Guid.NewGuid():N}.nupkg");
        using var archive = ZipFile.Open(path, ZipArchiveMode.Create);
        foreach (var (name, content) in entries)
        {
            using var stream = archive.CreateEntry(name, level).Open();
            stream.Write(content);
        }
        return path;
    }

    // A package of one entry, the model unless said otherwise, whose directory says something else about it.
    private string Forged(int field, uint value, int width = 4, byte[]? content = null)
    {
        var package = Package(("m.onnx", content ?? Model));
        Forge(package, field, value, width);
        return package;
    }

    private uint ChecksumOfModel()
    {
        using var archive = ZipFile.OpenRead(Package(("m.onnx", Model)));
        return archive.Entries[0].Crc32;
    }

    private static void Forge(string package, int field, uint value, int width)
    {
        var bytes = File.ReadAllBytes(package);
        var at = Find(bytes, CentralEntry) + field;
        for (var index = 0; index < width; index++) bytes[at + index] = (byte)(value >> (8 * index));
        File.WriteAllBytes(package, bytes);
    }

    private static void Damage(string package, string name)
    {
        var bytes = File.ReadAllBytes(package);
        var at = bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(name)) + name.Length;
        bytes.AsSpan(at, 40).Fill(0xFF);
        File.WriteAllBytes(package, bytes);
    }

    private static int Find(byte[] bytes, uint signature)
    {
        Span<byte> wanted = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(wanted, signature);
        return bytes.AsSpan().IndexOf(wanted);
    }

    private static (string Name, long Compressed)[] Entries(string package)
    {
        using var archive = ZipFile.OpenRead(package);
        return [.. archive.Entries.Select(entry => (entry.Name, entry.CompressedLength))];
    }
}
