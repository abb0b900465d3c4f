using System.IO.Compression;
using ModelGate.Compressing;
using ModelGate.Models;
using ModelGate.Reporting;
using ModelGate.TestModels;

namespace ModelGate.Tests.Compressing;

/// <summary>Pruning: which weights go, what it costs, and what it brings where.</summary>
[TestClass]
public sealed class PruningTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [TestMethod]
    [DataRow(1)]
    [DataRow(50)]
    [DataRow(90)]
    [DataRow(99)]
    public void The_smallest_magnitudes_of_the_whole_model_go(int percent)
    {
        var (first, second) = (Random(64, 256, size: 1, seed: 1), Random(256, 32, size: 0.1f, seed: 2));
        float[] all = [.. first, .. second];

        var compression = Compress(Model(first, second), $"pruned-{percent}");

        var gone = (long)all.Length * percent / 100;
        var limit = all.Select(MathF.Abs).Order().ElementAt((int)gone);
        CollectionAssert.AreEqual(all.Select(value => MathF.Abs(value) < limit ? 0 : value).ToArray(), Values(compression.Output));
        Assert.AreEqual(gone, compression.Total().Zeros);
    }

    [TestMethod]
    public void Of_equal_magnitudes_as_many_go_as_the_share_asks_for()
    {
        float[] first = [.. Enumerable.Range(0, 64 * 256).Select(index => index % 2 == 0 ? 1f : -1f)];

        var compression = Compress(Model(first, [.. Enumerable.Repeat(1f, 256 * 32)]), "pruned-30");

        Assert.AreEqual((64 * 256 + 256 * 32) * 30 / 100, compression.Total().Zeros);
    }

    [TestMethod]
    public void The_curve_foretells_what_each_share_costs()
    {
        var source = Model(Random(64, 256, 1, 3), Random(256, 32, 0.5f, 4));
        var curve = Compress(source, "pruned-50").Pruning!.Curve;
        CollectionAssert.AreEqual(Enumerable.Range(1, 19).Select(step => step * 5).ToArray(), curve.Select(point => point.Percent).ToArray());

        foreach (var percent in (int[])[5, 50, 75, 95])
        {
            var (point, measured) = (curve.Single(point => point.Percent == percent), Compress(source, $"pruned-{percent}").Total());
            Assert.AreEqual(measured.Sqnr, point.Sqnr, 0.05);
            Assert.AreEqual(measured.Cosine, point.Cosine, 1e-4);
            Assert.AreEqual(measured.MaxError, point.Magnitude, 0.01 * point.Magnitude);
        }
    }

    [TestMethod]
    public void Two_of_every_four_weights_go_along_the_dimension_that_is_summed_over()
    {
        // In MatMul's [K, N] it is the first dimension, in Gemm's [N, K] the second, in Conv's [out, in, h, w] the second.
        var source = Onnx.Model(new OnnxGraph().Input("image", DataTypes.Float32, "n", "4", "6", "6")
            .Initializer(Onnx.Weights("filters", 8, 4, 3, 3), Onnx.Weights("turned", 40, 128), Onnx.Weights("straight", 40, 16), Onnx.Weights("first", 3, 4, 1, 1))
            .Node("Conv", "image filters", "c").Node("Flatten", "c", "flat").Node("Gemm", "flat turned", "g", Onnx.Attribute("transB", 1L)).Node("MatMul", "g straight", "y")
            .Output("y", DataTypes.Float32, "n", "16")).Save(folder.File("source.onnx"));

        var compression = Compress(source, "pruned-2-4");

        Assert.AreEqual(0.5, compression.Total().Sparsity);
        var (before, after) = (Values(source), Values(compression.Output));
        AssertPattern(before, after, at: 0, outer: 8, summed: 4, inner: 9);
        AssertPattern(before, after, at: 288, outer: 40, summed: 128, inner: 1);
        AssertPattern(before, after, at: 288 + 5120, outer: 1, summed: 40, inner: 16);
    }

    [TestMethod]
    public void Passes_that_only_read_stop_when_they_are_told_to()
    {
        var source = Model(Random(64, 256, 1, 5), Random(256, 32, 1, 6));
        using var cancelled = new SourceFiles(new CancellationToken(canceled: true));
        var pruning = new MagnitudePruning(50);
        pruning.Include("w", new(source, 0, 1024));

        Assert.ThrowsExactly<OperationCanceledException>(() => pruning.Prune(new float[4], cancelled));
    }

    [TestMethod]
    [DataRow("pruned-90")]
    [DataRow("pruned-2-4")]
    public void The_pruned_model_runs_keeps_its_shape_and_gains_on_the_wire(string scheme)
    {
        var source = Model(Random(64, 256, 1, 5), Random(256, 32, 1, 6));

        var compression = Compress(source, scheme);

        Assert.AreEqual(compression.SizeBefore, compression.SizeAfter);
        Assert.AreEqual(new FileInfo(compression.Output).Length, compression.SizeAfter);
        Assert.AreEqual(ModelCompressor.Predict(source, compression.Scheme, compression.Output).SizeAfter, compression.SizeAfter);
        var wire = compression.Pruning!;
        Assert.AreEqual((Gzip(source), Gzip(compression.Output)), (wire.WireBefore, wire.WireAfter));
        Assert.IsLessThan(wire.WireBefore * 3 / 4, wire.WireAfter);
        Assert.AreEqual(compression.SizeAfter - (4 * compression.Total().Zeros) + (compression.Total().Elements / 8), wire.SparseSize);
        using var inputs = SeededInputs.For(source, (_, _) => 2);
        Assert.HasCount(1, OnnxRuntime.Run(compression.Output, inputs));
        Assert.Contains("zeros are stored like other weights", CompressionText.Render(compression, TextStyle.Plain));
        Assert.Contains("\"gzip_after\"", CompressionJson.Render("1", compression));
    }

    [TestMethod]
    public void Weights_in_Constant_nodes_and_external_data_are_pruned_where_they_are()
    {
        var values = Random(64, 64, 1, 7);
        folder.Write("source.bin", System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(values).ToArray());
        var source = Onnx.Model(new OnnxGraph().Input("x", DataTypes.Float32, "n", "64")
            .Initializer(Onnx.External("w", DataTypes.Float32, [64, 64], "source.bin"))
            .Node("Constant", "", "held", Onnx.TensorAttribute("value", Onnx.Floats("inside", [64, 64], values)))
            .Node("MatMul", "x w", "m").Node("MatMul", "m held", "y").Output("y", DataTypes.Float32, "n", "64")).Save(folder.File("source.onnx"));

        var compression = Compress(source, "pruned-50");

        Assert.AreEqual("w held", string.Join(' ', compression.Converted.Select(weight => weight.Name)));
        Assert.AreEqual(0.5, compression.Total().Sparsity);
        using var inputs = SeededInputs.For(source, (_, _) => 2);
        Assert.IsGreaterThan(0.5, Agreement.Of(OnnxRuntime.Run(source, inputs), OnnxRuntime.Run(compression.Output, inputs)).Cosine);
    }

    [TestMethod]
    public void Weights_that_are_not_finite_stay_and_do_not_count()
    {
        var first = Random(64, 256, 1, 8);
        first[5] = float.NaN;

        var compression = Compress(Model(first, Random(256, 32, 1, 9)), "pruned-50");

        Assert.AreEqual(256 * 32 / 2, compression.Total().Zeros);
        Assert.AreEqual("it holds NaN or infinity", compression.Left.Single(left => left.Name == "first").Reason);
    }

    [TestMethod]
    [DataRow("pruned-0")]
    [DataRow("pruned-100")]
    [DataRow("pruned-05")]
    [DataRow("pruned-5.5")]
    [DataRow("pruned-")]
    [DataRow("pruned--5")]
    public void Shares_that_make_no_sense_are_no_schemes(string name) => Assert.IsNull(Schemes.Find(name));

    private Compression Compress(string source, string scheme) => ModelCompressor.Compress(source, Schemes.Find(scheme)!, folder.File("out.onnx"));

    private string Model(float[] first, float[] second) => Onnx.Model(new OnnxGraph().Input("x", DataTypes.Float32, "n", "64")
        .Initializer(Onnx.Floats("first", [64, 256], first), Onnx.Floats("second", [256, 32], second))
        .Node("MatMul", "x first", "m").Node("MatMul", "m second", "y").Output("y", DataTypes.Float32, "n", "32")).Save(folder.File("source.onnx"));

    private static float[] Random(int rows, int columns, float size, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, rows * columns).Select(_ => (random.NextSingle() - 0.5f) * size)];
    }

    // All weights of a model in file order, read back by what reads nothing of ours.
    private static float[] Values(string path)
    {
        using var stream = File.OpenRead(path);
        var model = ModelGate.Models.Onnx.OnnxParser.Parse(stream, stream.Length);
        List<float> values = [];
        foreach (var tensor in model.Graph!.Initializers)
        {
            var range = TensorFields.Find(stream, path, tensor).Values!;
            var bytes = new byte[range.Length];
            stream.Position = range.Offset;
            stream.ReadExactly(bytes);
            values.AddRange(System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(bytes));
        }
        return [.. values];
    }

    private static void AssertPattern(float[] before, float[] after, int at, int outer, int summed, int inner)
    {
        for (var group = 0; group < outer * summed / 4; group++)
        {
            for (var index = 0; index < inner; index++)
            {
                int[] places = [.. Enumerable.Range(0, 4).Select(member => at + (((group * 4) + member) * inner) + index)];
                int[] kept = [.. places.Where(place => after[place] != 0)];
                Assert.HasCount(2, kept);
                Assert.IsGreaterThanOrEqualTo(places.Except(kept).Max(place => MathF.Abs(before[place])), kept.Min(place => MathF.Abs(before[place])));
                foreach (var place in kept) Assert.AreEqual(before[place], after[place]);
            }
        }
    }

    private static long Gzip(string path)
    {
        using var memory = new MemoryStream();
        using (var gzip = new GZipStream(memory, CompressionLevel.Optimal, leaveOpen: true)) gzip.Write(File.ReadAllBytes(path));
        return memory.Length;
    }
}
