using FsCheck;
using FsCheck.Fluent;
using ModelGate.Models;
using ModelGate.TestModels;

namespace ModelGate.Tests.Models;

/// <summary>Damaged and hostile files lead to a typed error, or to a result; never to anything else.</summary>
[TestClass]
public class OnnxHostileTests
{
    [TestMethod]
    public void A_model_cut_at_any_byte_is_refused()
    {
        var bytes = SmallModels.Convolutional().ToArray();
        var whole = SmallModels.Looping().ToArray();
        for (var length = 0; length < whole.Length; length++) AssertRefused(whole[..length]);
        for (var length = 0; length < bytes.Length; length += 37) AssertRefused(bytes[..length]);

        static void AssertRefused(byte[] bytes) => Assert.IsNotNull(Outcome(bytes).Error, $"a prefix of {bytes.Length} bytes was taken for a whole model");
    }

    [TestMethod]
    public void Random_bytes_are_no_model()
    {
        var random = new Random(7);
        for (var round = 0; round < 500; round++)
        {
            var bytes = new byte[random.Next(1, 4096)];
            random.NextBytes(bytes);
            Assert.IsNotNull(Outcome(bytes).Error);
        }
    }

    [TestMethod]
    public void An_input_that_is_declared_twice_breaks_nothing() =>
        Assert.HasCount(2, Reading.Read(new OnnxGraph().Input("x", DataTypes.Int64, "4").Input("x", DataTypes.Int64, "4").Initializer(Onnx.Weights("w", 4, 4)).Node("Gather", "w x", "y")).Inputs);

    [TestMethod]
    public void Adding_a_tensor_never_lowers_a_count()
    {
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), sizes =>
        {
            var graph = new OnnxGraph();
            var before = 0L;
            for (var index = 0; index < Math.Min(sizes.Length, 12); index++)
            {
                graph.Initializer(Onnx.Zeros($"t{sizes[index] % 3}", DataTypes.Float32, sizes[index] % 7 + 1, 2)).Node("MatMul", $"x t{index % 3}", $"y{index}");
                var after = Reading.Read(graph).Parameters();
                if (after < before) return false;
                before = after;
            }
            return true;
        }).QuickCheckThrowOnFailure();
    }

    [TestMethod]
    public void Adding_a_tensor_of_any_type_at_any_place_never_lowers_a_count()
    {
        DataType[] types = [DataTypes.Float32, DataTypes.Float16, DataTypes.Int8, DataTypes.Int64, DataTypes.Bool, DataTypes.Int4];
        string[] uses = ["MatMul x #", "Add x #", "Mul x #", "Gather # x", "DequantizeLinear x #", "BatchNormalization x a b #", "Clip x #", "Identity #", "SomethingNew #"];
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var graph = new OnnxGraph();
            var (parameters, elements) = (0L, 0L);
            for (var added = 0; added < 8; added++)
            {
                var number = random.Next(4); // a name may come again, for the same use: another would tell more of the tensors that have it
                var name = $"t{number}";
                var tensor = Onnx.Zeros(name, types[random.Next(types.Length)], random.Next(1, 5), 2);
                var place = random.Next(5);
                var words = uses[(seed + number) % uses.Length].Replace("#", place == 1 ? $"{name}_{added}" : name, StringComparison.Ordinal).Split(' ', 2);
                _ = place switch
                {
                    0 => graph.Initializer(tensor).Node(words[0], words[1], "y"),
                    1 => graph.Node("Constant", "", $"{name}_{added}", Onnx.TensorAttribute("value", tensor)).Node(words[0], words[1], "y"),
                    2 => graph.Node("If", "c", "z", Onnx.Attribute("then_branch", new OnnxGraph().Initializer(tensor).Node(words[0], words[1], "y"))),
                    3 => graph.SparseInitializer(Onnx.Sparse(name, [9], [3], 1)).Node(words[0], words[1], "y"),
                    _ => graph.Node("LinearRegressor", "ai.onnx.ml", "x", "y", Onnx.Attribute("coefficients", 1f, 2)),
                };
                var model = Reading.Read(graph);

                Assert.IsGreaterThanOrEqualTo(parameters, model.Parameters(), $"seed {seed}");
                Assert.IsGreaterThan(elements, model.Tensors.Sum(static one => one.Elements), $"seed {seed}");
                (parameters, elements) = (model.Parameters(), model.Tensors.Sum(static one => one.Elements));
            }
        }
    }

    [TestMethod]
    public void Where_the_fields_of_a_tensor_disagree_it_is_refused_and_else_it_takes_what_it_stores()
    {
        DataType[] types = [DataTypes.Float32, DataTypes.Int64, DataTypes.Int8, DataTypes.Float16, DataTypes.Int4];
        var (read, refused) = (0, 0);
        for (var seed = 0; seed < 3000; seed++)
        {
            var random = new Random(seed);
            var type = types[random.Next(types.Length)];
            var tensor = Onnx.Header("w", type, [.. Enumerable.Range(0, random.Next(3)).Select(_ => (long)random.Next(4))]);
            var raw = random.Next(2) * random.Next(17);
            if (raw > 0) tensor.Bytes(9, new byte[raw]);
            var (floats, int32s, int64s) = (Few(), Few(), Few());
            for (var value = 0; value < floats; value++) tensor.Fixed32(4, 1);
            for (var value = 0; value < int32s; value++) tensor.Varint(5, 1);
            for (var value = 0; value < int64s; value++) tensor.Varint(7, 1);
            if (Outcome(Onnx.Model(new OnnxGraph().Initializer(tensor)).ToArray()).Model is not { } model)
            {
                refused++;
                continue;
            }
            read++;
            Assert.AreEqual(raw + ((floats + int32s + int64s) * Math.Max(1, type.Bits / 8)), model.Tensors.Single().Bytes, $"seed {seed}");

            int Few() => random.Next(4) == 0 ? random.Next(4) : 0;
        }

        Assert.IsGreaterThan(100, read);
        Assert.IsGreaterThan(100, refused);
    }

    [TestMethod]
    [DataRow(new byte[] { 0x3A, 0xFF, 0xFF, 0xFF, 0xFF, 0x07, 1 }, "bytes long, but only", DisplayName = "length of 2^31-1")]
    [DataRow(new byte[] { 0x3A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01, 1 }, "bytes long, but only", DisplayName = "negative length")]
    [DataRow(new byte[] { 8, 8, 0x3A, 11, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01 }, "longer than 10 bytes", DisplayName = "varint of 11 bytes")]
    [DataRow(new byte[] { 8, 8, 0x0E, 1 }, "wire type 6", DisplayName = "wire type 6")]
    [DataRow(new byte[] { 8, 8, 0x0F, 1 }, "wire type 7", DisplayName = "wire type 7")]
    [DataRow(new byte[] { 8, 8, 0x02, 1, 1 }, "field number 0", DisplayName = "field number 0")]
    [DataRow(new byte[] { 8, 8, 0x9B, 0x3F, 0x9C, 0x47 }, "ends as group", DisplayName = "group that ends as another")]
    [DataRow(new byte[] { 8, 8, 0x9C, 0x3F }, "never began", DisplayName = "end of no group")]
    [DataRow(new byte[] { 8, 8 }, "without a graph", DisplayName = "a prefix that parses")]
    public void Broken_wire_format_is_told_with_its_offset(byte[] bytes, string reason)
    {
        var error = Outcome(bytes).Error!;

        Assert.AreEqual(Diagnostics.ModelMalformed, error.Kind, error.Message);
        Assert.Contains(reason, error.Message);
        Assert.StartsWith("at byte ", error.Message);
    }

    [TestMethod]
    public void A_prefix_that_ends_before_the_operator_sets_is_refused() =>
        Assert.Contains("opset_import", Reading.Refused(new Message().Varint(1, 8).Nested(7, new OnnxGraph().Message)).Message);

    [TestMethod]
    public void Graphs_and_groups_nested_ten_thousand_deep_are_refused_without_overflowing_the_stack()
    {
        var message = new Message();
        for (var level = 0; level < 10_000; level++) // from the inside: a node's attribute holds a graph that holds a node
            message = new Message().Raw(level % 3 == 0 ? (byte)0x0A : level % 3 == 1 ? (byte)0x32 : (byte)0x2A).Raw(Varint(message.ToArray().Length)).Raw(message.ToArray());
        var groups = new Message().Varint(1, 8).Raw([.. Enumerable.Repeat<byte[]>([0x9B, 0x3F], 10_000).SelectMany(tag => tag)]);

        Assert.AreEqual(Diagnostics.ModelLimit, Reading.Refused(new Message().Varint(1, 8).Nested(7, message)).Kind);
        Assert.AreEqual(Diagnostics.ModelLimit, Reading.Refused(groups).Kind);

        static byte[] Varint(int value) => value < 128 ? [(byte)value] : [(byte)(value | 0x80), .. Varint(value >> 7)];
    }

    [TestMethod]
    public void Dimensions_whose_product_overflows_are_refused() =>
        AssertMalformed(Onnx.Header("w", DataTypes.Float32, 1L << 40, 1L << 40), "does not fit");

    [TestMethod]
    public void Negative_dimensions_are_refused() => AssertMalformed(Onnx.Header("w", DataTypes.Float32, -1, 4), "dimension -1");

    [TestMethod]
    public void A_rank_beyond_all_reason_is_refused() =>
        Assert.AreEqual(Diagnostics.ModelLimit, Reading.Refused(Onnx.Model(new OnnxGraph().Initializer(Onnx.Header("w", DataTypes.Float32, [.. Enumerable.Repeat(1L, 100)])))).Kind);

    [TestMethod]
    [DataRow(0L)]
    [DataRow(-100L)]
    [DataRow(27L)]
    public void Element_types_that_do_not_exist_are_refused(long type) =>
        AssertMalformed(new Message().Varint(1, 1).Varint(2, type).Text(8, "w").Bytes(9, [0, 0, 0, 0]), "which ONNX does not define");

    [TestMethod]
    public void Storage_that_contradicts_the_declaration_is_refused()
    {
        AssertMalformed(Onnx.Header("w", DataTypes.Float32, 4).Bytes(9, new byte[12]), "stores 12 bytes");
        AssertMalformed(Onnx.Header("w", DataTypes.Float32, 4).Bytes(9, new byte[20]), "stores 20 bytes");
        AssertMalformed(Onnx.Header("w", DataTypes.Float32, 4), "stores none");
        AssertMalformed(Onnx.Header("w", DataTypes.Float32, 1).Bytes(9, new byte[4]).Fixed32(4, 1), "stored twice");
        AssertMalformed(Onnx.Header("w", DataTypes.Float32, 1).Varint(7, 1), "do not belong");
        AssertMalformed(Onnx.Header("w", DataTypes.Int64, 3).Packed(7, 1, 2), "stores 2");
        AssertMalformed(Onnx.External("w", DataTypes.Float32, [1], "w.bin").Bytes(9, new byte[4]), "both in the model and in external data");
    }

    [TestMethod]
    public void A_sparse_tensor_cannot_store_more_than_its_shape_holds()
    {
        Assert.AreEqual(Diagnostics.ModelMalformed, Reading.Refused(Onnx.Model(new OnnxGraph().SparseInitializer(Onnx.Sparse("w", [2], [0, 1, 2], 1, 2, 3)))).Kind);
        Assert.AreEqual(Diagnostics.ModelMalformed, Reading.Refused(Onnx.Model(new OnnxGraph().SparseInitializer(Onnx.Sparse("w", [1L << 40, 1L << 40], [0], 1)))).Kind);
    }

    [TestMethod]
    [DataRow(314159L)]
    [DataRow(0L)]
    [DataRow(-1L)]
    public void Operator_sets_that_cannot_exist_are_refused(long version) =>
        Assert.Contains("operator set", Reading.Refused(Onnx.Model(new OnnxGraph(), opset: version)).Message);

    [TestMethod]
    public void A_name_longer_than_any_real_one_is_refused() =>
        Assert.AreEqual(Diagnostics.ModelLimit, Reading.Refused(Onnx.Model(new OnnxGraph().Initializer(Onnx.Zeros(new string('n', 100_000), DataTypes.Float32, 1)))).Kind);

    [TestMethod]
    public void Names_that_are_not_text_are_shown_with_a_replacement()
    {
        var tensor = new Message().Varint(1, 1).Varint(2, 1).Bytes(8, [(byte)'w', 0xED, 0xA0, 0x80]).Bytes(9, new byte[4]);

        Assert.StartsWith("w\uFFFD", Reading.Read(new OnnxGraph().Initializer(tensor)).Tensors[0].Name);
    }

    [TestMethod]
    public void A_long_chain_of_nodes_that_pass_tensors_on_is_followed_within_bounds()
    {
        var graph = new OnnxGraph();
        for (var index = 0; index < 3000; index++) graph.Initializer(Onnx.Floats($"t{index}", [2], 1, 2)).Node("Identity", index == 0 ? "t0" : $"v{index - 1} t{index}", $"v{index}");
        for (var index = 3000; index < 20_000; index++) graph.Node("Identity", $"v{index - 1}", $"v{index}");

        Assert.AreEqual(6000, Reading.Read(graph).Parameters());
    }

    private static void AssertMalformed(Message tensor, string reason)
    {
        var error = Reading.Refused(Onnx.Model(new OnnxGraph().Initializer(tensor)));

        Assert.AreEqual(Diagnostics.ModelMalformed, error.Kind, error.Message);
        Assert.Contains(reason, error.Message);
    }

    private static (ModelFile? Model, ModelException? Error) Outcome(byte[] bytes)
    {
        try
        {
            using var stream = new MemoryStream(bytes);
            return (ModelReader.Read(stream, "model.onnx"), null);
        }
        catch (ModelException exception)
        {
            return (null, exception);
        }
    }
}
