using System.Globalization;
using ModelGate.Measuring;
using ModelGate.Models;
using ModelGate.TestModels;
using ModelGate.Tests.Measuring.Latency;

namespace ModelGate.Tests.Measuring.Profiling;

/// <summary>The real worker under the real profiler.</summary>
[TestClass]
public sealed class ProfileMeasuringTests
{
    [TestMethod]
    public void ResNet50_takes_the_published_multiply_accumulates()
    {
        using var folder = new TemporaryFolder();
        Assert.AreEqual(4_089_184_256, Macs(Architectures.ResNet50().Save(folder.File("model.onnx"))), "4.1 G at 224 × 224");
    }

    [TestMethod]
    public void MobileNetV2_takes_the_published_multiply_accumulates()
    {
        using var folder = new TemporaryFolder();
        string path = Architectures.MobileNetV2().Save(folder.File("model.onnx"));
        Assert.AreEqual(3_504_872, ModelReader.Read(path).Tensors.Where(tensor => tensor.IsParameter).Sum(tensor => tensor.Elements), "the architecture is the published one");
        Assert.AreEqual(300_774_272, Macs(path), "0.3 G at 224 × 224");
    }

    [TestMethod]
    public void Shapes_come_from_the_runtime_and_attributes_from_the_file()
    {
        using var folder = new TemporaryFolder();
        string path = Onnx.Model(new OnnxGraph("many")
            .Input("image", DataTypes.Float32, "batch", "4", "9", "9").Input("sequence", DataTypes.Float32, "5", "batch", "6")
            .Initializer(Onnx.Weights("grouped", 8, 2, 3, 3), Onnx.Weights("transposed", 8, 3, 2, 2), Onnx.Weights("dense", 3, 7))
            .Initializer(Onnx.Weights("lstm.w", 1, 20, 6), Onnx.Weights("lstm.r", 1, 20, 5), Onnx.Weights("gru.w", 1, 15, 5), Onnx.Weights("gru.r", 1, 15, 5), Onnx.Weights("letters", 5, 11))
            .Node("Conv", "image grouped", "c", Onnx.Attribute("group", 2L), Onnx.Attribute("dilations", 2L, 2))
            .Node("ConvTranspose", "c transposed", "t", Onnx.Attribute("strides", 2L, 2))
            .Node("Constant", "", "unseen", Onnx.Attribute("value_float", 1f))
            .Node("GlobalAveragePool", "t", "p").Node("Flatten", "p", "f").Node("Gemm", "f dense", "y1")
            .Node("LSTM", "sequence lstm.w lstm.r", "l - -", Onnx.Attribute("hidden_size", 5L))
            .Initializer(Onnx.Ints("one", [1], 1)).Node("Squeeze", "l one", "ls")
            .Node("GRU", "ls gru.w gru.r", "g -", Onnx.Attribute("hidden_size", 5L))
            .Node("Einsum", "g letters", "y2", Onnx.Attribute("equation", "sdbh,hx->sbx"))
            .Output("y1", DataTypes.Float32, "batch", "7").Output("y2", DataTypes.Float32, "5", "batch", "11")).Save(folder.File("model.onnx"));
        var result = Measure(path, new WorkerInput("image", ["2", "4", "9", "9"], null, null, null));
        var count = result.Macs ?? throw new AssertFailedException(((Measurement.Failed)result.Measurements[0]).Reason);
        Assert.IsEmpty(count.WithoutFormula, string.Join(", ", count.WithoutFormula));
        var expected = new Dictionary<string, double>
        {
            ["Conv"] = 2.0 * 8 * 5 * 5 * 2 * 9,
            ["ConvTranspose"] = 2.0 * 8 * 5 * 5 * 3 * 4,
            ["Gemm"] = 2.0 * 3 * 7,
            ["LSTM"] = 5.0 * 2 * 4 * 5 * (6 + 5),
            ["GRU"] = 5.0 * 2 * 3 * 5 * (5 + 5),
            ["Einsum"] = 5.0 * 2 * 5 * 11,
        };
        CollectionAssert.AreEquivalent(expected.Select(one => $"{one.Key} {one.Value}").ToArray(), count.Operators.Select(one => $"{one.Operator} {one.Macs}").ToArray());
    }

    [TestMethod]
    public void The_body_of_a_loop_counts_each_time_it_runs()
    {
        using var folder = new TemporaryFolder();
        string path = Onnx.Model(new OnnxGraph("looping")
            .Input("x", DataTypes.Float32, "1", "4")
            .Initializer(Onnx.Ints("count", [], 3), Onnx.Header("go", DataTypes.Bool).Bytes(9, [1]), Onnx.Weights("w", 4, 4))
            .Node("Loop", "count go x", "y", Onnx.Attribute("body", new OnnxGraph("body")
                .Input("i", DataTypes.Int64).Input("more", DataTypes.Bool).Input("v", DataTypes.Float32, "1", "4")
                .Node("Identity", "more", "still").Node("MatMul", "v w", "u")
                .Output("still", DataTypes.Bool).Output("u", DataTypes.Float32, "1", "4")))
            .Output("y", DataTypes.Float32, "1", "4")).Save(folder.File("model.onnx"));
        Assert.AreEqual(3 * 16, Macs(path));
    }

    [TestMethod]
    public void An_operator_without_a_formula_leaves_the_count_unmeasured_and_is_named()
    {
        using var folder = new TemporaryFolder();
        string path = Onnx.Model(new OnnxGraph("determinant")
            .Input("x", DataTypes.Float32, "8", "2").Initializer(Onnx.Weights("w", 2, 3), Onnx.Weights("v", 2, 8))
            .Node("MatMul", "v x", "y").Node("Det", "y", "d").Node("MatMul", "x w", "z").Output("d", DataTypes.Float32)
            .Output("z", DataTypes.Float32, "8", "3")).Save(folder.File("model.onnx"));
        var result = Measure(path);
        var failed = (Measurement.Failed)result.Measurements[0];
        Assert.AreEqual("MG4012", failed.Kind.Code);
        Assert.Contains("no formula for Det; the rest of the model takes 80", failed.Reason);
        Assert.AreEqual("Det", result.Macs!.WithoutFormula.Single().Operator);
    }

    [TestMethod]
    public void Activations_are_the_tensors_that_live_at_once()
    {
        using var folder = new TemporaryFolder();
        // Two intermediate tensors of 4 MiB are alive when the third is made; weights are far smaller. No optimization can fuse any of it.
        string path = Onnx.Model(new OnnxGraph("live")
            .Input("x", DataTypes.Float32, "1024", "16").Initializer(Onnx.Weights("a", 16, 1024), Onnx.Weights("b", 16, 1024))
            .Node("MatMul", "x a", "p").Node("MatMul", "x b", "q").Node("Transpose", "q", "t", Onnx.Attribute("perm", 1L, 0)).Node("MatMul", "p t", "y")
            .Output("y", DataTypes.Float32, "1024", "1024")).Save(folder.File("model.onnx"));
        var exact = (Measurement.Exact)Workers.Measure(Workers.Request(path, Workers.Metrics("memory.activations")), Workers.Real).Measurements[0];
        Assert.AreEqual(3 * 4.0, exact.Value / (1 << 20), 0.5);
    }

    [TestMethod]
    public void Operators_are_timed_in_the_session_that_is_shipped()
    {
        using var folder = new TemporaryFolder();
        var request = Workers.Request(SmallModels.Convolutional().Save(folder.File("model.onnx")), []) with { ProfilesOperators = true };
        var times = Workers.Measure(request, Workers.Real).Operators!;
        Assert.IsGreaterThanOrEqualTo(3, times.Runs);
        Assert.IsGreaterThan(0, times.Total);
        Assert.AreEqual(2, times.Operators.Single(one => one.Operator is "FusedConv" or "Conv").Executions);
        Assert.IsTrue(times.Operators.All(one => one.Provider == "CPUExecutionProvider"));
    }

    [TestMethod]
    public void What_bounds_a_model_needs_its_structure()
    {
        using var folder = new TemporaryFolder();
        string path = SmallModels.Dense(256, 256).Save(folder.File("model.onnx"));
        var request = Workers.Request(path, Workers.Metrics("latency.bound", "macs"));
        Assert.AreEqual("MG3011", ((Measurement.Failed)Workers.Measure(request, Workers.Real).Measurements[0]).Kind.Code);
        var result = Workers.Measure(request with { Structure = ModelReader.Read(path) }, Workers.Real);
        Assert.IsInstanceOfType<Measurement.Sampled>(result.Measurements[0]);
        Assert.AreEqual(256 * 256, result.Bound!.Roofline.Macs);
        Assert.AreEqual((256 * 256 + 256) * sizeof(float), result.Bound.Roofline.Bytes);
    }

    [TestMethod]
    public void A_model_that_cannot_be_profiled_says_why()
    {
        using var folder = new TemporaryFolder();
        var failed = (Measurement.Failed)Measure(SmallModels.UnknownOperator().Save(folder.File("model.onnx"))).Measurements[0];
        Assert.AreEqual("MG4007", failed.Kind.Code, failed.Reason);
    }

    [TestMethod]
    [DataRow(null, null, null, "nobody says how large these open dimensions are, so they were set to 1: 'batch', 'seq', dimension 2 of 'x'")]
    [DataRow("2,?,?", null, null, "nobody says how large these open dimensions are, so they were set to 1: 'seq', dimension 2 of 'x'")]
    [DataRow("2,3,4", null, null, null)]
    [DataRow(null, "batch=2 seq=3", null, "nobody says how large these open dimensions are, so they were set to 1: dimension 2 of 'x'")]
    [DataRow("batch,seq,last", "batch=2 seq=3 last=4", null, null)]
    [DataRow(null, null, "x.npy", null)]
    public void Figures_that_rest_on_open_dimensions_of_1_say_so(string? shape, string? dimensions, string? data, string? note)
    {
        using var folder = new TemporaryFolder();
        string path = Onnx.Model(new OnnxGraph().Input("x", DataTypes.Float32, "batch", "seq", "").Input("mask", DataTypes.Float32, "batch", "seq", "4").Node("Add", "x mask", "y").Output("y", DataTypes.Float32, "batch", "seq", "4")).Save(folder.File("model.onnx"));
        var request = Workers.Request(path, Workers.Metrics("macs")) with
        {
            Structure = ModelReader.Read(path),
            Inputs = shape is null && data is null ? [] : [new("x", shape?.Split(','), null, null, null) { Data = data }],
            Dimensions = [.. (dimensions ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(static one => one.Split('=')).Select(static one => new WorkerDimension(one[0], long.Parse(one[1], CultureInfo.InvariantCulture)))],
        };

        Assert.AreEqual(note, OpenDimensions.Note(request));
    }

    [TestMethod]
    public void The_note_on_open_dimensions_comes_with_the_figures()
    {
        using var folder = new TemporaryFolder();
        string path = SmallModels.Convolutional().Save(folder.File("model.onnx"));

        var result = Workers.Measure(Workers.Request(path, Workers.Metrics("macs")) with { Structure = ModelReader.Read(path) }, Workers.Real);

        Assert.Contains("nobody says how large these open dimensions are, so they were set to 1: 'batch'", result.Notes.ToArray());
    }

    [TestMethod]
    [DataRow(0, 0.0)]
    [DataRow(1, 16.0)]
    [DataRow(null, 16.0, DisplayName = "a truth value alone is true where nobody says what it is, as a number is 1")]
    public void A_truth_value_that_decides_which_branch_runs_is_what_the_policy_says(int? value, double macs)
    {
        using var folder = new TemporaryFolder();
        string path = Onnx.Model(new OnnxGraph("merged").Input("x", DataTypes.Float32, "1", "4").Input("use_cache", DataTypes.Bool, "1").Initializer(Onnx.Weights("w", 4, 4))
            .Node("If", "use_cache", "y",
                Onnx.Attribute("then_branch", new OnnxGraph("then").Node("MatMul", "x w", "a").Output("a", DataTypes.Float32, "1", "4")),
                Onnx.Attribute("else_branch", new OnnxGraph("else").Node("Identity", "x", "b").Output("b", DataTypes.Float32, "1", "4")))
            .Output("y", DataTypes.Float32, "1", "4")).Save(folder.File("model.onnx"));

        Assert.AreEqual(macs, Macs(path, value is { } said ? [new("use_cache", null, null, said, said)] : []));
    }

    private static double Macs(string path, params WorkerInput[] inputs)
    {
        var measurement = Measure(path, inputs).Measurements[0];
        return measurement is Measurement.Exact exact ? exact.Value : throw new AssertFailedException(((Measurement.Failed)measurement).Reason);
    }

    private static LatencyResult Measure(string path, params WorkerInput[] inputs) =>
        Workers.Measure(Workers.Request(path, Workers.Metrics("macs")) with { Inputs = inputs }, Workers.Real);
}
