using ModelGate.Comparing;
using ModelGate.Measuring;
using ModelGate.Models;
using ModelGate.TestModels;

namespace ModelGate.Tests.Comparing;

/// <summary>What becomes of the tensors of one model in another, by name and then by content.</summary>
[TestClass]
public sealed class TensorComparisonTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [TestMethod]
    public void Each_tensor_is_told_once_by_name_then_by_content()
    {
        var comparison = Compare(
            [Onnx.Weights("kept", 4, 4), Onnx.Weights("old name", 4, 5), Onnx.Floats("moved", [3], 1, 2, 3), Onnx.Weights("reshaped", 2, 8), Onnx.Weights("gone", 7)],
            [Onnx.Weights("kept", 4, 4), Onnx.Floats("moved", [3], 1, 2, 3.5f), Onnx.Weights("reshaped", 4, 8), Onnx.Weights("new name", 4, 5), Onnx.Weights("fresh", 9)]);

        CollectionAssert.AreEqual(
            new[] { "kept Identical", "moved Changed", "reshaped Changed", "new name Renamed", "fresh Added", "gone Removed" },
            comparison.Tensors.Select(one => $"{one.Tensor.Name} {one.Change}").ToArray());
        Assert.AreEqual("old name", comparison.Tensors[3].Before!.Name);
        Assert.AreEqual(1, comparison.Tensors[1].ValuesChanged);
        Assert.AreEqual(0.5f, comparison.Tensors[1].Fidelity!.MaxError);
        Assert.IsNull(comparison.Tensors[2].ValuesChanged, "of two shapes");
    }

    [TestMethod]
    public void What_a_tuned_model_shares_with_its_base_is_counted_by_whole_tensors()
    {
        var comparison = Compare(
            [Onnx.Weights("body", 10, 10), Onnx.Weights("head", 10, 2)],
            [Onnx.Weights("renamed body", 10, 10), Onnx.Weights("head", 10, 5)]);

        Assert.AreEqual(150, comparison.Parameters);
        Assert.AreEqual(50, comparison.ChangedParameters);
        Assert.AreEqual(100.0 / 150, comparison.SharedShare, 1e-12);
        Assert.AreEqual(200, comparison.DeltaSize);
    }

    [TestMethod]
    public void Names_that_changed_places_change_no_parameter()
    {
        var comparison = Compare([Onnx.Floats("w1", [2], 1, 2), Onnx.Floats("w2", [2], 3, 4)], [Onnx.Floats("w1", [2], 3, 4), Onnx.Floats("w2", [2], 1, 2)]);

        Assert.AreEqual(0, comparison.ChangedParameters);
        Assert.AreEqual(0, comparison.DeltaSize);
        CollectionAssert.AreEqual(new[] { "w1 Renamed w2", "w2 Renamed w1" }, Told(comparison));
    }

    [TestMethod]
    public void A_layer_that_shifts_the_numbers_of_those_behind_it_is_all_that_is_new()
    {
        var comparison = Compare(
            [Onnx.Floats("0", [2], 0, 1), Onnx.Floats("1", [2], 2, 3), Onnx.Floats("2", [2], 4, 5)],
            [Onnx.Floats("0", [2], 0, 1), Onnx.Floats("1", [2], 9, 9), Onnx.Floats("2", [2], 2, 3), Onnx.Floats("3", [2], 4, 5)]);

        Assert.AreEqual(2, comparison.ChangedParameters);
        Assert.AreEqual(8, comparison.DeltaSize);
        CollectionAssert.AreEqual(new[] { "0 Identical 0", "1 Changed 1", "2 Copied 1", "3 Renamed 2" }, Told(comparison));
    }

    [TestMethod]
    public void A_second_copy_of_a_tensor_is_nothing_new()
    {
        var comparison = Compare([Onnx.Floats("w", [2], 1, 2), Onnx.Floats("lost", [2], 3, 4)], [Onnx.Floats("w", [2], 1, 2), Onnx.Floats("lost", [2], 1, 2), Onnx.Floats("copy", [2], 1, 2)]);

        Assert.AreEqual(0, comparison.ChangedParameters);
        Assert.AreEqual(0, comparison.DeltaSize);
        CollectionAssert.AreEqual(new[] { "w Identical w", "lost Copied w", "copy Copied w", "lost Removed lost" }, Told(comparison));
    }

    [TestMethod]
    public void Tensors_that_only_begin_alike_are_told_apart()
    {
        float[] long1 = [.. Enumerable.Repeat(1f, 100)], long2 = [.. long1[..99], 2f];

        Assert.AreEqual(100, Compare([Onnx.Floats("old", [100], long1)], [Onnx.Floats("new", [100], long2)]).ChangedParameters);
        Assert.AreEqual(0, Compare([Onnx.Floats("old", [100], long1)], [Onnx.Floats("new", [100], long1)]).ChangedParameters);
    }

    [TestMethod]
    public void A_model_and_its_copy_have_everything_in_common()
    {
        string path = SmallModels.Convolutional().Save(folder.File("model.onnx"));
        var model = ModelReader.Read(path);

        var comparison = TensorComparison.Of(model, model);

        Assert.IsTrue(comparison.Tensors.All(one => one.Change == TensorChange.Identical));
        Assert.AreEqual(1, comparison.SharedShare);
        Assert.AreEqual(0, comparison.DeltaSize);
    }

    [TestMethod]
    public void Models_of_other_formats_are_compared_by_their_bytes()
    {
        byte[] before = new SafetensorsFile().Tensor("kept", "F32", 16, 2, 2).Tensor("tuned", "F16", 8, 4).ToArray();
        byte[] after = [.. before];
        after[^1] ^= 1;

        var comparison = TensorComparison.Of(Saved("before.safetensors", before), Saved("after.safetensors", after));

        CollectionAssert.AreEqual(new[] { "kept Identical", "tuned Changed" }, comparison.Tensors.Select(one => $"{one.Tensor.Name} {one.Change}").ToArray());
        Assert.AreEqual(1, comparison.Tensors[1].ValuesChanged);
    }

    [TestMethod]
    public void Blocks_are_the_same_or_not_as_a_whole()
    {
        const uint Q8 = 8;
        byte[] before = new GgufFile().Tensor("kept", Q8, 34, [32]).Tensor("tuned", Q8, 34, [32]).ToArray();
        var model = Saved("before.gguf", before);
        byte[] after = [.. before];
        after[(int)model.Tensors[1].Data!.Offset] ^= 1;

        var comparison = TensorComparison.Of(model, Saved("after.gguf", after));

        CollectionAssert.AreEqual(new[] { "kept Identical", "tuned Changed" }, comparison.Tensors.Select(one => $"{one.Tensor.Name} {one.Change}").ToArray());
        Assert.IsNull(comparison.Tensors[1].ValuesChanged, "how many of a block differ is not known from its bytes");
    }

    [TestMethod]
    public void Tensors_and_texts_of_the_runtimes_own_format_are_compared_as_what_they_hold()
    {
        var before = Saved("before.ort", File("ab", "c"));

        CollectionAssert.AreEqual(new[] { "w Identical w", "none Identical none", "texts Identical texts" }, Told(TensorComparison.Of(before, Saved("after.ort", File("ab", "c")))));
        CollectionAssert.AreEqual(new[] { "w Identical w", "none Identical none", "texts Changed texts" }, Told(TensorComparison.Of(before, Saved("after.ort", File("a", "bc")))));
        Assert.AreEqual("texts Identical", string.Join(", ", TensorComparison.Of(before, Model("after.onnx", new OnnxGraph().Initializer(Text("texts", "ab", "c")))).Tensors.Where(static one => one.After is not null).Select(static one => $"{one.Tensor.Name} {one.Change}")));

        static byte[] File(params string[] texts) => Ort.File(Ort.Session(Ort.Graph([Ort.Tensor("w", DataTypes.Float32, 4), Ort.Tensor("none", DataTypes.Float32, 0), Ort.Header("texts", DataTypes.String, texts.Length).Texts(5, texts)], [], [], "w")));
    }

    [TestMethod]
    public void Lists_of_the_runtimes_own_format_hold_what_those_of_its_model_do()
    {
        var before = Model("before.onnx", new OnnxGraph().Node("LinearRegressor", "ai.onnx.ml", "x", "y", Onnx.Attribute("coefficients", 1f, 2, 3), Onnx.Attribute("labels", "a", "b")));

        CollectionAssert.AreEqual(new[] { "Identical", "Identical" }, Changes(1, 2, 3));
        CollectionAssert.AreEqual(new[] { "Changed", "Identical" }, Changes(1, 2, 4));

        string[] Changes(params float[] values) => [.. TensorComparison.Of(before, Saved("after.ort", Ort.File(Ort.Session(Ort.Graph([],
            [Ort.Node("LinearRegressor", "x", "y", Ort.Floats("coefficients", values), Ort.Texts("labels", "a", "b")).Text(2, "ai.onnx.ml")], ["x"], "y"))))).Tensors.Select(static one => $"{one.Change}")];
    }

    [TestMethod]
    public void A_tensor_without_values_is_the_same_as_any_other_of_its_shape()
    {
        CollectionAssert.AreEqual(new[] { "same Identical same", "new Renamed old" }, Told(Compare(
            [Onnx.Zeros("same", DataTypes.Float32, 0), Onnx.Zeros("old", DataTypes.Float32, 3, 0)], [Onnx.Zeros("same", DataTypes.Float32, 0), Onnx.Zeros("new", DataTypes.Float32, 3, 0)])));
    }

    [TestMethod]
    public void The_same_values_are_the_same_wherever_they_are_stored()
    {
        File.WriteAllBytes(folder.File("weights.bin"), [0, 0, 0, 0, .. new byte[16]]);
        var inside = Onnx.Zeros("w", DataTypes.Float32, 4);
        var outside = Onnx.External("w", DataTypes.Float32, [4], "weights.bin", "4", "16");

        var comparison = Compare([inside], [outside]);

        Assert.AreEqual(TensorChange.Identical, comparison.Tensors.Single().Change);
    }

    [TestMethod]
    public void Values_that_are_stored_one_by_one_are_compared_as_what_they_are()
    {
        var comparison = Compare(
            [Listed("axes", 1, 300), Listed("shape", 1, 300), Listed("raw", 1, -1), Text("texts", "ab", "c"), Text("cut", "ab", "c"), Listed("old", 5, 6)],
            [Listed("axes", 1, 300), Listed("shape", 1, 301), Onnx.Ints("raw", [2], 1, -1), Text("texts", "ab", "c"), Text("cut", "a", "bc"), Onnx.Ints("new", [2], 5, 6)]);

        CollectionAssert.AreEqual(new[] { "axes Identical axes", "shape Changed shape", "raw Identical raw", "texts Identical texts", "cut Changed cut", "new Renamed old" }, Told(comparison));
    }

    [TestMethod]
    public void Lists_of_classical_operators_are_compared_as_what_they_hold()
    {
        var before = Model("before.onnx", Regressor(0, 1, 2, 3));

        CollectionAssert.AreEqual(new[] { "Identical", "Identical", "Identical" }, Changes(Regressor(0, 1, 2, 3)));
        CollectionAssert.AreEqual(new[] { "Changed", "Identical", "Identical" }, Changes(Regressor(0, 1, 2, 4)));
        CollectionAssert.AreEqual(new[] { "Renamed", "Renamed", "Renamed" }, Changes(Regressor(1, 1, 2, 3)));

        string[] Changes(OnnxGraph after) => [.. TensorComparison.Of(before, Model("after.onnx", after)).Tensors.Select(static one => $"{one.Change}")];

        static OnnxGraph Regressor(int number, params float[] coefficients)
        {
            var graph = new OnnxGraph();
            for (int node = 0; node < number; node++)
                graph.Node("Relu", "x", "y"); // names of lists are made of names of nodes, and those are numbered
            return graph.Node("LinearRegressor", "ai.onnx.ml", "x", "z", Onnx.Attribute("coefficients", coefficients), Onnx.Attribute("weights", 1L, 2), Onnx.Attribute("labels", "a", "b"));
        }
    }

    [TestMethod]
    public void Sparse_tensors_are_told_by_their_values_and_by_where_they_stand()
    {
        var before = Model("before.onnx", Sparse([3, 7], 1, 2));

        Assert.AreEqual(TensorChange.Identical, Change(Sparse([3, 7], 1, 2)));
        Assert.AreEqual(TensorChange.Changed, Change(Sparse([3, 7], 1, 4)), "another value");
        Assert.AreEqual(TensorChange.Changed, Change(Sparse([3, 8], 1, 2)), "another place");
        Assert.AreEqual(TensorChange.Changed, Change(Sparse([3], 1)), "fewer of them");

        TensorChange Change(OnnxGraph after) => TensorComparison.Of(before, Model("after.onnx", after)).Tensors.Single().Change;

        static OnnxGraph Sparse(long[] at, params float[] values) => new OnnxGraph().SparseInitializer(Onnx.Sparse("s", [100], at, values));
    }

    [TestMethod]
    public void Values_in_two_pieces_of_a_message_are_the_values_of_both()
    {
        var twice = Twice("twice.onnx", 4);

        Assert.AreEqual("w Identical w", Told(TensorComparison.Of(twice, Twice("same.onnx", 4))).Single());
        Assert.AreEqual("w Changed w", Told(TensorComparison.Of(twice, Twice("other.onnx", 5))).Single());

        ModelFile Twice(string name, long last) => Model(name, new OnnxGraph().Node("Constant", "", "w", Onnx.TensorAttribute("value", Listed("", 1, 2)).Nested(5, new Message().Varint(1, 2).Varint(7, 3).Varint(7, last))));
    }

    [TestMethod]
    public void Sparse_tensors_with_parts_outside_of_the_model_are_the_same_as_those_within()
    {
        var inside = Model("inside.onnx", new OnnxGraph().SparseInitializer(Onnx.Sparse("s", [100], [3, 7], 1, 2)));
        File.WriteAllBytes(folder.File("sparse.bin"), [.. BitConverter.GetBytes(1f), .. BitConverter.GetBytes(2f), .. BitConverter.GetBytes(3L), .. BitConverter.GetBytes(7L)]);
        var outside = Model("outside.onnx", new OnnxGraph().SparseInitializer(External("s")));

        Assert.AreEqual("s Identical s", Told(TensorComparison.Of(inside, outside)).Single());
        Assert.AreEqual("s Changed s", Told(TensorComparison.Of(Model("other.onnx", new OnnxGraph().SparseInitializer(Onnx.Sparse("s", [100], [3, 8], 1, 2))), outside)).Single());
    }

    [TestMethod]
    public void A_sparse_tensor_that_shares_its_bytes_outside_of_the_model_is_told_as_unread()
    {
        File.WriteAllBytes(folder.File("sparse.bin"), new byte[24]);
        var shared = Model("shared.onnx", new OnnxGraph().SparseInitializer(External("s")).SparseInitializer(External("t")));

        CollectionAssert.AreEqual(new[] { "s Identical s", "t Unread t" }, Told(TensorComparison.Of(shared, shared)));
    }

    private static Message External(string name) => new Message().Nested(1, Onnx.External(name, DataTypes.Float32, [2], "sparse.bin", "0", "8")).Nested(2, Onnx.External("", DataTypes.Int64, [2], "sparse.bin", "8", "16")).Varint(3, 100);

    [TestMethod]
    public void Texts_in_a_flatbuffer_are_not_looked_for_as_messages()
    {
        var model = ModelReader.Read(folder.Write("texts.ort", Ort.File(Ort.Session(Ort.Graph([Ort.Header("texts", DataTypes.String, 2).Texts(5, "a", "b"), Ort.Header("none", DataTypes.Float32, 0)], [Ort.Node("Identity", "texts", "y")], ["x"], "y")))));

        var comparison = TensorComparison.Of(model, model);

        Assert.AreEqual("texts Identical, none Identical", string.Join(", ", comparison.Tensors.Select(one => $"{one.Tensor.Name} {one.Change}")));
    }

    [TestMethod]
    public void A_weight_under_another_name_is_told_by_its_use_as_inspect_tells_it()
    {
        var before = Model("before.onnx", new OnnxGraph().Initializer(Onnx.Weights("w", 8, 8)).Node("MatMul", "x w", "y"));
        var after = Model("after.onnx", new OnnxGraph().Initializer(Onnx.Zeros("w_quantized", DataTypes.Int8, 8, 8)).Node("MatMul", "x w_quantized", "y"));

        var told = TensorComparison.Of(before, after).Tensors.Single();

        Assert.AreEqual((TensorChange.Changed, "w"), (told.Change, told.NameBefore));
        var difference = ModelDifference.Of(before, after).Single();
        Assert.AreEqual((told.Before, told.After), (difference.Before, difference.After));
    }

    private static string[] Told(TensorComparison comparison) => [.. comparison.Tensors.Select(static one => $"{one.Tensor.Name} {one.Change} {one.Before?.Name}".TrimEnd())];

    private TensorComparison Compare(Message[] before, Message[] after) => TensorComparison.Of(ModelReader.Read(Save("before.onnx", before)), ModelReader.Read(Save("after.onnx", after)));

    private string Save(string name, Message[] tensors) =>
        Onnx.Model(new OnnxGraph().Input("x", DataTypes.Float32, "1").Initializer(tensors).Node("Neg", "x", "y").Output("y", DataTypes.Float32, "1")).Save(folder.File(name));

    // int64_data, one varint each, as many exporters write shapes.
    private static Message Listed(string name, params long[] values)
    {
        var tensor = Onnx.Header(name, DataTypes.Int64, values.Length);
        foreach (long value in values)
            tensor.Varint(7, value);
        return tensor;
    }

    private static Message Text(string name, params string[] texts) => texts.Aggregate(Onnx.Header(name, DataTypes.String, texts.Length), static (tensor, text) => tensor.Text(6, text));

    private ModelFile Model(string name, OnnxGraph graph) => ModelReader.Read(Onnx.Model(graph).Save(folder.File(name)));

    private ModelFile Saved(string name, byte[] content)
    {
        File.WriteAllBytes(folder.File(name), content);
        return ModelReader.Read(folder.File(name));
    }
}
