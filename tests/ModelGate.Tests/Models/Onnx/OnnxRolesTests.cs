using ModelGate.Models;
using ModelGate.TestModels;

namespace ModelGate.Tests.Models;

/// <summary>What a tensor is for follows from the input it feeds.</summary>
[TestClass]
public class OnnxRolesTests
{
    [TestMethod]
    [DataRow("Conv", "x t", Role.Weight)]
    [DataRow("Conv", "x w t", Role.Bias)]
    [DataRow("LSTM", "x t", Role.Weight)]
    [DataRow("LSTM", "x w r t", Role.Bias)]
    [DataRow("LSTM", "x w r b s t", Role.Constant)]
    [DataRow("Add", "x t", Role.Bias)]
    [DataRow("Mul", "x t", Role.Weight)]
    [DataRow("LayerNormalization", "x t", Role.Normalization)]
    [DataRow("BatchNormalization", "x a b t", Role.Statistic)]
    [DataRow("BatchNormalization", "x a b m t", Role.Statistic)]
    [DataRow("Gather", "t ids", Role.Embedding)]
    [DataRow("DequantizeLinear", "x t", Role.Scale)]
    [DataRow("QLinearConv", "x t", Role.Scale)]
    [DataRow("QLinearConv", "x s z t", Role.Weight)]
    [DataRow("Resize", "x r t", Role.Constant)]
    [DataRow("Clip", "x t", Role.Constant)]
    [DataRow("PRelu", "x t", Role.Weight)]
    [DataRow("SomethingNew", "x t", Role.Weight)]
    public void A_float_tensor_has_the_role_of_the_input_it_feeds(string @operator, string inputs, Role role) =>
        Assert.AreEqual(role, Reading.Read(new OnnxGraph().Initializer(Onnx.Weights("t", 4, 4)).Node(@operator, inputs, "y")).Tensor("t").Role);

    [TestMethod]
    [DataRow("MatMul", 2, Role.Weight)]
    [DataRow("MatMul", 1, Role.Index)]
    [DataRow("Gather", 2, Role.Index)]
    public void A_matrix_of_whole_numbers_is_a_weight_where_it_is_multiplied_with(string @operator, int rank, Role role) =>
        Assert.AreEqual(role, Reading.Read(new OnnxGraph().Initializer(Onnx.Zeros("t", DataTypes.Int64, [.. Enumerable.Repeat(4L, rank)])).Node(@operator, @operator == "Gather" ? "t x" : "x t", "y")).Tensor("t").Role);

    [TestMethod]
    public void A_causal_mask_of_bytes_is_no_weight() =>
        Assert.AreEqual(0, Reading.Read(new OnnxGraph().Initializer(Onnx.Zeros("mask", DataTypes.UInt8, 1, 1, 32, 32)).Node("Slice", "mask a b", "part").Node("Cast", "part", "choice", Onnx.Attribute("to", 9L)).Node("Where", "choice x low", "y")).Parameters());

    [TestMethod]
    [DataRow("x t c", Role.Index)]
    [DataRow("x i t s", Role.Constant)]
    [DataRow("x i c t", Role.Constant)]
    public void Rotations_of_ONNX_Runtime_stand_behind_the_positions(string inputs, Role role)
    {
        var tensor = role == Role.Index ? Onnx.Ints("t", [2], 0, 1) : Onnx.Weights("t", 4, 4);
        Assert.AreEqual(role, Reading.Read(Onnx.Model(new OnnxGraph().Initializer(tensor).Node("RotaryEmbedding", "com.microsoft", inputs, "y"), others: ("com.microsoft", 1))).Tensor("t").Role);
    }

    [TestMethod]
    [DataRow("q k v pk pv l n t", Role.Constant)]
    [DataRow("q k v pk pv l n c s - - t", Role.Weight)]
    [DataRow("q k v pk pv l n c s - - - t", Role.Scale)]
    [DataRow("q k v pk pv l n c s - - - k t", Role.Scale)]
    public void Scales_of_a_quantized_cache_are_no_parameters_and_sinks_of_attention_are(string inputs, Role role) =>
        Assert.AreEqual(role, Reading.Read(Onnx.Model(new OnnxGraph().Initializer(Onnx.Weights("t", 4)).Node("GroupQueryAttention", "com.microsoft", inputs, "y"), others: ("com.microsoft", 1))).Tensor("t").Role);

    [TestMethod]
    [DataRow("Add")]
    [DataRow("Mul")]
    [DataRow("SomethingNew")]
    public void A_single_float_outside_weight_inputs_is_a_constant(string @operator) =>
        Assert.AreEqual(Role.Constant, Reading.Read(new OnnxGraph().Initializer(Onnx.Floats("t", [], 2)).Node(@operator, "x t", "y")).Tensor("t").Role);

    [TestMethod]
    public void A_single_float_in_a_weight_input_is_a_weight() =>
        Assert.AreEqual(Role.Weight, Reading.Read(new OnnxGraph().Initializer(Onnx.Floats("t", [1, 1], 2)).Node("MatMul", "x t", "y")).Tensor("t").Role);

    [TestMethod]
    [DataRow("Reshape", "x t")]
    [DataRow("Gather", "t ids")]
    [DataRow("SomethingNew", "x t")]
    public void Integers_are_indices_unless_they_are_codes_of_weights(string @operator, string inputs) =>
        Assert.AreEqual(Role.Index, Reading.Read(new OnnxGraph().Initializer(Onnx.Ints("t", [2], 1, 2)).Node(@operator, inputs, "y")).Tensor("t").Role);

    [TestMethod]
    [DataRow("Cast")]
    [DataRow("Transpose")]
    [DataRow("Reshape")]
    [DataRow("Identity")]
    [DataRow("DequantizeLinear")]
    [DataRow("Unsqueeze")]
    public void What_only_passes_a_weight_on_keeps_its_role(string passing)
    {
        var type = passing == "DequantizeLinear" ? DataTypes.Int8 : DataTypes.Float16;
        var model = Reading.Read(new OnnxGraph().Initializer(Onnx.Zeros("t", type, 4, 4)).Node(passing, "t s", "u").Node("Identity", "u", "v").Node("Conv", "x w v", "y"));

        Assert.AreEqual((Role.Bias, "Conv_2"), (model.Tensor("t").Role, model.Tensor("t").Layer));
    }

    [TestMethod]
    public void A_weight_that_is_quantized_and_dequantized_on_the_way_stays_a_weight()
    {
        var model = Reading.Read(new OnnxGraph().Initializer(Onnx.Weights("w", 8, 8), Onnx.Floats("s", [], 1), Onnx.Header("z", DataTypes.Int8).Bytes(9, [0]))
            .Node("QuantizeLinear", "w s z", "q").Node("DequantizeLinear", "q s z", "d").Node("MatMul", "x d", "y"));

        Assert.AreEqual((Role.Weight, Role.Scale, Role.ZeroPoint), (model.Tensor("w").Role, model.Tensor("s").Role, model.Tensor("z").Role));
    }

    [TestMethod]
    public void A_bias_of_codes_is_a_parameter_as_it_is_in_the_float_model()
    {
        var model = Reading.Read(new OnnxGraph().Initializer(Onnx.Zeros("b", DataTypes.Int32, 16), Onnx.Zeros("s", DataTypes.Float32, 16)).Node("DequantizeLinear", "b s", "d").Node("Conv", "x w d", "y"));

        Assert.AreEqual((Role.Bias, Role.Scale), (model.Tensor("b").Role, model.Tensor("s").Role));
    }

    [TestMethod]
    public void Scales_of_dynamic_quantization_are_no_parameters()
    {
        var model = Reading.Read(new OnnxGraph().Initializer(Onnx.Zeros("w", DataTypes.UInt8, 8, 8), Onnx.Zeros("scale", DataTypes.Float32, 8), Onnx.Zeros("zero", DataTypes.UInt8, 8))
            .Node("DynamicQuantizeLinear", "x", "xq xs xz").Node("MatMulInteger", "xq w xz zero", "i").Node("Mul", "xs scale", "s").Node("Cast", "i", "f").Node("Mul", "f s", "y"));

        Assert.AreEqual((Role.Weight, Role.Scale, Role.ZeroPoint), (model.Tensor("w").Role, model.Tensor("scale").Role, model.Tensor("zero").Role));
    }

    [TestMethod]
    public void Codes_that_are_dequantized_by_cast_product_and_sum_are_the_weights_of_the_layer_they_reach()
    {
        var model = Reading.Read(new OnnxGraph()
            .Initializer(Onnx.Zeros("codes", DataTypes.UInt8, 8, 3, 3), Onnx.Zeros("scale", DataTypes.Float32, 8, 1, 1), Onnx.Zeros("offset", DataTypes.Float32, 8, 1, 1), Onnx.Zeros("gate", DataTypes.Float32, 8))
            .Node("Cast", "codes", "c").Node("Mul", "c scale", "m").Node("Add", "m offset", "w").Node("Conv", "x w", "y").Node("Mul", "y gate", "z"));

        Assert.AreEqual((Role.Weight, "Conv", Role.Scale, Role.ZeroPoint, Role.Weight), (model.Tensor("codes").Role, model.Tensor("codes").Operator, model.Tensor("scale").Role, model.Tensor("offset").Role, model.Tensor("gate").Role));
        Assert.AreEqual(72 + 8, model.Parameters());
    }

    [TestMethod]
    public void Scales_that_are_looked_up_beside_the_codes_of_an_embedding_are_no_embedding()
    {
        var dequantized = Reading.Read(Tables().Node("DequantizeLinear", "c s z", "y"));
        var multiplied = Reading.Read(Tables().Node("Cast", "c", "f").Node("Mul", "f s", "y"));
        var wide = Reading.Read(new OnnxGraph().Initializer(Onnx.Weights("table", 50, 1)).Node("Gather", "table ids", "c").Node("Mul", "c x", "y"));

        Assert.AreEqual((Role.Embedding, Role.Scale, Role.ZeroPoint, 400L), (dequantized.Tensor("codes").Role, dequantized.Tensor("scales").Role, dequantized.Tensor("zeros").Role, dequantized.Parameters()));
        Assert.AreEqual((Role.Embedding, Role.Scale), (multiplied.Tensor("codes").Role, multiplied.Tensor("scales").Role));
        Assert.AreEqual(Role.Embedding, wide.Tensor("table").Role);

        static OnnxGraph Tables() => new OnnxGraph()
            .Initializer(Onnx.Zeros("codes", DataTypes.Int8, 50, 8), Onnx.Zeros("scales", DataTypes.Float32, 50, 1), Onnx.Zeros("zeros", DataTypes.Int8, 50, 1))
            .Node("Gather", "codes ids", "c").Node("Gather", "scales ids", "s").Node("Gather", "zeros ids", "z");
    }

    [TestMethod]
    public void The_use_that_makes_it_weigh_decides()
    {
        var model = Reading.Read(new OnnxGraph().Initializer(Onnx.Weights("t", 4, 4)).Node("Clip", "x t", "a").Node("MatMul", "a t", "y"));

        Assert.AreEqual((Role.Weight, "MatMul_1"), (model.Tensor("t").Role, model.Tensor("t").Layer));
    }

    [TestMethod]
    [DataRow(64L, 10L, 32L)]
    [DataRow(60L, 10L, 32L)]
    [DataRow(60L, 3L, 16L)]
    public void Packed_weights_count_as_the_weights_they_hold_without_padding(long rows, long columns, long block)
    {
        var blocks = (rows + block - 1) / block;
        var model = Reading.Read(new OnnxGraph().Initializer(Onnx.Zeros("w", DataTypes.UInt8, columns, blocks, block / 2)).Node("MatMulNBits", "com.microsoft", "x w s", "y",
            Onnx.Attribute("K", rows), Onnx.Attribute("N", columns), Onnx.Attribute("bits", 4L), Onnx.Attribute("block_size", block)));

        Assert.AreEqual(rows * columns, model.Parameters());
    }

    [TestMethod]
    [DataRow(1L)]
    [DataRow(1L << 40)]
    public void Attributes_that_do_not_fit_the_packed_bytes_are_not_believed(long rows)
    {
        var model = Reading.Read(new OnnxGraph().Initializer(Onnx.Zeros("w", DataTypes.UInt8, 10, 2, 16)).Node("MatMulNBits", "com.microsoft", "x w s", "y", Onnx.Attribute("K", rows), Onnx.Attribute("N", 10L), Onnx.Attribute("bits", 4L)));

        Assert.AreEqual(640, model.Parameters());
    }

    [TestMethod]
    public void Other_packed_operators_hold_two_weights_in_a_byte()
    {
        Assert.AreEqual(512, Reading.Read(new OnnxGraph().Initializer(Onnx.Zeros("w", DataTypes.UInt8, 16, 16)).Node("GatherBlockQuantized", "com.microsoft", "w i s", "y")).Parameters());
        Assert.AreEqual(256, Reading.Read(new OnnxGraph().Initializer(Onnx.Zeros("w", DataTypes.Int4, 16, 16)).Node("GatherBlockQuantized", "com.microsoft", "w i s", "y")).Parameters());
        Assert.AreEqual(512, Reading.Read(new OnnxGraph().Initializer(Onnx.Zeros("w", DataTypes.UInt8, 2, 8, 16)).Node("QMoE", "com.microsoft", "x r w s", "y")).Parameters());
        Assert.AreEqual(512, Reading.Read(new OnnxGraph().Initializer(Onnx.Zeros("w", DataTypes.UInt8, 256)).Node("MatMulBnb4", "com.microsoft", "x w a", "y", Onnx.Attribute("K", 32L), Onnx.Attribute("N", 16L))).Parameters());
    }

    [TestMethod]
    public void Linear_and_support_vector_models_count_what_they_learned()
    {
        var linear = Reading.Read(new OnnxGraph().Node("LinearClassifier", "ai.onnx.ml", "x", "y", Onnx.Attribute("coefficients", [1f, 2, 3, 4]), Onnx.Attribute("intercepts", [1f, 2]), Onnx.Attribute("classlabels_ints", [0L, 1])));
        var vectors = Reading.Read(new OnnxGraph().Node("SVMRegressor", "ai.onnx.ml", "x", "y", Onnx.Attribute("support_vectors", [1f, 2, 3, 4]), Onnx.Attribute("coefficients", [1f, 2]), Onnx.Attribute("rho", [1f]), Onnx.Attribute("kernel_params", [1f, 2, 3])));

        Assert.AreEqual((6L, 8L), (linear.Parameters(), linear.Tensors.Sum(tensor => tensor.Elements)));
        Assert.AreEqual((7L, 10L), (vectors.Parameters(), vectors.Tensors.Sum(tensor => tensor.Elements)));
        Assert.IsTrue(linear.Tensors.All(tensor => tensor.Place == Place.Attribute));
    }

    [TestMethod]
    public void A_tree_counts_the_thresholds_of_its_branches_and_the_weights_of_its_leaves()
    {
        var tree = Reading.Read(new OnnxGraph().Node("TreeEnsembleRegressor", "ai.onnx.ml", "x", "y",
            Onnx.Attribute("nodes_modes", ["BRANCH_LEQ", "LEAF", "LEAF"]), Onnx.Attribute("nodes_values", [0.5f, 0, 0]), Onnx.Attribute("nodes_featureids", [0L, 0, 0]),
            Onnx.Attribute("target_weights", [1f, 2]), Onnx.Attribute("base_values", [3f])));
        var newer = Reading.Read(new OnnxGraph().Node("TreeEnsemble", "ai.onnx.ml", "x", "y", Onnx.TensorAttribute("nodes_splits", Onnx.Weights("", 1)), Onnx.TensorAttribute("leaf_weights", Onnx.Weights("", 2))));

        Assert.AreEqual((4L, 12L), (tree.Parameters(), tree.Tensors.Sum(tensor => tensor.Elements)));
        Assert.AreEqual(3, newer.Parameters());
    }
}
