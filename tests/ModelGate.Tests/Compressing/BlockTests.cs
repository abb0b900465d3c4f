using System.Runtime.InteropServices;
using ModelGate.Compressing;
using ModelGate.Models;
using ModelGate.TestModels;

namespace ModelGate.Tests.Compressing;

/// <summary>int4 as the real ONNX Runtime reads it: the products of MatMulNBits, and the rows that GatherBlockQuantized finds.</summary>
[TestClass]
public sealed class BlockTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [TestMethod]
    [DataRow(256, 48, 32)]
    [DataRow(100, 37, 32)]
    [DataRow(1024, 256, 64)]
    [DataRow(300, 130, 128)]
    public void A_product_with_codes_is_the_product_with_the_values_they_stand_for(int depth, int columns, int block)
    {
        const int Rows = 5;
        var random = new Random(depth);
        float[] weights = [.. Enumerable.Range(0, depth * columns).Select(_ => random.NextSingle() - 0.5f)];
        float[] input = [.. Enumerable.Range(0, Rows * depth).Select(_ => random.NextSingle() - 0.5f)];
        var blocks = (depth + block - 1) / block;
        var (codes, scales) = (new byte[columns * blocks * block / 2], new float[columns * blocks]);
        for (var index = 0; index < blocks; index++)
        {
            var rows = Math.Min(block, depth - (index * block));
            BlockCodes.QuantizeColumns(weights.AsSpan(index * block * columns, rows * columns), columns, columns, block, codes.AsSpan(index * block / 2), blocks * block / 2, scales.AsSpan(index), blocks);
        }

        var model = Onnx.Model(new OnnxGraph().Input("x", DataTypes.Float32, $"{Rows}", $"{depth}")
            .Initializer(Onnx.Header("codes", DataTypes.UInt8, columns, blocks, block / 2).Bytes(9, codes), Onnx.Floats("scales", [scales.Length], scales))
            .Node("MatMulNBits", "com.microsoft", "x codes scales", "y", Onnx.Attribute("K", (long)depth), Onnx.Attribute("N", (long)columns), Onnx.Attribute("bits", 4L), Onnx.Attribute("block_size", (long)block), Onnx.Attribute("accuracy_level", 1L))
            .Output("y", DataTypes.Float32, $"{Rows}", $"{columns}"), others: ("com.microsoft", 1));
        var found = MemoryMarshal.Cast<byte, float>(OnnxRuntime.Run(model, input, Rows, depth));

        double difference = 0, size = 0;
        for (var row = 0; row < Rows; row++)
        {
            for (var column = 0; column < columns; column++)
            {
                double expected = 0;
                for (var at = 0; at < depth; at++)
                {
                    var own = codes.AsSpan(((column * blocks) + (at / block)) * block / 2);
                    expected += (double)input[(row * depth) + at] * BlockCodes.Restore(own, at % block, scales[(column * blocks) + (at / block)]);
                }
                difference += Math.Pow(found[(row * columns) + column] - expected, 2);
                size += expected * expected;
            }
        }
        Assert.IsLessThanOrEqualTo(1e-5, Math.Sqrt(difference / size));
    }

    [TestMethod]
    [DataRow("int4", 64)]
    [DataRow("int4", 40)]
    [DataRow("int4-b128", 128)]
    public void Rows_of_an_embedding_are_found_as_the_values_that_their_codes_stand_for(string scheme, int width)
    {
        var graph = new OnnxGraph().Input("ids", DataTypes.Int64, "50").Initializer(Onnx.Weights("table", 300, width))
            .Node("Gather", "table ids", "rows").Node("Gather", "table ids", "again").Output("rows", DataTypes.Float32, "50", $"{width}").Output("again", DataTypes.Float32, "50", $"{width}");
        var source = Onnx.Model(graph).Save(folder.File("source.onnx"));

        var compression = ModelCompressor.Compress(source, Schemes.Find(scheme)!, folder.File("out.onnx"));

        using var inputs = SeededInputs.For(source, (_, _) => 1);
        var (before, after) = (OnnxRuntime.Run(source, inputs), OnnxRuntime.Run(compression.Output, inputs));
        CollectionAssert.AreEqual(after[0], after[1]);
        // No value is further from what it was than half a step, and a step is an eighth of the block's largest magnitude; the value opposite to that one may be a whole step away.
        Assert.IsLessThanOrEqualTo(before[0].Max(MathF.Abs) / 8 + 1e-6, Agreement.Of(before, after).MaxError);
        Assert.IsGreaterThanOrEqualTo(0.99, Agreement.Of(before, after).Cosine);
        Assert.AreEqual(300 * width, ModelReader.Read(compression.Output).Tensors.Where(tensor => tensor.IsParameter).Sum(tensor => tensor.LogicalElements));
    }

    [TestMethod]
    public void A_table_that_is_used_otherwise_as_well_or_cannot_be_packed_stays()
    {
        var graph = new OnnxGraph().Input("ids", DataTypes.Int64, "n").Initializer(Onnx.Weights("tied", 300, 64), Onnx.Weights("odd", 300, 63), Onnx.Weights("good", 300, 64))
            .Node("Gather", "tied ids", "a").Node("Transpose", "tied", "turned").Node("MatMul", "a turned", "y").Node("Gather", "odd ids", "z").Node("Gather", "good ids", "g")
            .Output("y", DataTypes.Float32, "n", "300").Output("z", DataTypes.Float32, "n", "63").Output("g", DataTypes.Float32, "n", "64");
        var source = Onnx.Model(graph).Save(folder.File("source.onnx"));

        var compression = ModelCompressor.Compress(source, Schemes.Find("int4")!, folder.File("out.onnx"));

        CollectionAssert.AreEqual(new[] { "tied", "odd" }, compression.Left.Select(left => left.Name).ToArray());
        Assert.Contains("alone", compression.Left[0].Reason);
        Assert.Contains("odd number", compression.Left[1].Reason);
    }
}
