using ModelGate.Measuring;
using ModelGate.Models;
using ModelGate.TestModels;

namespace ModelGate.Tests.Models.TensorFlowLite;

[TestClass]
public class LiteTests
{
    private const string Path = "model.tflite";

    [TestMethod]
    public void Tensors_have_the_role_that_their_operators_give_them()
    {
        var model = Read(Lite.Small());

        Assert.AreEqual((ModelFormat.TensorFlowLite, 22L), (model.Format, model.Parameters()));
        Assert.AreEqual((Role.Weight, "CONV_2D", "y", 72L), (model.Tensor("w").Role, model.Tensor("w").Operator, model.Tensor("w").Layer, model.Tensor("w").Bytes));
        Assert.AreEqual((Role.Bias, Role.Index, Role.Bias), (model.Tensor("b").Role, model.Tensor("shape").Role, model.Tensor("addend").Role));
        Assert.AreEqual(("x", "1,8,8,1"), (model.Inputs.Single().Name, string.Join(',', model.Inputs.Single().Dims!)));
    }

    [TestMethod]
    public void Half_precision_weights_are_followed_through_their_conversion()
    {
        var model = Read(Lite.Model([Lite.Dequantize, Lite.FullyConnected], [Lite.Buffer(0), Lite.Buffer(16)],
            Lite.Subgraph([Lite.Tensor("x", Lite.Float32, 0, 1, 4), Lite.Tensor("half", Lite.Float16, 1, 2, 4), Lite.Tensor("w", Lite.Float32, 0, 2, 4), Lite.Tensor("y", Lite.Float32, 0, 1, 2)],
                [0], Lite.Node(0, [1], 2), Lite.Node(1, [0, 2, -1], 3))));

        Assert.AreEqual((8L, "FULLY_CONNECTED", Role.Weight), (model.Parameters(), model.Tensors.Single().Operator, model.Tensors.Single().Role));
    }

    [TestMethod]
    public void Scales_and_zero_points_of_weights_are_bits_of_theirs()
    {
        var weight = Lite.Tensor("w", Lite.Int8, 1, 2, 4).Table(4, Lite.Quantization([1, 2], [0, 0]));
        var model = Read(Lite.Model([Lite.FullyConnected], [Lite.Buffer(0), Lite.Buffer(8)],
            Lite.Subgraph([Lite.Tensor("x", Lite.Int8, 0, 1, 4).Table(4, Lite.Quantization([1], [0])), weight, Lite.Tensor("y", Lite.Int8, 0, 1, 2)], [0], Lite.Node(0, [0, 1, -1], 2))));

        Assert.AreEqual(8, model.Parameters());
        Assert.AreEqual((Role.Scale, 8L, Place.Quantization), (model.Tensor("w.scale").Role, model.Tensor("w.scale").Bytes, model.Tensor("w.scale").Place));
        Assert.AreEqual((8 + 8 + 16) * 8 / 8.0, ((Measurement.Exact)WeightCensus.Measure(MetricCatalogue.Find("bits_per_weight")!, model)).Value);
    }

    [TestMethod]
    public void Scales_of_blocks_are_tensors_that_no_operator_takes_and_no_weights()
    {
        var blocks = new FlatObject().Byte(4, 2).Table(5, new FlatObject().Int32(0, 3).Int32(1, -1).Int32(2, 32));
        var model = Read(Lite.Model([Lite.FullyConnected], [Lite.Buffer(0), Lite.Buffer(64), Lite.Buffer(8)],
            Lite.Subgraph([Lite.Tensor("x", Lite.Float32, 0, 1, 64), Lite.Tensor("w", Lite.Int4, 1, 2, 64).Table(4, blocks), Lite.Tensor("y", Lite.Float32, 0, 1, 2), Lite.Tensor("scales", Lite.Float16, 2, 2, 2)],
                [0], Lite.Node(0, [0, 1, -1], 2))));

        Assert.AreEqual((128L, Role.Scale), (model.Parameters(), model.Tensor("scales").Role));
        Assert.AreEqual((64 + 8) * 8 / 128.0, ((Measurement.Exact)WeightCensus.Measure(MetricCatalogue.Find("bits_per_weight")!, model)).Value);
    }

    [TestMethod]
    public void A_weight_that_several_operators_take_makes_a_layer_of_each()
    {
        const int Lookup = 7;
        var model = Read(Lite.Model([Lookup, Lite.FullyConnected], [Lite.Buffer(0), Lite.Buffer(320)],
            Lite.Subgraph([Lite.Tensor("ids", Lite.Int32, 0, 1), Lite.Tensor("table", Lite.Float32, 1, 20, 4), Lite.Tensor("h", Lite.Float32, 0, 1, 4), Lite.Tensor("y", Lite.Float32, 0, 1, 20)],
                [0], Lite.Node(0, [0, 1], 2), Lite.Node(1, [2, 1, -1], 3))));

        Assert.AreEqual((80L, 2L, 20L), (model.Parameters(), model.Layers!.Depth, model.Layers.Width));
    }

    [TestMethod]
    [DataRow(2, 2L, DisplayName = "a body with a layer, behind one")]
    [DataRow(0, 1L, DisplayName = "a body that is the model itself")]
    [DataRow(9, 1L, DisplayName = "a body that there is not")]
    public void Layers_of_a_body_are_on_the_path_through_its_loop(int body, long depth)
    {
        const int While = 119;
        FlatObject[] tensors = [Lite.Tensor("x", Lite.Float32, 0, 1, 4), Lite.Tensor("w", Lite.Float32, 1, 4, 4), Lite.Tensor("h", Lite.Float32, 0, 1, 4), Lite.Tensor("y", Lite.Float32, 0, 1, 4)];
        FlatObject[] inner = [Lite.Tensor("i", Lite.Float32, 0, 1, 4), Lite.Tensor("v", Lite.Float32, 2, 4, 4), Lite.Tensor("o", Lite.Float32, 0, 1, 4)];
        var model = Read(Lite.Model([Lite.FullyConnected, While], [Lite.Buffer(0), Lite.Buffer(64), Lite.Buffer(64)],
            Lite.Subgraph(tensors, [0], Lite.Node(0, [0, 1, -1], 2), Lite.Node(1, [2], 3).Table(4, new FlatObject().Int32(0, 1).Int32(1, body))),
            Lite.Subgraph([Lite.Tensor("c", Lite.Float32, 0, 1, 4)], [0]),
            Lite.Subgraph(inner, [0], Lite.Node(0, [0, 1, -1], 2))));

        Assert.AreEqual((32L, depth), (model.Parameters(), model.Layers!.Depth));
    }

    [TestMethod]
    public void A_buffer_that_tensors_share_counts_once_and_as_what_weighs_most()
    {
        var model = Read(Lite.Model([Lite.Reshape, Lite.FullyConnected], [Lite.Buffer(0), Lite.Buffer(16)],
            Lite.Subgraph([Lite.Tensor("x", Lite.Float32, 0, 1, 4), Lite.Tensor("shape", Lite.Int32, 1, 4), Lite.Tensor("w", Lite.Float32, 1, 1, 4), Lite.Tensor("y", Lite.Float32, 0, 1, 1)],
                [0], Lite.Node(0, [0, 1], 0), Lite.Node(1, [0, 2, -1], 3))));

        Assert.AreEqual(("w", 4L), (model.Tensors.Single().Name, model.Parameters()));
        Assert.Contains("shares its bytes", model.Notes.Single().Message);
    }

    [TestMethod]
    public void Bodies_of_control_flow_are_counted_with_their_name()
    {
        var body = Lite.Subgraph([Lite.Tensor("inner", Lite.Float32, 1, 4)], []).Text(4, "while_body");

        Assert.AreEqual("while_body", Read(Lite.Model([], [Lite.Buffer(0), Lite.Buffer(16)], Lite.Subgraph([], []), body)).Tensor("inner").Graph);
    }

    [TestMethod]
    public void Bytes_behind_the_flatbuffer_belong_to_the_buffer_that_says_so()
    {
        var file = Lite.File(Appended(offset: 0));
        var model = Hostile.Read([.. Lite.File(Appended(file.Length)), .. new byte[16]], Path);

        Assert.AreEqual((4L, (long)file.Length), (model.Parameters(), model.Tensors.Single().Data!.Offset));
        Hostile.AssertRefused([.. Lite.File(Appended(file.Length)), .. new byte[15]], Path, Diagnostics.ModelMalformed, "beyond the end of the file");

        static FlatObject Appended(long offset) =>
            Lite.Model([], [new FlatObject(), new FlatObject().Int64(1, offset).Int64(2, 16)], Lite.Subgraph([Lite.Tensor("w", Lite.Float32, 1, 4)], []));
    }

    [TestMethod]
    public void Buffers_in_files_beside_the_model_are_found_there()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("w.bin"), new byte[20]);

        var model = ModelReader.Read(Write("w.bin", 4, 16));

        Assert.AreEqual((4L, 20L), (model.Parameters(), model.ExternalFiles.Single().Length));
        Assert.AreEqual(Diagnostics.ExternalDataMissing, Assert.ThrowsExactly<ModelException>(() => ModelReader.Read(Write("v.bin", 4, 16))).Kind);
        Assert.AreEqual(Diagnostics.ExternalDataRange, Assert.ThrowsExactly<ModelException>(() => ModelReader.Read(Write("w.bin", 5, 16))).Kind);
        Assert.AreEqual(Diagnostics.ExternalDataRefused, Assert.ThrowsExactly<ModelException>(() => ModelReader.Read(Write("../w.bin", 4, 16))).Kind);

        string Write(string file, long offset, long length)
        {
            var path = folder.File("m.tflite");
            File.WriteAllBytes(path, Lite.File(Lite.Model([], [Lite.Buffer(0)], Lite.Subgraph([Lite.Tensor("w", Lite.Float32, 0, 4).Int32(10, 7)], []))
                .Tables(8, new FlatObject().Text(0, file)).Tables(9, new FlatObject().Int32(0, 7).Int64(2, offset).Int64(3, length))));
            return path;
        }
    }

    [TestMethod]
    public void A_file_that_several_groups_of_buffers_name_lies_on_disk_once()
    {
        using var folder = new TemporaryFolder();
        folder.Write("w.bin", new byte[16]);
        var path = folder.Write("m.tflite", Lite.File(Lite.Model([], [Lite.Buffer(0)], Lite.Subgraph([Lite.Tensor("w", Lite.Float32, 0, 4).Int32(10, 7)], []))
            .Tables(8, new FlatObject().Text(0, "w.bin"), new FlatObject().Text(0, "./w.bin"), new FlatObject().Text(0, "w.bin")).Tables(9, new FlatObject().Int32(0, 7).Int32(1, 2).Int64(2, 0).Int64(3, 16))));

        var model = ModelReader.Read(path);

        Assert.AreEqual((4L, model.Length + 16), (model.Parameters(), model.SizeOnDisk));
    }

    [TestMethod]
    public void A_sparse_tensor_counts_what_it_stores()
    {
        var model = Read(Lite.Model([], [Lite.Buffer(0), Lite.Buffer(12)], Lite.Subgraph([Lite.Tensor("w", Lite.Float32, 1, 10).Table(6, new FlatObject())], [])));

        Assert.AreEqual((3L, Place.Sparse), (model.Tensors.Single().Elements, model.Tensors.Single().Place));
        Assert.Contains("stores 3 of 10", model.Notes.Single().Message);
    }

    [TestMethod]
    [DataRow(Lite.Float16, 10, 20)]
    [DataRow(Lite.Int4, 9, 5)]
    [DataRow(Lite.UInt8, 9, 9)]
    [DataRow(Lite.Text, 2, 37)]
    public void Element_types_take_their_bytes(int type, int elements, int bytes) =>
        Assert.AreEqual((elements, bytes), ((int)One(type, elements, bytes).Tensors[0].Elements, (int)One(type, elements, bytes).Tensors[0].Bytes));

    [TestMethod]
    public void A_file_cut_at_any_byte_is_refused() => Hostile.AssertRefusedWhenCut(Lite.File(Lite.Small()), Path);

    [TestMethod]
    public void Files_that_contradict_themselves_are_refused()
    {
        Refused(Lite.Small().Int32(0, 2), "version 2 of TensorFlow Lite's schema");
        Refused(Lite.Model([], []), "no subgraph");
        Refused(Lite.Model([], [Lite.Buffer(0)], Lite.Subgraph([Lite.Tensor("t", 0, 5, 1)], [])), "buffer 5 of 1");
        Refused(Lite.Model([], [Lite.Buffer(0)], Lite.Subgraph([], [3])), "tensor 3 of 0");
        Refused(Lite.Model([], [Lite.Buffer(0)], Lite.Subgraph([], [], Lite.Node(2, []))), "operator 2 of 0");
        Refused(Lite.Model([], [Lite.Buffer(0), Lite.Buffer(8)], Lite.Subgraph([Lite.Tensor("t", Lite.Float32, 1, 4)], [])), "stores 8 bytes");
        Refused(Lite.Model([], [Lite.Buffer(0), Lite.Buffer(8)], Lite.Subgraph([Lite.Tensor("t", Lite.Float32, 1, -2)], [])), "dimension -2");
        Refused(Lite.Model([], [Lite.Buffer(0)], Lite.Subgraph([Lite.Tensor("t", Lite.Float32, 0, 4).Int32(10, 7)], [])), "external buffer 7");
    }

    [TestMethod]
    public void A_small_file_cannot_ask_for_endless_work()
    {
        var graph = new FlatObject().Repeated(0, 5000, Lite.Tensor("t", Lite.Float32, 0, 4));
        var model = new FlatObject().Int32(0, 3).Repeated(2, 5000, graph).Tables(4, Lite.Buffer(0));

        Hostile.AssertRefused(Lite.File(model), Path, Diagnostics.ModelLimit, "the same bytes again and again");
    }

    private static ModelFile One(int type, int elements, int bytes) =>
        Read(Lite.Model([], [Lite.Buffer(0), Lite.Buffer(bytes)], Lite.Subgraph([Lite.Tensor("t", type, 1, elements)], [])));

    private static ModelFile Read(FlatObject model) => Hostile.Read(Lite.File(model), Path);

    private static void Refused(FlatObject model, string reason) => Hostile.AssertRefused(Lite.File(model), Path, Diagnostics.ModelMalformed, reason);
}
