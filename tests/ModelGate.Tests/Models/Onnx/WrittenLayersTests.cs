using ModelGate.Models;
using ModelGate.TestModels;

namespace ModelGate.Tests.Models;

/// <summary>Layers that exporters write out in several operators: kinds, depth and width are those of the layer, not of its arithmetic.</summary>
[TestClass]
public class WrittenLayersTests
{
    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void A_weight_that_is_normalized_before_its_convolution_is_that_convolutions(bool dividesFirst)
    {
        var graph = new OnnxGraph().Initializer(Onnx.Weights("g", 8, 1, 1), Onnx.Weights("v", 8, 4, 3), Onnx.Weights("b", 8), Onnx.Weights("last", 8, 3))
            .Node("ReduceL2", "v", "n", Onnx.Attribute("axes", 1L, 2));
        if (dividesFirst) graph.Node("Div", "v n", "unit").Node("Mul", "unit g", "w");
        else graph.Node("Div", "g n", "factor").Node("Mul", "v factor", "w");
        var model = Reading.Read(graph.Node("Conv", "x w b", "c").Node("Transpose", "c", "t").Node("MatMul", "t last", "y"));

        Assert.AreEqual("g Convolution, v Convolution, b Bias, last Dense", Kinds(model));
        Assert.AreEqual((2L, 8L, 8 + 96 + 8 + 24L), (model.Layers!.Depth, model.Layers.Width, model.Parameters()));
    }

    [TestMethod]
    public void A_weight_that_is_scaled_by_a_number_or_put_together_of_parts_is_that_of_its_layer()
    {
        var model = Reading.Read(new OnnxGraph().Initializer(Onnx.Weights("w", 8, 8), Onnx.Floats("gain", [], 0.5f), Onnx.Weights("base", 8, 6), Onnx.Weights("a", 8, 2), Onnx.Weights("b", 2, 6))
            .Node("Mul", "w gain", "scaled").Node("MatMul", "x scaled", "h")
            .Node("MatMul", "a b", "ab").Node("Add", "base ab", "whole").Node("MatMul", "h whole", "y"));

        Assert.AreEqual("w Dense, gain Other, base Dense, a Dense, b Dense", Kinds(model));
        Assert.AreEqual((Role.Constant, 64 + 48 + 16 + 12L, 8L, 2L), (model.Tensor("gain").Role, model.Parameters(), model.Layers!.Width!.Value, model.Layers.Depth!.Value));
    }

    [TestMethod]
    [DataRow("mean", DisplayName = "LayerNorm as PyTorch writes it")]
    [DataRow("rms", DisplayName = "RMSNorm, divided")]
    [DataRow("reciprocal", DisplayName = "RMSNorm, multiplied")]
    [DataRow("power", DisplayName = "RMSNorm by a power")]
    [DataRow("half", DisplayName = "RMSNorm computed in another type")]
    [DataRow("groups", DisplayName = "GroupNorm by an InstanceNormalization of ones")]
    [DataRow("small", DisplayName = "ε behind the root")]
    public void Scale_and_shift_of_a_written_out_normalization_are_its_own(string form)
    {
        var graph = new OnnxGraph().Input("x", DataTypes.Float32, "n", "8").Initializer(Onnx.Weights("g", 8), Onnx.Weights("b", 8), Onnx.Floats("two", [], 2), Onnx.Floats("eps", [], 1e-5f), Onnx.Floats("minus", [], -0.5f), Onnx.Weights("w", 8, 8), Onnx.Floats("one", [2], 1, 1), Onnx.Floats("zero", [2], 0, 0))
            .Node("MatMul", "x w", "h");
        if (form == "groups")
        {
            graph.Node("Reshape", "h s", "r").Node("InstanceNormalization", "r one zero", "i").Node("Reshape", "i s2", "n");
        }
        else
        {
            graph.Node("ReduceMean", "h", "m").Node("Sub", "h m", "d").Node("Pow", "d two", "sq").Node("ReduceMean", "sq", "var").Node("Add", "var eps", "ve");
            _ = form switch
            {
                "reciprocal" => graph.Node("Sqrt", "ve", "sd").Node("Reciprocal", "sd", "inv").Node("Mul", "d inv", "n"),
                "power" => graph.Node("Pow", "ve minus", "inv").Node("Mul", "d inv", "n"),
                "half" => graph.Node("Sqrt", "ve", "sd").Node("Div", "d sd", "n0").Node("Cast", "n0", "n", Onnx.Attribute("to", 10L)),
                "small" => graph.Node("Sqrt", "var", "root").Node("Add", "root eps", "sd").Node("Div", "d sd", "n"),
                _ => graph.Node("Sqrt", "ve", "sd").Node("Div", "d sd", "n"),
            };
        }
        var model = Reading.Read(graph.Node("Mul", "n g", "scaled").Node("Add", "scaled b", "y"));

        Assert.AreEqual((LayerKind.Normalization, LayerKind.Normalization), (Kind(model, "g"), Kind(model, "b")));
        Assert.AreEqual(8 + 8 + 64 + 2 + 2L, model.Parameters());
    }

    [TestMethod]
    public void A_function_that_normalizes_takes_its_scale_and_shift_from_its_caller()
    {
        var function = Onnx.Function("local", "Norm", ["v", "scale", "shift"], ["o"], Onnx.Node("ReduceMean", ["v"], ["m"]), Onnx.Node("Sub", ["v", "m"], ["d"]), Onnx.Node("Mul", ["d", "d"], ["sq"]), Onnx.Node("ReduceMean", ["sq"], ["var"]),
            Onnx.Node("Sqrt", ["var"], ["sd"]), Onnx.Node("Div", ["d", "sd"], ["n"]), Onnx.Node("Mul", ["n", "scale"], ["s"]), Onnx.Node("Add", ["s", "shift"], ["o"]));
        var model = Reading.Read(Onnx.Model(new OnnxGraph().Input("x", DataTypes.Float32, "n", "8").Initializer(Onnx.Weights("g", 8), Onnx.Weights("b", 8)).Node("Norm", "local", "x g b", "y"), others: ("local", 1)).Nested(25, function));

        Assert.AreEqual("g Normalization, b Normalization", Kinds(model));
    }

    [TestMethod]
    public void A_weight_that_is_picked_from_a_sequence_is_that_of_its_layer()
    {
        var model = Reading.Read(new OnnxGraph().Input("x", DataTypes.Float32, "n", "8").Initializer(Onnx.Weights("a", 8, 16), Onnx.Weights("b", 8, 16)).Node("SequenceConstruct", "a b", "s").Node("SequenceAt", "s which", "w").Node("MatMul", "x w", "y"));

        Assert.AreEqual(("a Dense, b Dense", 1L, 16L), (Kinds(model), model.Layers!.Depth!.Value, model.Layers.Width!.Value));
    }

    [TestMethod]
    public void A_number_in_the_arithmetic_of_a_weight_is_no_parameter()
    {
        var model = Reading.Read(new OnnxGraph().Input("x", DataTypes.Float32, "1", "3", "8", "8").Initializer(Onnx.Weights("w", 4, 3, 3, 3), Onnx.Weights("gain", 4, 1, 1, 1), Onnx.Floats("eps", [], 1e-5f), Onnx.Floats("fan", [1], 0.2f))
            .Node("ReduceMean", "w", "m").Node("Sub", "w m", "c").Node("Mul", "c c", "sq").Node("ReduceMean", "sq", "var").Node("Add", "var eps", "ve").Node("Sqrt", "ve", "sd").Node("Div", "gain sd", "k").Node("Mul", "k fan", "k2").Node("Mul", "c k2", "ws").Node("Conv", "x ws", "y"));

        Assert.AreEqual(("w Convolution, gain Convolution, eps Other, fan Other", 108 + 4L), (Kinds(model), model.Parameters()));
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void TensorFlow_puts_the_scale_to_the_inverse_and_the_shift_to_the_mean(bool isTrained)
    {
        var graph = new OnnxGraph().Input("x", DataTypes.Float32, "n", "8").Initializer(Onnx.Weights("g", 8), Onnx.Weights("b", 8), Onnx.Floats("eps", [], 1e-5f));
        if (isTrained) graph.Initializer(Onnx.Weights("m", 8), Onnx.Weights("var", 8));
        else graph.Node("ReduceMean", "x", "m").Node("Sub", "x m", "d").Node("Mul", "d d", "sq").Node("ReduceMean", "sq", "var");
        var model = Reading.Read(graph.Node("Add", "var eps", "ve").Node("Sqrt", "ve", "sd").Node("Reciprocal", "sd", "inv").Node("Mul", "inv g", "factor")
            .Node("Mul", "x factor", "scaled").Node("Mul", "m factor", "gone").Node("Sub", "b gone", "shift").Node("Add", "scaled shift", "y"));

        Assert.AreEqual((LayerKind.Normalization, LayerKind.Normalization), (Kind(model, "g"), Kind(model, "b")));
    }

    [TestMethod]
    public void What_only_looks_like_a_normalization_is_none()
    {
        var model = Reading.Read(new OnnxGraph().Initializer(Onnx.Weights("gate", 8), Onnx.Weights("bias", 8), Onnx.Floats("size", [], 64), Onnx.Weights("place", 4, 8), Onnx.Weights("n", 8))
            .Node("Sqrt", "size", "root").Node("Div", "x root", "scaled").Node("Mul", "scaled gate", "a").Node("Add", "a bias", "b").Node("LayerNormalization", "b n", "c").Node("Add", "c place", "y"));

        Assert.AreEqual("gate Other, bias Bias, size Other, place Bias, n Normalization", Kinds(model));
    }

    [TestMethod]
    [DataRow("0", DisplayName = "one expert")]
    [DataRow("2", DisplayName = "several")]
    public void Experts_that_are_picked_from_a_stack_are_dense(string rank)
    {
        var graph = new OnnxGraph().Input("which", DataTypes.Int64, rank == "0" ? [] : ["n", rank]).Initializer(Onnx.Weights("up", 4, 8, 32), Onnx.Weights("upBias", 4, 32), Onnx.Weights("down", 4, 8, 32), Onnx.Weights("table", 50, 8))
            .Node("Gather", "table ids", "x").Node("Gather", "up which", "u").Node("MatMul", "x u", "h").Node("Gather", "upBias which", "ub").Node("Add", "h ub", "h2")
            .Node("Gather", "down which", "d").Node("Transpose", "d", "dt", rank == "0" ? Onnx.Attribute("perm", 1L, 0) : Onnx.Attribute("perm", 0L, 2, 1)).Node("MatMul", "h2 dt", "y");
        var model = Reading.Read(graph);

        Assert.AreEqual("up Dense, upBias Bias, down Dense, table Embedding", Kinds(model));
        Assert.AreEqual((3L, 32L), (model.Layers!.Depth, model.Layers.Width));
    }

    [TestMethod]
    [DataRow(false, DisplayName = "dequantized, then picked")]
    [DataRow(true, DisplayName = "picked, then dequantized")]
    public void Experts_of_codes_are_dense_wherever_they_are_dequantized(bool isPickedFirst)
    {
        var graph = new OnnxGraph().Input("x", DataTypes.Float32, "n", "8").Initializer(Onnx.Zeros("w", DataTypes.Int8, 4, 8, 16), Onnx.Weights("scale", 4, 1, 16));
        if (isPickedFirst) graph.Node("Gather", "w which", "codes").Node("Gather", "scale which", "s").Node("Cast", "codes", "c", Onnx.Attribute("to", 1L)).Node("Mul", "c s", "picked");
        else graph.Node("DequantizeLinear", "w scale", "d").Node("Gather", "d which", "picked");
        var model = Reading.Read(graph.Node("MatMul", "x picked", "y"));

        Assert.AreEqual(("w Dense, scale Other", 512L, 1L, 16L), (Kinds(model), model.Parameters(), model.Layers!.Depth!.Value, model.Layers.Width!.Value));
    }

    [TestMethod]
    public void A_table_of_three_dimensions_that_a_matrix_takes_the_rows_of_stays_a_table() =>
        Assert.AreEqual("table Embedding, w Dense", Kinds(Reading.Read(new OnnxGraph().Initializer(Onnx.Weights("table", 50, 2, 8), Onnx.Weights("w", 16, 8)).Node("Gather", "table ids", "e").Node("Reshape", "e s", "r").Node("MatMul", "r w", "y"))));

    [TestMethod]
    [DataRow("input", DisplayName = "sizes as an input")]
    [DataRow("attribute", DisplayName = "sizes as an attribute")]
    public void Width_of_a_piece_of_a_weight_is_its_own(string form)
    {
        var graph = new OnnxGraph().Initializer(Onnx.Weights("w", 8, 48), Onnx.Ints("sizes", [3], 8, 16, 24)).Node("Split", form == "input" ? "w sizes" : "w", "a b c", form == "input" ? [Onnx.Attribute("axis", 1L)] : [Onnx.Attribute("axis", -1L), Onnx.Attribute("split", 8L, 16, 24)])
            .Node("MatMul", "x a", "y");

        Assert.AreEqual(8, Reading.Read(graph).Layers!.Width);
        Assert.AreEqual(16, Reading.Read(graph.Node("MatMul", "x b", "z")).Layers!.Width);
    }

    [TestMethod]
    public void Pieces_without_sizes_are_equal_but_for_the_last() =>
        Assert.AreEqual(2, Reading.Read(new OnnxGraph().Initializer(Onnx.Weights("w", 8, 8)).Node("Split", "w", "a b c", Onnx.Attribute("axis", 1L), Onnx.Attribute("num_outputs", 3L)).Node("Transpose", "c", "t").Node("MatMul", "t x", "y")).Layers!.Width);

    [TestMethod]
    public void Weights_that_are_laid_side_by_side_are_as_wide_as_all_of_them() =>
        Assert.AreEqual(24, Reading.Read(new OnnxGraph().Initializer(new[] { "q", "k", "v" }.Select(static name => Onnx.Weights(name, 8, 8))).Node("Concat", "q k v", "w", Onnx.Attribute("axis", 1L)).Node("MatMul", "x w", "y")).Layers!.Width);

    [TestMethod]
    public void Scale_and_shift_of_a_normalization_of_responses_are_its_own()
    {
        var model = Reading.Read(new OnnxGraph().Input("x", DataTypes.Float32, "1", "4", "4", "8").Initializer(Onnx.Weights("g", 8), Onnx.Weights("b", 8), Onnx.Floats("eps", [], 1e-6f))
            .Node("ReduceL2", "x", "length").Node("ReduceMean", "length", "mean").Node("Add", "mean eps", "all").Node("Div", "length all", "share").Node("Mul", "x share", "n").Node("Mul", "g n", "scaled").Node("Add", "scaled b", "y"));

        Assert.AreEqual("g Normalization, b Normalization, eps Other", Kinds(model));
    }

    [TestMethod]
    public void Kernels_whose_channels_are_scaled_at_run_time_are_those_of_the_convolution()
    {
        var model = Reading.Read(new OnnxGraph().Input("style", DataTypes.Float32, "1", "1", "3", "1", "1").Initializer(Onnx.Weights("w", 1, 4, 3, 3, 3), Onnx.Ints("shape", [4], 4, 3, 3, 3)).Node("Mul", "w style", "m").Node("Reshape", "m shape", "k").Node("Conv", "x k", "y"));

        Assert.AreEqual((LayerKind.Convolution, 1L, 4L), (Kind(model, "w"), model.Layers!.Depth, model.Layers.Width));
    }

    [TestMethod]
    [DataRow(true, DisplayName = "rows of positions")]
    [DataRow(false, DisplayName = "for all positions")]
    public void Tables_that_rotate_queries_and_keys_are_computed_and_not_learned(bool isLookedUp)
    {
        var graph = new OnnxGraph().Input("q", DataTypes.Float32, "1", "2", "4", "8").Initializer(Onnx.Weights("cos", 32, 8), Onnx.Weights("sin", 32, 8), Onnx.Weights("gate", 8), Onnx.Ints("axis", [1], 1));
        foreach (var name in new[] { "cos", "sin" })
        {
            if (isLookedUp) graph.Node("Gather", name + " positions", name + "1").Node("Unsqueeze", name + "1 axis", name + "2");
            else graph.Node("Identity", name, name + "2");
        }
        var model = Reading.Read(graph.Node("Mul", "q cos2", "a").Node("Slice", "q s e", "q1").Node("Slice", "q e t", "q2").Node("Neg", "q2", "n").Node("Concat", "n q1", "turned", Onnx.Attribute("axis", -1L)).Node("Mul", "turned sin2", "b").Node("Add", "a b", "r")
            .Node("Mul", "r gate", "y"));

        Assert.AreEqual((Role.Constant, Role.Constant, Role.Weight, 8L), (model.Tensor("cos").Role, model.Tensor("sin").Role, model.Tensor("gate").Role, model.Parameters()));
    }

    [TestMethod]
    [DataRow("SparseAttention", "q k v pk pv r c n m t", Role.Constant)]
    [DataRow("PagedAttention", "q k v kc vc n p b t", Role.Constant)]
    [DataRow("QOrderedMatMul", "a s t", Role.Weight)]
    [DataRow("QOrderedMatMul", "a s w t", Role.Scale)]
    [DataRow("QOrderedLayerNormalization", "a s t", Role.Normalization)]
    [DataRow("CausalConvWithState", "x t", Role.Weight)]
    [DataRow("ConvTransposeWithDynamicPads", "x w p t", Role.Bias)]
    public void Operators_of_the_runtime_have_the_inputs_that_they_document(string @operator, string inputs, Role role) =>
        Assert.AreEqual(role, Reading.Read(Onnx.Model(new OnnxGraph().Initializer(Onnx.Weights("t", 4, 4, 3)).Node(@operator, "com.microsoft", inputs, "y"), others: ("com.microsoft", 1))).Tensor("t").Role);

    [TestMethod]
    [DataRow("fd,bd->bf", "w x", 20L)]
    [DataRow("b d, f d -> b f", "x w", 20L)]
    [DataRow("bd,fd", "x w", 8L, DisplayName = "an equation without a result")]
    [DataRow("...d,fd->...f", "x w", 20L)]
    public void Width_of_an_equation_is_that_of_the_letters_its_weight_adds(string equation, string inputs, long width) =>
        Assert.AreEqual(width, Reading.Read(new OnnxGraph().Initializer(Onnx.Weights("w", 20, 8)).Node("Einsum", inputs, "y", Onnx.Attribute("equation", equation))).Layers!.Width);

    [TestMethod]
    public void Width_of_a_turned_factor_is_that_of_its_rows() =>
        Assert.AreEqual(24, Reading.Read(Onnx.Model(new OnnxGraph().Initializer(Onnx.Weights("w", 24, 8)).Node("FusedMatMul", "com.microsoft", "x w", "y", Onnx.Attribute("transB", 1L)), others: ("com.microsoft", 1))).Layers!.Width);

    private static string Kinds(ModelFile model) => string.Join(", ", model.Tensors.Select(tensor => $"{tensor.Name} {Kind(model, tensor.Name)}"));

    private static LayerKind Kind(ModelFile model, string tensor) => model.Layers!.Kinds[model.Tensors.ToList().FindIndex(each => each.Name == tensor)];
}
