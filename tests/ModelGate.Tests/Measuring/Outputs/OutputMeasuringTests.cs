using ModelGate.Measuring;
using ModelGate.Models;
using ModelGate.TestModels;
using ModelGate.Tests.Measuring.Latency;

namespace ModelGate.Tests.Measuring.Outputs;

/// <summary>Two models on the same inputs, through the real worker and the real runtime.</summary>
[TestClass]
public sealed class OutputMeasuringTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [TestMethod]
    public void A_model_agrees_with_itself_in_everything()
    {
        var fidelity = Compare(SmallModels.Convolutional(), SmallModels.Convolutional());

        var output = fidelity.Outputs.Single();
        Assert.AreEqual(16, fidelity.Samples);
        Assert.AreEqual("16 seeded random inputs", fidelity.Inputs);
        Assert.AreEqual(160, output.Elements);
        Assert.AreEqual(1, output.Cosine);
        Assert.AreEqual(0, output.MaxError);
        Assert.AreEqual(1, output.Top1);
        Assert.IsNull(fidelity.Obstacle);
    }

    [TestMethod]
    [DataRow("batch", "batch", "'batch'")]
    [DataRow("batch", "3", null, DisplayName = "fixed by the other model")]
    [DataRow("3", "batch", null)]
    public void Outputs_on_the_smallest_inputs_say_so(string size, string sizeOfOther, string? open)
    {
        string model = Negated(size).Save(folder.File("model.onnx")), other = Negated(sizeOfOther).Save(folder.File("other.onnx"));

        var result = OutputMeasuring.Measure(Workers.Request(model, []) with { Structure = ModelReader.Read(model) }, new(other, ModelReader.Read(other)), Workers.Real, CancellationToken.None);

        Assert.IsNull(result.Failure, result.Failure?.Reason);
        CollectionAssert.AreEqual(open is null ? (string[])[] : [$"nobody says how large these open dimensions are, so they were set to 1: {open}"], result.Notes.ToArray());

        static Message Negated(string size) => Onnx.Model(new OnnxGraph().Input("x", DataTypes.Float32, size, "2").Node("Neg", "x", "y").Output("y", DataTypes.Float32, size, "2"));
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Models_that_take_no_plain_tensors_are_compared_like_others(bool isMap)
    {
        var output = Compare(isMap ? InputModels.Map() : InputModels.Sequence(), isMap ? InputModels.Map() : InputModels.Sequence()).Outputs.Single();

        Assert.IsGreaterThan(0, output.Elements);
        Assert.AreEqual(1, output.Cosine);
    }

    [TestMethod]
    public void Every_figure_is_the_one_of_its_formula()
    {
        // 3-4 against 0-5: Σx² = 25, Σ(x − x̂)² = 10, Σx̂² = 25, dot 20.
        var fidelity = Compare(Constant(0, 5), Constant(3, 4));

        var output = fidelity.Outputs.Single();
        Assert.AreEqual(20.0 / 25, output.Cosine, 1e-12);
        Assert.AreEqual(3, output.MaxError);
        Assert.AreEqual(Math.Sqrt(10.0 / 25), output.RelativeError, 1e-12);
        Assert.AreEqual(10 * Math.Log10(2.5), output.Sqnr, 1e-12);
        Assert.AreEqual(1, output.Top1, "the second class wins in both");
    }

    [TestMethod]
    public void The_same_request_gives_the_same_figures()
    {
        string model = Altered().Save(folder.File("model.onnx")), other = SmallModels.Convolutional().Save(folder.File("other.onnx"));

        var (once, again, elsewhere) = (Compare(model, other), Compare(model, other), Compare(model, other, seed: 100));

        Assert.AreEqual(once.Outputs[0], again.Outputs[0]);
        Assert.AreNotEqual(once.Outputs[0].Noise, elsewhere.Outputs[0].Noise);
        Assert.IsGreaterThan(0, once.Total.Noise);
    }

    [TestMethod]
    public void Samples_come_from_a_file_one_after_the_other_and_are_held_against_its_labels()
    {
        // y = x·w: the first class wins where the first value is the larger one; the other model has its classes the other way round.
        string model = Product(1, 0, 0, 1).Save(folder.File("model.onnx")), other = Product(0, 1, 1, 0).Save(folder.File("other.onnx"));
        string samples = NumpyFiles.Save(folder.File("samples.npz"), ("x", NumpyFiles.Floats([3, 2], 9, 1, 1, 9, 7, 3)), ("labels", NumpyFiles.Longs([3], 0, 1, 1)));

        var fidelity = Compare(model, other, samples);

        Assert.AreEqual("3 samples of samples.npz", fidelity.Inputs);
        Assert.AreEqual(0, fidelity.Total.Top1);
        Assert.AreEqual(new Accuracy(3, Correct: 2, CorrectOfOther: 1), fidelity.Accuracy);
    }

    [TestMethod]
    [DataRow(2)]
    [DataRow(4)]
    public void As_many_labels_as_classes_were_chosen_or_none(int labels)
    {
        string model = Product(1, 0, 0, 1).Save(folder.File("model.onnx"));
        string samples = NumpyFiles.Save(folder.File("samples.npz"), ("x", NumpyFiles.Floats([3, 2], 9, 1, 1, 9, 7, 3)), ("labels", NumpyFiles.Longs([labels], new long[labels])));

        Assert.Contains($"it holds {labels} labels, and the models chose 3 classes", Fail(model, samples).Reason);
    }

    [TestMethod]
    public void Where_time_runs_out_it_is_told_how_many_samples_were_compared()
    {
        string model = Product(1, 0, 0, 1).Save(folder.File("model.onnx"));
        string samples = NumpyFiles.Save(folder.File("samples.npz"), ("x", NumpyFiles.Floats([2_000_000, 2], new float[4_000_000])));

        var failure = Fail(model, samples, maxTime: 3);

        Assert.AreEqual("MG4005", failure.Kind.Code, failure.Reason);
        StringAssert.Matches(failure.Reason, new("it had compared [0-9,]+ of 2,000,000 samples"));
    }

    [TestMethod]
    public void Samples_that_would_take_far_longer_than_they_may_are_not_waited_for()
    {
        var failure = Measure(Workers.Request("compares without end", []), "other.onnx", Workers.Faulty).Failure!;

        Assert.AreEqual("MG4005", failure.Kind.Code, failure.Reason);
        StringAssert.Matches(failure.Reason, new("^it had compared 3,000 of 25,000,000 samples after [0-9.]+ s, so all of them need about [0-9]+ s; max_time is 60 s\\.$"));
    }

    [TestMethod]
    public void Samples_come_in_batches_as_large_as_either_model_fixes_them()
    {
        string open = Product(1, 0, 0, 1).Save(folder.File("open.onnx")), ofTwo = Product("2", 1, 0, 0, 1).Save(folder.File("two.onnx"));
        string samples = NumpyFiles.Save(folder.File("samples.npz"), ("x", NumpyFiles.Floats([4, 2], 9, 1, 1, 9, 7, 3, 3, 7)));

        Assert.AreEqual(2, Compare(open, ofTwo, samples).Samples);
        Assert.AreEqual(2, Compare(ofTwo, open, samples).Samples);
    }

    [TestMethod]
    public void Samples_that_are_not_there_are_told_without_the_path_of_this_machine() =>
        Assert.AreEqual("nowhere.npz cannot be used as an input: there is no such file", Fail(Product(1, 0, 0, 1).Save(folder.File("model.onnx")), folder.File("nowhere.npz")).Reason);

    [TestMethod]
    public void Samples_that_do_not_fit_the_model_are_refused()
    {
        string model = Product(1, 0, 0, 1).Save(folder.File("model.onnx"));

        Assert.Contains("'x' is [?, 2] in the model and [4, 3] in it", Fail(model, NumpyFiles.Save(folder.File("a.npz"), ("x", NumpyFiles.Floats([4, 3], new float[12])))).Reason);
        Assert.Contains("'x' is float in the model and int64 in it", Fail(model, NumpyFiles.Save(folder.File("b.npz"), ("x", NumpyFiles.Longs([4, 2], new long[8])))).Reason);
        Assert.Contains("it has no array 'x'; it has y", Fail(model, NumpyFiles.Save(folder.File("c.npz"), ("y", NumpyFiles.Floats([4, 2], new float[8])))).Reason);
        Assert.Contains("an array in it ends before the last of its 4 samples", Fail(model, NumpyFiles.Save(folder.File("d.npz"), ("x", NumpyFiles.Floats([4, 2], new float[7])))).Reason);
    }

    [TestMethod]
    public void Rows_of_scores_are_told_by_shape_and_name()
    {
        Assert.AreEqual(16, Predictions("y", "1", "5"), "[batch, classes]");
        Assert.AreEqual(0, Predictions("y", "1", "1"), "a single value is no choice");
        Assert.AreEqual(0, Predictions("hidden", "1", "3", "5"), "states of a sequence");
        Assert.AreEqual(48, Predictions("logits", "1", "3", "5"), "a class for each place in a sequence");

        long Predictions(string output, params string[] dims)
        {
            var model = Onnx.Model(new OnnxGraph().Input("x", DataTypes.Float32, dims).Node("Neg", "x", output).Output(output, DataTypes.Float32, dims));
            return Compare(model, model).Total.Predictions;
        }
    }

    [TestMethod]
    public void Values_that_are_not_finite_on_one_side_only_are_told()
    {
        var broken = Compare(Constant(float.NaN, 5), Constant(3, 5));
        var alike = Compare(Constant(float.NaN, 5), Constant(float.NaN, 5));

        Assert.AreEqual("output 'y': 16 values are NaN or infinite in one model and not in the other", broken.Obstacle);
        Assert.AreEqual(16, broken.Total.Elements);
        Assert.IsNull(alike.Obstacle);
        Assert.AreEqual(16, alike.Total.NotFinite);
    }

    [TestMethod]
    public void Outputs_that_only_one_has_or_that_differ_in_shape_are_told()
    {
        var wide = Onnx.Model(new OnnxGraph().Input("x", DataTypes.Float32, "1", "4").Node("Neg", "x", "y").Node("Abs", "x", "z").Output("y", DataTypes.Float32, "1", "4").Output("z", DataTypes.Float32, "1", "4"));
        var turned = Onnx.Model(new OnnxGraph().Input("x", DataTypes.Float32, "1", "4").Node("Transpose", "x", "y").Output("y", DataTypes.Float32, "4", "1"));

        CollectionAssert.AreEqual(
            new[] { "its shape is [4, 1] in the model and [1, 4] in the other model", "only the other model has it" },
            Compare(turned, wide).Outputs.Select(output => output.Obstacle).ToArray());
    }

    [TestMethod]
    public void Models_that_crash_hang_or_take_other_inputs_leave_one_reason()
    {
        string model = SmallModels.Dense().Save(folder.File("model.onnx")), other = SmallModels.Dense(5, 2).Save(folder.File("other.onnx"));

        Assert.AreEqual(Diagnostics.InputsDiffer, Measure(Workers.Request(model, []), other).Failure!.Kind);
        Assert.AreEqual(Diagnostics.WorkerTimedOut, Measure(Workers.Request("hang", [], maxTime: 0.5), other, Workers.Faulty).Failure!.Kind);
        Assert.AreEqual(Diagnostics.WorkerCrashed, Measure(Workers.Request("segfault", []), other, Workers.Faulty).Failure!.Kind);
    }

    private ModelFidelity Compare(Message model, Message other) => Compare(model.Save(folder.File("model.onnx")), other.Save(folder.File("other.onnx")));

    private static ModelFidelity Compare(string model, string other, string? samples = null, int seed = 1)
    {
        var result = Measure(Workers.Request(model, []) with { Seed = seed }, other, samples: samples);
        Assert.IsNull(result.Failure, result.Failure?.Reason);
        return result.Fidelity!;
    }

    private static WorkerFailure Fail(string model, string samples, double maxTime = 60) => Measure(Workers.Request(model, [], maxTime: maxTime), model, samples: samples).Failure!;

    private static OutputResult Measure(LatencyRequest request, string other, WorkerHost? host = null, string? samples = null) =>
        OutputMeasuring.Measure(request, new(other, null) { Samples = samples }, host ?? Workers.Real, CancellationToken.None);

    // y = c, whatever x is.
    private static Message Constant(params float[] values) => Onnx.Model(new OnnxGraph().Input("x", DataTypes.Float32, "1", "2")
        .Initializer(Onnx.Floats("c", [1, 2], values), Onnx.Floats("zero", [1, 2], 0, 0)).Node("Mul", "x zero", "nothing").Node("Add", "nothing c", "y").Output("y", DataTypes.Float32, "1", "2"));

    private static Message Product(params float[] values) => Product("n", values);

    private static Message Product(string batch, params float[] values) => Onnx.Model(new OnnxGraph().Input("x", DataTypes.Float32, batch, "2")
        .Initializer(Onnx.Floats("w", [2, 2], values)).Node("MatMul", "x w", "y").Output("y", DataTypes.Float32, batch, "2"));

    // The classifier with its answer changed a little.
    private static Message Altered() => Onnx.Model(new OnnxGraph().Input("image", DataTypes.Float32, "batch", "3", "32", "32")
        .Initializer(Onnx.Weights("w", 10, 3, 32, 32)).Node("Conv", "image w", "c").Node("Flatten", "c", "logits").Output("logits", DataTypes.Float32, "batch", "10"));
}
