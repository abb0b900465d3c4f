using System.Runtime.InteropServices;
using ModelGate.Measuring;
using ModelGate.Models;
using ModelGate.TestModels;

namespace ModelGate.Tests.Measuring.Weights;

/// <summary>What the values of weights tell.</summary>
[TestClass]
public sealed class WeightContentTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [TestMethod]
    [DataRow(1)]
    [DataRow(3)]
    [DataRow(4)]
    [DataRow(37)]
    [DataRow(1000)]
    [DataRow(300_001)]
    public void Zeros_groups_and_denormals_are_those_of_a_plain_loop(int count)
    {
        var random = new Random(count);
        var floats = new float[count];
        for (var index = 0; index < count; index++) floats[index] = random.Next(4) switch { 0 => 0, 1 => -0f, 2 => 1e-41f * random.Next(-9, 9), _ => random.NextSingle() - 0.5f };

        var content = WeightContent.Of(Model(floats), entropy: false);

        Assert.AreEqual(count, content.Values);
        Assert.AreEqual(floats.LongCount(value => value == 0), content.Zeros);
        Assert.AreEqual(floats.LongCount(value => value != 0 && MathF.Abs(value) < 1.17549435e-38f), content.Denormals);
        Assert.AreEqual(floats.Chunk(4).LongCount(group => group.Length == 4 && group.Count(value => value == 0) >= 2), content.SparseGroups);
        Assert.AreEqual(count / 4, content.Groups);
    }

    [TestMethod]
    public void Every_floating_point_type_is_looked_at_and_codes_are_not()
    {
        DataType[] floats = [DataTypes.Float64, DataTypes.Float32, DataTypes.Float16, DataTypes.BFloat16, DataTypes.Float8E4M3FN, DataTypes.Float8E5M2];
        var graph = new OnnxGraph().Initializer(Onnx.Zeros("codes", DataTypes.Int8, 10, 10)).Node("MatMulInteger", "x codes", "y");
        foreach (var type in floats) graph.Initializer(Onnx.Zeros(type.Name, type, 10, 10)).Node("MatMul", $"x {type.Name}", $"y{type.Name}");

        var content = WeightContent.Of(Read(Onnx.Model(graph)), entropy: false);

        Assert.AreEqual((600L, 600L, 100L), (content.Values, content.Zeros, content.Unread));
        Assert.AreEqual((1.0, 1.0), (content.Sparsity, content.SparsityOfGroups));
    }

    [TestMethod]
    public void The_entropy_bound_is_nothing_for_one_value_and_everything_for_noise()
    {
        var noise = new byte[400_000];
        new Random(3).NextBytes(noise);

        Assert.AreEqual(0, WeightContent.Of(Model(new float[1000]), entropy: true).EntropyBound, 1e-9);
        Assert.AreEqual(400_000, WeightContent.Of(Model(MemoryMarshal.Cast<byte, float>(noise).ToArray()), entropy: true).EntropyBound, 2000);
        Assert.AreEqual(1000 / 8.0, WeightContent.Of(Model([.. Enumerable.Range(0, 1000).Select(index => index % 2 == 0 ? 1f : -1f)]), entropy: true).EntropyBound, 1e-6, "one bit each");
    }

    [TestMethod]
    public void Weights_that_repeat_others_are_found_wherever_they_lie_and_named_with_what_they_waste()
    {
        var values = Enumerable.Range(0, 300).Select(index => (float)index).ToArray();
        File.WriteAllBytes(folder.File("w.bin"), MemoryMarshal.AsBytes<float>(values).ToArray());
        var graph = new OnnxGraph().Initializer(Onnx.Floats("a", [300], values), Onnx.Header("packed", DataTypes.Float32, 300).Bytes(4, MemoryMarshal.AsBytes<float>(values).ToArray()))
            .Initializer(Onnx.External("c", DataTypes.Float32, [300], "w.bin"), Onnx.Weights("other", 300), Onnx.Floats("small", [2], 1, 2), Onnx.Floats("small again", [2], 1, 2));

        var duplicate = DuplicateWeights.Of(Read(Onnx.Model(graph))).Single();

        Assert.AreEqual(("a", "packed,c", 2400L), (duplicate.First.Name, string.Join(',', duplicate.Repeats.Select(tensor => tensor.Name)), duplicate.WastedBytes));
        Assert.AreEqual(600, Value("parameters.duplicate", folder.File("m.onnx")));
    }

    [TestMethod]
    public void Weights_that_are_stored_one_by_one_or_in_lists_are_held_against_each_other_as_well()
    {
        var values = Enumerable.Range(0, 1100).Select(static index => (float)index).ToArray();
        var codes = Enumerable.Range(0, 1100).Aggregate(Onnx.Header("codes", DataTypes.Int8, 1100, 1), static (tensor, index) => tensor.Varint(5, index % 100));
        var graph = new OnnxGraph().Initializer(codes, Onnx.Header("same", DataTypes.Int8, 1100, 1).Bytes(9, [.. Enumerable.Range(0, 1100).Select(static index => (byte)(index % 100))]))
            .Node("MatMulInteger", "x codes", "a").Node("MatMulInteger", "x same", "b");
        foreach (var output in new[] { "c", "d" }) graph.Node("LinearRegressor", "ai.onnx.ml", "x", output, Onnx.Attribute("coefficients", values));

        var duplicates = DuplicateWeights.Of(Read(Onnx.Model(graph, others: ("ai.onnx.ml", 3))));

        Assert.AreEqual("LinearRegressor_3.coefficients 4400, same 1100", string.Join(", ", duplicates.Select(static each => $"{each.Repeats.Single().Name} {each.WastedBytes}")));
    }

    [TestMethod]
    public void Metrics_of_the_values_are_measured_like_any_other()
    {
        Model([0, 0, 1, 1, 0, 1, 1, 1]);

        Assert.AreEqual((3 / 8.0, 0.5), (Value("sparsity", folder.File("m.onnx")), Value("sparsity.2_4", folder.File("m.onnx"))));
    }

    [TestMethod]
    public void Where_all_weights_are_codes_their_zeros_are_not_known()
    {
        Read(Onnx.Model(new OnnxGraph().Initializer(Onnx.Zeros("codes", DataTypes.Int8, 10, 10)).Node("MatMulInteger", "x codes", "y")));

        Assert.AreEqual(Diagnostics.FormatNotMeasurable, Assert.IsInstanceOfType<Measurement.Failed>(Measure("sparsity", folder.File("m.onnx"))).Kind);
    }

    [TestMethod]
    public void A_file_that_became_shorter_is_told()
    {
        var model = Model(new float[1000]);
        using (var file = File.OpenWrite(folder.File("m.onnx"))) file.SetLength(2000);

        Assert.AreEqual(Diagnostics.ModelChanged, Assert.ThrowsExactly<ModelException>(() => WeightContent.Of(model, entropy: false)).Kind);
    }

    [TestMethod]
    public void External_data_is_held_against_its_checksum_where_it_is_read()
    {
        File.WriteAllBytes(folder.File("w.bin"), new byte[16]);

        Assert.AreEqual(4, WeightContent.Of(Checked("e129f27c5103bc5cc44bcdf0a15e160d445066ff"), entropy: false).Values);
        Assert.AreEqual(Diagnostics.ExternalDataChecksum, Assert.ThrowsExactly<ModelException>(() => WeightContent.Of(Checked("0000"), entropy: false)).Kind);

        ModelFile Checked(string checksum) => Read(Onnx.Model(new OnnxGraph().Initializer(Onnx.External("w", DataTypes.Float32, [4], "w.bin").Nested(13, Onnx.Entry("checksum", checksum))).Node("PRelu", "x w", "y")));
    }

    private ModelFile Model(float[] values) => Read(Onnx.Model(new OnnxGraph().Initializer(Onnx.Floats("w", [values.Length], values)).Node("PRelu", "x w", "y")));

    private ModelFile Read(Message model) => ModelReader.Read(model.Save(folder.File("m.onnx")));

    private static double Value(string metric, string path) => Assert.IsInstanceOfType<Measurement.Exact>(Measure(metric, path)).Value;

    private static Measurement Measure(string metric, string path) => new StaticMeasuring().Measure(path, [MetricCatalogue.Find(metric)!]).Single();
}
