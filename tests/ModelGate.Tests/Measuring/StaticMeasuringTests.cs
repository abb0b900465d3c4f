using System.IO.Compression;
using ModelGate.Measuring;
using ModelGate.Models;
using ModelGate.TestModels;

namespace ModelGate.Tests.Measuring;

[TestClass]
public class StaticMeasuringTests
{
    [TestMethod]
    public void A_model_weighs_its_parameters_its_bytes_and_its_bits()
    {
        using var folder = new TemporaryFolder();
        var path = SmallModels.Dense().Save(folder.File("dense.onnx"));

        Assert.AreEqual(10, Value(path, "parameters"));
        Assert.AreEqual(40, Value(path, "size.weights"));
        Assert.AreEqual(40, Value(path, "size.weights.float32"));
        Assert.AreEqual(0, Value(path, "size.weights.int8"));
        Assert.AreEqual(40, Value(path, "size.float32"));
        Assert.AreEqual(32, Value(path, "bits_per_weight"));
        Assert.AreEqual(new FileInfo(path).Length, Value(path, "size.on_disk"));
    }

    [TestMethod]
    public void Bits_per_weight_include_scales_and_zero_points()
    {
        using var folder = new TemporaryFolder();
        var path = Onnx.Model(new OnnxGraph()
            .Initializer(Onnx.Zeros("codes", DataTypes.Int8, 64, 4), Onnx.Zeros("scales", DataTypes.Float32, 4), Onnx.Zeros("zeros", DataTypes.Int8, 4))
            .Node("DequantizeLinear", "codes scales zeros", "w", Onnx.Attribute("axis", 1L))
            .Node("MatMul", "x w", "y")).Save(folder.File("int8.onnx"));

        Assert.AreEqual(256, Value(path, "parameters"));
        Assert.AreEqual(8.0 * (256 + 16 + 4) / 256, Value(path, "bits_per_weight"));
    }

    [TestMethod]
    public void Size_on_disk_takes_in_external_data_once()
    {
        using var folder = new TemporaryFolder();
        folder.Write("weights.bin", new byte[4096]);
        var path = External("weights.bin").Save(folder.File("model.onnx"));

        Assert.AreEqual(new FileInfo(path).Length + 4096, Value(path, "size.on_disk"));
    }

    [TestMethod]
    public void A_total_counts_a_file_that_two_models_share_once()
    {
        using var folder = new TemporaryFolder();
        folder.Write("weights.bin", new byte[4096]);
        string first = External("weights.bin").Save(folder.File("a.onnx")), second = External("weights.bin").Save(folder.File("b.onnx"));

        var total = new StaticMeasuring().MeasureTotal([first, second], [Metric("size.on_disk"), Metric("parameters")]);

        Assert.AreEqual(new FileInfo(first).Length + new FileInfo(second).Length + 4096, Exact(total[0]));
        Assert.AreEqual(2 * Value(first, "parameters"), Exact(total[1]));
    }

    [TestMethod]
    public void A_total_fails_with_the_name_of_the_model_that_cannot_be_read()
    {
        using var folder = new TemporaryFolder();
        var good = SmallModels.Dense().Save(folder.File("good.onnx"));
        var empty = folder.Write("empty.onnx", []);

        var failed = (Measurement.Failed)new StaticMeasuring().MeasureTotal([good, empty], [Metric("size.on_disk")]).Single();

        Assert.AreEqual(Diagnostics.ModelEmpty, failed.Kind);
        Assert.StartsWith("empty.onnx: ", failed.Reason, "the path of this machine is no part of a report");
    }

    [TestMethod]
    public void Sizes_on_the_wire_are_those_that_the_codecs_really_make()
    {
        using var folder = new TemporaryFolder();
        var path = SmallModels.Convolutional().Save(folder.File("conv.onnx"));
        var bytes = File.ReadAllBytes(path);

        Assert.AreEqual(Compressed(bytes, target => new GZipStream(target, CompressionLevel.Optimal)), Value(path, "size.on_wire.gzip"));
        Assert.AreEqual(Compressed(bytes, target => new DeflateStream(target, CompressionLevel.Optimal)), Value(path, "size.on_wire.deflate"));
        Assert.AreEqual(Compressed(bytes, target => new BrotliStream(target, new BrotliCompressionOptions { Quality = 5 })), Value(path, "size.on_wire.brotli"));
    }

    [TestMethod]
    public void A_codec_that_is_asked_for_later_is_measured_as_if_it_had_been_asked_for_at_once()
    {
        using var folder = new TemporaryFolder();
        var path = SmallModels.Convolutional().Save(folder.File("conv.onnx"));
        var measuring = new StaticMeasuring();

        measuring.Measure(path, [Metric("size.on_wire.brotli")]);

        Assert.AreEqual(Value(path, "size.on_wire.gzip"), Exact(measuring.Measure(path, [Metric("size.on_wire.gzip")])[0]));
    }

    [TestMethod]
    public void A_file_of_a_terabyte_of_holes_is_weighed_without_being_read()
    {
        if (OperatingSystem.IsWindows()) Assert.Inconclusive("Files have holes only on request on Windows.");
        const long Terabyte = 1L << 40;
        using var folder = new TemporaryFolder();
        var path = folder.File("huge.onnx");
        try
        {
            using var file = File.Create(path);
            file.SetLength(Terabyte);
        }
        catch (IOException exception)
        {
            Assert.Inconclusive("This file system does not take a file of a terabyte: " + exception.Message);
        }

        Assert.AreEqual(Terabyte, Value(path, "size.on_disk"));
        Assert.AreEqual(Diagnostics.FormatNotMeasurable, Failed(path, "parameters").Kind);
        Assert.AreEqual(Diagnostics.ModelLimit, Failed(path, "size.on_wire.gzip").Kind);
    }

    [TestMethod]
    public void Of_a_format_that_cannot_be_weighed_only_the_size_is_known()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("model.pt", [0x80, 2, (byte)'}', (byte)'.']);

        Assert.AreEqual(4, Value(path, "size.on_disk"));
        Assert.AreEqual(Diagnostics.FormatNotMeasurable, Failed(path, "parameters").Kind);
    }

    private static Message External(string location) => Onnx.Model(new OnnxGraph()
        .Initializer(Onnx.External("w", DataTypes.Float32, [32, 32], location, "0", "4096")).Node("MatMul", "x w", "y"));

    private static long Compressed(byte[] bytes, Func<Stream, Stream> codec)
    {
        using var target = new MemoryStream();
        using (var compressing = codec(target)) compressing.Write(bytes);
        return target.ToArray().Length;
    }

    private static Metric Metric(string name) => MetricCatalogue.Find(name)!;

    private static double Value(string path, string metric) => Exact(new StaticMeasuring().Measure(path, [Metric(metric)]).Single());

    private static double Exact(Measurement measurement) => Assert.IsInstanceOfType<Measurement.Exact>(measurement).Value;

    private static Measurement.Failed Failed(string path, string metric) =>
        Assert.IsInstanceOfType<Measurement.Failed>(new StaticMeasuring().Measure(path, [Metric(metric)]).Single());
}
