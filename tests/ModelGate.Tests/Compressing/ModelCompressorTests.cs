using ModelGate.Compressing;
using ModelGate.Models;
using ModelGate.TestModels;

namespace ModelGate.Tests.Compressing;

/// <summary>What is written: that it loads, runs, agrees with the source, keeps what it must keep, and weighs what was foretold.</summary>
[TestClass]
public sealed class ModelCompressorTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    public static IEnumerable<object[]> SchemeNames => Schemes.All.Select(scheme => new object[] { scheme.Name });

    [TestMethod]
    [DynamicData(nameof(SchemeNames))]
    public void Written_model_runs_agrees_and_weighs_what_was_foretold(string scheme)
    {
        var source = Layers().Save(folder.File("source.onnx"));
        var foretold = ModelCompressor.Predict(source, Schemes.Find(scheme)!, folder.File("out.onnx"));

        var compression = Compress(source, scheme);

        Assert.AreEqual(foretold.SizeAfter, compression.SizeAfter);
        Assert.AreEqual(new FileInfo(compression.Output).Length, compression.SizeAfter);
        Assert.IsLessThan(compression.SizeBefore, compression.SizeAfter);
        AssertAgree(source, compression, 0.95);
    }

    [TestMethod]
    public void A_source_that_is_written_to_meanwhile_leaves_no_output()
    {
        var source = Onnx.Model(new OnnxGraph().Input("x", DataTypes.Float32, "n", "1024").Initializer(Onnx.Weights("w", 1024, 4096)).Node("MatMul", "x w", "y").Output("y", DataTypes.Float32, "n", "4096")).Save(folder.File("source.onnx"));
        using var ended = new ManualResetEventSlim();
        var writing = Task.Run(() =>
        {
            for (int second = 0; !ended.Wait(1); second++)
                File.SetLastWriteTimeUtc(source, DateTime.UnixEpoch.AddSeconds(second));
        });
        Assert.IsTrue(SpinWait.SpinUntil(() => File.GetLastWriteTimeUtc(source).Year < 2000, TimeSpan.FromSeconds(30)), "Nobody writes to it.");

        var refused = Assert.ThrowsExactly<ModelException>(() => Compress(source, "int8"));

        ended.Set();
        writing.Wait();
        Assert.AreEqual(Diagnostics.ModelChanged, refused.Kind);
        Assert.AreEqual("source.onnx", string.Join(' ', Directory.GetFileSystemEntries(folder.Path).Select(Path.GetFileName)));
    }

    [TestMethod]
    [DataRow(13L, "")]
    [DataRow(11L, "com.microsoft")]
    public void Operator_set_is_not_raised(long opset, string domain)
    {
        var source = Layers(opset).Save(folder.File("source.onnx"));

        var compression = Compress(source, "int8");

        var imported = OnnxParserOf(compression.Output).OperatorSets;
        Assert.AreEqual(opset, imported[0].Version);
        Assert.AreEqual(domain.Length > 0 ? 2 : 1, imported.Count);
        AssertAgree(source, compression, 0.99);
    }

    [TestMethod]
    public void Embedding_is_looked_up_as_codes_and_stays_tied_to_its_other_use()
    {
        var graph = new OnnxGraph().Input("ids", DataTypes.Int64, "n")
            .Initializer(Onnx.Weights("table", 500, 32))
            .Node("Gather", "table ids", "rows")
            .Node("Transpose", "table", "turned", Onnx.Attribute("perm", 1L, 0))
            .Node("MatMul", "rows turned", "logits").Output("logits", DataTypes.Float32, "n", "500");
        var source = Onnx.Model(graph).Save(folder.File("source.onnx"));

        var compression = Compress(source, "int8");

        var tensors = ModelReader.Read(compression.Output).Tensors;
        Assert.AreEqual("500,32", string.Join(",", tensors.Single(tensor => tensor.Type == DataTypes.Int8).Dims));
        Assert.HasCount(2, tensors);
        AssertAgree(source, compression, 0.999);
    }

    [TestMethod]
    [DataRow("fp16")]
    [DataRow("int8")]
    public void Weights_in_Constant_nodes_and_subgraphs_are_converted(string scheme)
    {
        var body = new OnnxGraph("body").Initializer(Onnx.Weights("inner", 32, 32)).Node("MatMul", "x inner", "then_y").Output("then_y", DataTypes.Float32, "n", "32");
        var other = new OnnxGraph("other")
            .Node("Constant", "", "held", Onnx.TensorAttribute("value", Onnx.Weights("", 32, 32))).Node("MatMul", "x held", "else_y").Output("else_y", DataTypes.Float32, "n", "32");
        var graph = new OnnxGraph().Input("x", DataTypes.Float32, "n", "32").Input("flag", DataTypes.Int32, "1")
            .Node("Cast", "flag", "choice", Onnx.Attribute("to", 9L))
            .Node("If", "choice", "y", Onnx.Attribute("then_branch", body), Onnx.Attribute("else_branch", other)).Output("y", DataTypes.Float32, "n", "32");
        var source = Onnx.Model(graph).Save(folder.File("source.onnx"));

        var compression = Compress(source, scheme);

        CollectionAssert.AreEquivalent(new[] { "inner", "held" }, compression.Converted.Select(weight => weight.Name).ToArray());
        AssertAgree(source, compression, 0.999);
    }

    [TestMethod]
    public void Unknown_fields_metadata_and_documentation_are_kept()
    {
        var weight = Onnx.Weights("w", 64, 64).Text(12, "documentation of w").Nested(16, Onnx.Entry("origin", "metadata of w")).Varint(99, 7);
        var model = Onnx.Model(new OnnxGraph().Input("x", DataTypes.Float32, "n", "64").Initializer(weight).Node("MatMul", "x w", "y").Output("y", DataTypes.Float32, "n", "64"))
            .Nested(14, Onnx.Entry("author", "metadata of the model")).Text(1000, "unknown to everyone");
        var source = model.Save(folder.File("source.onnx"));

        var compression = Compress(source, "int8");

        var written = File.ReadAllText(compression.Output, System.Text.Encoding.Latin1);
        foreach (var kept in (string[])["documentation of w", "metadata of w", "metadata of the model", "unknown to everyone"])
            Assert.Contains(kept, written);
        AssertAgree(source, compression, 0.999);
    }

    [TestMethod]
    public void External_data_stays_external_in_a_file_of_its_own()
    {
        var bytes = new byte[64 * 64 * 4 + 64 * 4];
        new Random(5).NextBytes(bytes);
        for (var at = 3; at < bytes.Length; at += 4) bytes[at] = (byte)(0x3C | (bytes[at] & 0x80)); // floats of about a hundredth
        File.WriteAllBytes(folder.File("source.bin"), bytes);
        var source = Onnx.Model(new OnnxGraph().Input("x", DataTypes.Float32, "n", "64")
            .Initializer(Onnx.External("w", DataTypes.Float32, [64, 64], "source.bin", "0", $"{64 * 64 * 4}"), Onnx.External("b", DataTypes.Float32, [64], "source.bin", $"{64 * 64 * 4}", $"{64 * 4}"))
            .Node("Gemm", "x w b", "y").Output("y", DataTypes.Float32, "n", "64")).Save(folder.File("source.onnx"));

        var compression = Compress(source, "int8");

        Assert.AreEqual(new FileInfo(compression.Output).Length + new FileInfo(compression.Output + ".data").Length, compression.SizeAfter);
        Assert.AreEqual(ModelCompressor.Predict(source, compression.Scheme, compression.Output).SizeAfter, compression.SizeAfter);
        Assert.AreEqual(compression.Output + ".data", ModelReader.Read(compression.Output).ExternalFiles.Single().Path);
        CollectionAssert.AreEqual(bytes, File.ReadAllBytes(folder.File("source.bin")));
        AssertAgree(source, compression, 0.999);
    }

    [TestMethod]
    [DataRow("scale", 1e6f, "it holds values beyond 65504, the largest of float16")]
    [DataRow("variance", 3e-9f, "it holds variances so small that float16 keeps less than two digits of them")]
    [DataRow("w", 1e-7f, "its values are so small that float16 keeps less than two digits of them", true)]
    [DataRow("w", 3e-9f, null, DisplayName = "few values among larger ones are nothing beside them")]
    [DataRow("shift", 3e-9f, null, DisplayName = "nor is what is added")]
    public void What_float16_cannot_hold_stays_in_float_and_is_named(string tensor, float value, string? reason, bool isAll = false)
    {
        const int Channels = 256;
        string[] names = ["w", "scale", "shift", "mean", "variance"];
        var weights = names.Select(name => Onnx.Floats(name, name == "w" ? [Channels, 4, 1, 1] : [Channels], [.. Enumerable.Range(0, name == "w" ? Channels * 4 : Channels)
            .Select(at => name == tensor && (isAll || at == 3) ? value : 0.5f + (at % 7 * 0.125f))]));
        var source = Onnx.Model(new OnnxGraph().Input("x", DataTypes.Float32, "n", "4", "4", "4").Initializer(weights)
            .Node("Conv", "x w", "c").Node("BatchNormalization", "c scale shift mean variance", "y", Onnx.Attribute("epsilon", 1e-12f)).Output("y", DataTypes.Float32, "n", "256", "4", "4")).Save(folder.File("source.onnx"));

        var compression = Compress(source, "fp16");

        Assert.AreEqual(reason, compression.Left.SingleOrDefault(left => left.Name == tensor)?.Reason);
        Assert.HasCount(names.Length - (reason is null ? 0 : 1), compression.Converted);
        Assert.AreEqual(ModelCompressor.Predict(source, compression.Scheme, compression.Output).SizeAfter, compression.SizeAfter);
        Assert.AreEqual(new FileInfo(compression.Output).Length, compression.SizeAfter);
        if (reason is not null) AssertAgree(source, compression, 0.9999);
    }

    [TestMethod]
    public void Weights_that_are_not_finite_stay_and_are_named()
    {
        var source = Onnx.Model(new OnnxGraph().Input("x", DataTypes.Float32, "n", "32")
            .Initializer(Onnx.Weights("good", 32, 32), Onnx.Floats("bad", [32, 32], [float.NaN, .. Enumerable.Repeat(1f, 1023)]))
            .Node("MatMul", "x good", "m").Node("MatMul", "m bad", "y").Output("y", DataTypes.Float32, "n", "32")).Save(folder.File("source.onnx"));

        var compression = Compress(source, "int8");

        Assert.AreEqual("good", compression.Converted.Single().Name);
        Assert.AreEqual("it holds NaN or infinity", compression.Left.Single(left => left.Name == "bad").Reason);
        Assert.AreEqual(ModelCompressor.Predict(source, compression.Scheme, compression.Output).SizeAfter, compression.SizeAfter);
        Assert.AreEqual(new FileInfo(compression.Output).Length, compression.SizeAfter);
    }

    [TestMethod]
    public void What_stays_in_floating_point_has_a_reason()
    {
        var compression = Compress(Layers().Save(folder.File("source.onnx")), "int8");

        Assert.AreEqual("it is a bias", compression.Left.Single(left => left.Name == "conv.bias").Reason);
        Assert.IsTrue(compression.Left.All(left => left.Reason.Length > 0));
    }

    [TestMethod]
    public void Initializers_that_old_models_declare_as_inputs_are_replaced_there_too()
    {
        var source = Onnx.Model(new OnnxGraph().Input("x", DataTypes.Float32, "n", "32").Input("w", DataTypes.Float32, "32", "32")
            .Initializer(Onnx.Weights("w", 32, 32)).Node("MatMul", "x w", "y").Output("y", DataTypes.Float32, "n", "32"), opset: 8, ir: 3).Save(folder.File("source.onnx"));

        var compression = Compress(source, "int8");

        Assert.AreEqual("x", string.Join(" ", ModelReader.Read(compression.Output).Inputs.Select(input => input.Name)));
        AssertAgree(source, compression, 0.999);
    }

    [TestMethod]
    public void Quantized_models_are_refused_by_name()
    {
        var source = Compress(Layers().Save(folder.File("source.onnx")), "int8").Output;

        var refused = Assert.ThrowsExactly<ModelException>(() => ModelCompressor.Compress(source, Schemes.Find("fp16")!, folder.File("again.onnx")));

        Assert.AreEqual(Diagnostics.AlreadyQuantized, refused.Kind);
        Assert.Contains("DequantizeLinear", refused.Message);
    }

    [TestMethod]
    public void Activations_are_quantized_once_for_all_that_they_are_multiplied_with()
    {
        // The weights stand in another order than the nodes that use them.
        var source = Onnx.Model(new OnnxGraph().Input("x", DataTypes.Float32, "n", "64")
            .Initializer(Onnx.Weights("value", 64, 64), Onnx.Weights("output", 64, 64), Onnx.Weights("key", 64, 64), Onnx.Weights("query", 64, 64))
            .Node("MatMul", "x query", "q").Node("MatMul", "x key", "k").Node("MatMul", "x value", "v")
            .Node("Add", "q k", "qk").Node("Add", "qk v", "qkv").Node("MatMul", "qkv output", "y").Output("y", DataTypes.Float32, "n", "64")).Save(folder.File("source.onnx"));

        var compression = Compress(source, "int8-dynamic");

        var written = OnnxParserOf(compression.Output);
        string[] operators = [.. written.Graph!.Nodes.Select(node => written.Names.Text(node.Operator))];
        Assert.AreEqual(4, operators.Count(name => name == "MatMulInteger"));
        Assert.AreEqual(2, operators.Count(name => name == "DynamicQuantizeLinear"));
        Assert.AreEqual(new FileInfo(compression.Output).Length, ModelCompressor.Predict(source, compression.Scheme, compression.Output).SizeAfter);
        AssertAgree(source, compression, 0.99);
    }

    [TestMethod]
    public void Source_is_never_written_over()
    {
        var source = Layers().Save(folder.File("source.onnx"));
        var before = File.ReadAllBytes(source);

        foreach (var output in (string[])[source, Path.Combine(folder.Path, ".", "source.onnx")])
            Assert.AreEqual(Diagnostics.Usage, Assert.ThrowsExactly<ModelException>(() => ModelCompressor.Compress(source, Schemes.Find("int8")!, output)).Kind);

        CollectionAssert.AreEqual(before, File.ReadAllBytes(source));
    }

    [TestMethod]
    public void Interrupted_writing_leaves_nothing_behind()
    {
        var source = Layers().Save(folder.File("source.onnx"));
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();

        Assert.ThrowsExactly<OperationCanceledException>(() => ModelCompressor.Compress(source, Schemes.Find("int8")!, folder.File("out.onnx"), cancelled.Token));

        CollectionAssert.AreEqual(new[] { source }, Directory.GetFiles(folder.Path));
    }

    [TestMethod]
    public void ResNet50_in_int8_is_at_least_3_9_times_smaller()
    {
        var source = Architectures.ResNet50().Save(folder.File("resnet50.onnx"));

        var compression = Compress(source, "int8");

        Assert.IsGreaterThanOrEqualTo(3.9, compression.Ratio);
        Assert.AreEqual(new FileInfo(compression.Output).Length, compression.SizeAfter);
        Assert.AreEqual(ModelCompressor.Predict(source, compression.Scheme, compression.Output).SizeAfter, compression.SizeAfter);
    }

    [TestMethod]
    public void BertBase_in_int8_is_at_least_3_9_times_smaller_and_in_int4_6_times()
    {
        var source = Architectures.BertBase().Save(folder.File("bert.onnx"));
        Assert.AreEqual(109_482_240, ModelReader.Read(source).Tensors.Where(tensor => tensor.IsParameter).Sum(tensor => tensor.LogicalElements));

        Assert.IsGreaterThanOrEqualTo(3.9, ModelCompressor.Predict(source, Schemes.Find("int8")!, folder.File("out.onnx")).Ratio);
        Assert.IsGreaterThanOrEqualTo(6, ModelCompressor.Predict(source, Schemes.Find("int4")!, folder.File("out.onnx")).Ratio);
    }

    [TestMethod]
    public void ResNet50s_one_matrix_in_int4_is_at_least_6_times_smaller()
    {
        var source = Architectures.ResNet50().Save(folder.File("resnet50.onnx"));

        var compression = ModelCompressor.Predict(source, Schemes.Find("int4")!, folder.File("out.onnx"));

        Assert.AreEqual("fc.weight", compression.Converted.Single().Name);
        var left = compression.SizeBefore - compression.Converted[0].Bytes;
        Assert.IsGreaterThanOrEqualTo(6.0, (double)compression.Converted[0].Bytes / (compression.SizeAfter - left));
    }

    private Compression Compress(string source, string scheme) => ModelCompressor.Compress(source, Schemes.Find(scheme)!, folder.File("out.onnx"));

    private static ModelGate.Models.Onnx.OnnxModel OnnxParserOf(string path)
    {
        using var stream = File.OpenRead(path);
        return ModelGate.Models.Onnx.OnnxParser.Parse(stream, stream.Length);
    }

    private static void AssertAgree(string source, Compression compression, double cosine)
    {
        using var inputs = SeededInputs.For(source, (_, _) => 1);
        Assert.IsGreaterThanOrEqualTo(cosine, Agreement.Of(OnnxRuntime.Run(source, inputs), OnnxRuntime.Run(compression.Output, inputs)).Cosine);
    }

    // A weight of every kind of operator that is converted.
    private static Message Layers(long opset = 17) => Onnx.Model(new OnnxGraph("layers")
        .Input("image", DataTypes.Float32, "n", "8", "16", "16")
        .Initializer(Onnx.Weights("conv.weight", 16, 8, 3, 3), Onnx.Weights("conv.bias", 16), Onnx.Weights("up.weight", 16, 8, 2, 2), Onnx.Weights("fc1", 2048, 64), Onnx.Weights("fc1.bias", 64))
        .Initializer(Onnx.Weights("fc2", 96, 64), Onnx.Weights("fc2.bias", 96), Onnx.Weights("mix", 96, 40))
        .Node("Conv", "image conv.weight conv.bias", "c", Onnx.Attribute("strides", 2L, 2), Onnx.Attribute("pads", 1L, 1, 1, 1))
        .Node("Relu", "c", "r")
        .Node("ConvTranspose", "r up.weight", "u", Onnx.Attribute("strides", 2L, 2))
        .Node("Flatten", "u", "flat")
        .Node("Gemm", "flat fc1 fc1.bias", "g1")
        .Node("Gemm", "g1 fc2 fc2.bias", "g2", Onnx.Attribute("transB", 1L))
        .Node("MatMul", "g2 mix", "y")
        .Output("y", DataTypes.Float32, "n", "40"), opset);
}
