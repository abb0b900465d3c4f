using ModelGate.Models;
using ModelGate.Models.Onnx;
using ModelGate.TestModels;

namespace ModelGate.Tests.Models;

/// <summary>Wherever a model may keep its weights, they are found, once.</summary>
[TestClass]
public class OnnxPlacesTests
{
    [TestMethod]
    public void Reader_counts_tied_weights_once()
    {
        var model = Reading.Read(new OnnxGraph().Initializer(Onnx.Weights("table", 50, 8))
            .Node("Gather", "table ids", "embedded").Node("Transpose", "table", "projection").Node("MatMul", "embedded projection", "logits"));

        Assert.AreEqual(400, model.Parameters());
        Assert.AreEqual((Role.Embedding, "Gather_0"), (model.Tensor("table").Role, model.Tensor("table").Layer));
    }

    [TestMethod]
    public void Reader_counts_initializers_that_are_also_inputs_once()
    {
        var model = Reading.Read(Onnx.Model(new OnnxGraph().Input("w", DataTypes.Float32, "4", "2").Initializer(Onnx.Weights("w", 4, 2)).Node("MatMul", "x w", "y"), opset: 7, ir: 3));

        Assert.AreEqual(8, model.Parameters());
        Assert.IsEmpty(model.Inputs);
    }

    [TestMethod]
    public void Reader_finds_constants_in_every_form()
    {
        var graph = new OnnxGraph()
            .Node("Constant", "", "tensor", Onnx.TensorAttribute("value", Onnx.Weights("", 3, 2)))
            .Node("Constant", "", "float", Onnx.Attribute("value_float", 1f))
            .Node("Constant", "", "floats", Onnx.Attribute("value_floats", [1f, 2f, 3f]))
            .Node("Constant", "", "int", Onnx.Attribute("value_int", 1L))
            .Node("Constant", "", "ints", Onnx.Attribute("value_ints", [1L, 2L]))
            .Node("Constant", "", "string", Onnx.Attribute("value_string", "abc"))
            .Node("Constant", "", "strings", Onnx.Attribute("value_strings", ["a", "bc"]))
            .Node("Constant", "", "sparse", Onnx.SparseAttribute("sparse_value", Onnx.Sparse("", [100], [3, 7], 1, 2)));

        var found = Reading.Read(graph).Tensors.Select(tensor => (tensor.Name, tensor.Type.Name, tensor.Elements, tensor.Bytes, tensor.Place)).ToArray();

        CollectionAssert.AreEqual(new[]
        {
            ("tensor", "float32", 6L, 24L, Place.Constant), ("float", "float32", 1L, 4L, Place.Constant), ("floats", "float32", 3L, 12L, Place.Constant),
            ("int", "int64", 1L, 8L, Place.Constant), ("ints", "int64", 2L, 16L, Place.Constant),
            ("string", "string", 1L, 3L, Place.Constant), ("strings", "string", 2L, 3L, Place.Constant), ("sparse", "float32", 2L, 8L, Place.Sparse),
        }, found);
    }

    [TestMethod]
    public void Reader_counts_the_stored_values_of_a_sparse_initializer_and_says_what_it_stands_for()
    {
        var model = Reading.Read(new OnnxGraph().SparseInitializer(Onnx.Sparse("w", [100, 100], [5, 77, 9000], 1, 2, 3)).Node("MatMul", "x w", "y"));

        Assert.AreEqual((3L, Place.Sparse, Role.Weight), (model.Tensor("w").Elements, model.Tensor("w").Place, model.Tensor("w").Role));
        Assert.Contains("3 of 10000 values", model.Notes.Single().Message);
    }

    [TestMethod]
    public void Reader_finds_weights_in_bodies_at_any_depth_and_names_their_graph()
    {
        var inner = new OnnxGraph("inner").Initializer(Onnx.Weights("deep", 5, 5)).Node("MatMul", "x deep", "z").Output("z", DataTypes.Float32);
        var outer = new OnnxGraph("outer").Initializer(Onnx.Weights("mid", 3, 3)).Node("MatMul", "x mid", "m").Node("If", "c", "y", Onnx.Attribute("then_branch", inner)).Output("y", DataTypes.Float32);

        var model = Reading.Read(new OnnxGraph().Node("If", "c", "y", Onnx.Attribute("else_branch", outer)));

        Assert.AreEqual(34, model.Parameters());
        Assert.AreEqual("If_0.else_branch", model.Tensor("mid").Graph);
        Assert.AreEqual("If_0.else_branch/If_1.then_branch", model.Tensor("deep").Graph);
        Assert.AreEqual((Role.Weight, "MatMul_0"), (model.Tensor("deep").Role, model.Tensor("deep").Layer));
    }

    [TestMethod]
    public void A_name_in_a_body_hides_the_same_name_outside()
    {
        var body = new OnnxGraph("body").Initializer(Onnx.Weights("w", 3, 3)).Node("MatMul", "x w", "z").Output("z", DataTypes.Float32);
        var model = Reading.Read(new OnnxGraph().Initializer(Onnx.Zeros("w", DataTypes.Float32, 4)).Node("If", "c", "y", Onnx.Attribute("then_branch", body)).Node("BatchNormalization", "y a b w v", "n"));

        CollectionAssert.AreEqual(new[] { Role.Statistic, Role.Weight }, model.Tensors.Select(tensor => tensor.Role).ToArray());
    }

    [TestMethod]
    public void Reader_counts_a_local_function_once_however_often_it_is_called()
    {
        var message = Onnx.Model(new OnnxGraph().Node("Block", "local", "x", "a").Node("Block", "local", "a", "y"), others: ("local", 1))
            .Nested(25, Onnx.Function("local", "Block", ["v"], ["o"], Onnx.Node("Constant", [], ["w"], attributes: Onnx.TensorAttribute("value", Onnx.Weights("", 6, 6))), Onnx.Node("MatMul", ["v", "w"], ["o"])));

        var model = Reading.Read(message);

        Assert.AreEqual((36L, Place.Function, "local::Block", Role.Weight), (model.Parameters(), model.Tensors[0].Place, model.Tensors[0].Graph, model.Tensors[0].Role));
    }

    [TestMethod]
    public void A_weight_that_is_handed_to_a_function_has_the_role_it_has_there()
    {
        var message = Onnx.Model(new OnnxGraph().Initializer(Onnx.Zeros("s", DataTypes.Float32, 4)).Node("Norm", "local", "x s", "y"), others: ("local", 1))
            .Nested(25, Onnx.Function("local", "Norm", ["v", "g"], ["o"], Onnx.Node("LayerNormalization", ["v", "g"], ["o"], name: "ln")));

        Assert.AreEqual((Role.Normalization, "ln"), (Reading.Read(message).Tensors[0].Role, Reading.Read(message).Tensors[0].Layer));
    }

    [TestMethod]
    public void Functions_that_call_each_other_in_a_circle_do_not_hang_the_reader()
    {
        var message = Onnx.Model(new OnnxGraph().Initializer(Onnx.Weights("w", 3)).Node("A", "local", "w", "y"), others: ("local", 1))
            .Nested(25, Onnx.Function("local", "A", ["v"], ["o"], Onnx.Node("B", ["v"], ["o"], "local")))
            .Nested(25, Onnx.Function("local", "B", ["v"], ["o"], Onnx.Node("A", ["v"], ["o"], "local")));

        Assert.AreEqual(3, Reading.Read(message).Parameters());
    }

    [TestMethod]
    public void Weights_that_enter_a_loop_keep_their_role()
    {
        var body = new OnnxGraph("body").Input("i", DataTypes.Int64).Input("go", DataTypes.Bool).Input("carried", DataTypes.Float32)
            .Node("Conv", "x carried", "c").Output("go", DataTypes.Bool).Output("carried", DataTypes.Float32);
        var model = Reading.Read(new OnnxGraph().Initializer(Onnx.Weights("kernel", 8, 3, 3, 3)).Node("Loop", "n t kernel", "out", Onnx.Attribute("body", body)));

        Assert.AreEqual((Role.Weight, "Conv"), (model.Tensor("kernel").Role, model.Tensor("kernel").Operator));
    }

    [TestMethod]
    public void Training_information_is_listed_and_not_counted()
    {
        var training = new Message().Nested(1, new OnnxGraph("init").Initializer(Onnx.Weights("optimizer", 1000)).Message);
        var model = Reading.Read(SmallModels.Dense().Nested(20, training));

        Assert.AreEqual(10, model.Parameters());
        Assert.AreEqual(Place.Training, model.Tensor("optimizer").Place);
        Assert.Contains("1000 elements", model.Notes.Single().Message);
    }

    [TestMethod]
    public void Two_initializers_of_one_name_are_both_stored_and_both_counted()
    {
        var model = Reading.Read(new OnnxGraph().Initializer(Onnx.Weights("w", 4, 4), Onnx.Weights("w", 4, 4)).Node("MatMul", "x w", "y"));

        Assert.AreEqual(32, model.Parameters());
        Assert.IsTrue(model.Tensors.All(tensor => tensor is { Role: Role.Weight, Operator: "MatMul" }));
        Assert.Contains("repeat the name", model.Notes.Single().Message);
    }

    [TestMethod]
    public void A_tensor_that_nothing_uses_still_weighs() =>
        Assert.AreEqual((12L, "", ""), Reading.Read(new OnnxGraph().Initializer(Onnx.Weights("orphan", 12))) is var model ? (model.Parameters(), model.Tensors[0].Layer, model.Tensors[0].Operator) : default);

    [TestMethod]
    public void A_tensor_in_an_attribute_of_a_foreign_operator_is_found()
    {
        var model = Reading.Read(new OnnxGraph().Node("Secret", "com.example", "x", "y", Onnx.TensorAttribute("weights", Onnx.Weights("", 10, 10))));

        Assert.AreEqual((100L, Place.Attribute, "Secret_0.weights"), (model.Parameters(), model.Tensors[0].Place, model.Tensors[0].Name));
    }

    [TestMethod]
    public void A_graph_that_stands_twice_is_merged_and_nothing_is_lost()
    {
        var message = Onnx.Model(new OnnxGraph().Initializer(Onnx.Weights("a", 3, 3))).Nested(7, new OnnxGraph().Initializer(Onnx.Weights("b", 4, 4)).Message);

        var model = Reading.Read(message);

        Assert.AreEqual(25, model.Parameters());
        Assert.Contains("stand twice", model.Notes.Single().Message);
    }

    [TestMethod]
    public void Unknown_fields_are_skipped_and_counted()
    {
        var message = SmallModels.Dense().Varint(999, 1).Text(1000, "future").Raw(0x9B, 0x3F, 0x08, 0x01, 0x9C, 0x3F); // the last one is a group, field 1011

        var model = Reading.Read(message);

        Assert.AreEqual(10, model.Parameters());
        Assert.Contains("3 fields are unknown", model.Notes.Single().Message);
    }

    [TestMethod]
    public void Every_element_type_has_its_name_and_width()
    {
        foreach (var type in DataTypes.All.Where(type => type.Bits > 0 && ElementTypes.NumberOf(type) > 0))
        {
            var tensor = Reading.Read(new OnnxGraph().Initializer(Onnx.Zeros("t", type, 3, 3))).Tensors.Single();
            Assert.AreEqual((type.Name, 9L, (9L * type.Bits + 7) / 8), (tensor.Type.Name, tensor.Elements, tensor.Bytes));
        }
    }

    [TestMethod]
    public void Typed_storage_is_counted_packed_and_unpacked()
    {
        var packed = Onnx.Header("packed", DataTypes.Int8, 3).Packed(5, 1, 300, -1);
        var unpacked = Onnx.Header("unpacked", DataTypes.Int64, 2).Varint(7, 1).Varint(7, -1);
        var floats = Onnx.Header("floats", DataTypes.Float32, 2).Fixed32(4, 1).Fixed32(4, 2);
        var doubles = Onnx.Header("doubles", DataTypes.Float64, 1).Fixed64(10, 1);
        var complex = Onnx.Header("complex", DataTypes.Complex64, 2).Bytes(4, new byte[16]);
        var nibbles = Onnx.Header("nibbles", DataTypes.Int4, 5).Packed(5, 1, 2, 3);
        var text = Onnx.Header("text", DataTypes.String, 2).Text(6, "ab").Text(6, "c");

        var model = Reading.Read(new OnnxGraph().Initializer(packed, unpacked, floats, doubles, complex, nibbles, text));

        CollectionAssert.AreEqual(new[] { 3L, 2, 2, 1, 2, 5, 2 }, model.Tensors.Select(tensor => tensor.Elements).ToArray());
        CollectionAssert.AreEqual(new[] { 3L, 16, 8, 8, 16, 3, 3 }, model.Tensors.Select(tensor => tensor.Bytes).ToArray());
    }
}
