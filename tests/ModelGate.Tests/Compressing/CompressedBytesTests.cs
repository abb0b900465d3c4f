using System.Runtime.InteropServices;
using ModelGate.Compressing;
using ModelGate.Models;
using ModelGate.TestModels;
using ModelGate.Tests.Faults;

namespace ModelGate.Tests.Compressing;

/// <summary>What is written does not depend on who writes it: how many threads there are, and what instructions the processor has.</summary>
[TestClass]
public sealed class CompressedBytesTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [TestMethod]
    [DataRow("fp16", false)]
    [DataRow("int8", false)]
    [DataRow("int8", true)]
    [DataRow("int8-dynamic", false)]
    [DataRow("int4", false)]
    [DataRow("int4-b128", true)]
    [DataRow("pruned-50", false)]
    [DataRow("pruned-2-4", true)]
    public void Threads_write_together_what_one_writes_from_end_to_end(string name, bool isExternal)
    {
        var (source, scheme) = (Save(isExternal), Schemes.Find(name)!);

        var compression = ModelCompressor.Compress(source, scheme, folder.File("out.onnx"));

        using var stream = File.OpenRead(source);
        var plan = CompressionPlan.Of(stream, source, scheme, "out.onnx.data", new Dictionary<string, string>());
        using var sources = new SourceFiles();
        var outside = InOrder(plan.External, sources);
        Assert.AreEqual(isExternal, outside.Length > 0);
        if (isExternal) CollectionAssert.AreEqual(outside, File.ReadAllBytes(compression.Output + ".data"));
        CollectionAssert.AreEqual(InOrder(plan.Model, sources), File.ReadAllBytes(compression.Output));
        foreach (var (expected, found) in plan.Converted.Zip(compression.Converted))
            Assert.AreEqual((expected.Name, expected.Fidelity.Sqnr, expected.Fidelity.Zeros), (found.Name, found.Fidelity.Sqnr, found.Fidelity.Zeros));
    }

    [TestMethod]
    [DataRow("EnableAVX2")]
    [DataRow("EnableHWIntrinsic")]
    public void A_processor_that_knows_less_writes_the_same(string missing)
    {
        var source = Save(isExternal: false, weights: 2); // one by column, one by row
        foreach (var scheme in (string[])["fp16", "bf16", "int8", "int4", "int4-b128"])
        {
            var here = ModelCompressor.Compress(source, Schemes.Find(scheme)!, folder.File("here.onnx"));

            ToolProcess.Run(folder.Path, new Dictionary<string, string?> { ["DOTNET_" + missing] = "0" }, "compress", "source.onnx", "--to", scheme, "-o", "there.onnx").Is(0);

            CollectionAssert.AreEqual(File.ReadAllBytes(here.Output), File.ReadAllBytes(folder.File("there.onnx")), scheme);
        }
    }

    [TestMethod]
    public void A_weight_that_is_not_finite_stops_all_threads_and_stays()
    {
        var source = Save(isExternal: false, odd: 5);

        var compression = ModelCompressor.Compress(source, Schemes.Find("int4")!, folder.File("out.onnx"));

        Assert.AreEqual("w5", compression.Left.Single(left => left.Reason.Contains("NaN", StringComparison.Ordinal)).Name);
        Assert.HasCount(11, compression.Converted);
        Assert.AreEqual(new FileInfo(compression.Output).Length, compression.SizeAfter);
    }

    private static byte[] InOrder(IReadOnlyList<Piece> pieces, SourceFiles sources)
    {
        using var whole = new MemoryStream();
        foreach (var piece in pieces) piece.WriteTo(whole, sources);
        return whole.ToArray();
    }

    // Many stretches of the file, by column and by row, with sizes that fill no vector, block or tile.
    private string Save(bool isExternal, int odd = -1, int weights = 12)
    {
        const int Width = 612;
        var graph = new OnnxGraph().Input("x0", DataTypes.Float32, "n", $"{Width}");
        using var data = new MemoryStream();
        for (var index = 0; index < weights; index++)
        {
            var values = Values(index, Width * Width);
            if (index == odd) values[^2] = float.NaN;
            if (isExternal)
            {
                graph.Initializer(Onnx.External($"w{index}", DataTypes.Float32, [Width, Width], "source.bin", $"{data.Length}", $"{values.Length * sizeof(float)}"));
                data.Write(MemoryMarshal.AsBytes<float>(values));
            }
            else
            {
                graph.Initializer(Onnx.Floats($"w{index}", [Width, Width], values));
            }
            if (index % 2 == 0) graph.Node("MatMul", $"x{index} w{index}", $"x{index + 1}");
            else graph.Node("Gemm", $"x{index} w{index}", $"x{index + 1}", Onnx.Attribute("transB", 1L));
        }
        File.WriteAllBytes(folder.File("source.bin"), data.ToArray());
        return Onnx.Model(graph.Output($"x{weights}", DataTypes.Float32, "n", $"{Width}")).Save(folder.File("source.onnx"));
    }

    // Every magnitude, and a quarter of them ties of some scale.
    private static float[] Values(int seed, int count)
    {
        var random = new Random(seed);
        var values = new float[count];
        foreach (ref var value in values.AsSpan())
            value = MathF.ScaleB(random.Next(4) == 0 ? (random.Next(-127, 127) + 0.5f) / 127 : random.NextSingle() - 0.5f, random.Next(-12, 4));
        return values;
    }
}
