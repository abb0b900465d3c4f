using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using ModelGate.Measuring;
using ModelGate.Models;
using ModelGate.TestModels;
using ModelGate.Tests.Measuring.Latency;

namespace ModelGate.Tests.Measuring.Inputs;

/// <summary>Inputs of every kind that a model may declare, and inputs from files, through the real worker.</summary>
[TestClass]
public sealed class InputTests
{
    [TestMethod]
    public void A_pipeline_that_takes_text_runs() => AssertRuns(InputModels.TextPipeline());

    [TestMethod]
    public void A_sequence_of_tensors_is_made() => AssertRuns(InputModels.Sequence());

    [TestMethod]
    public void The_shape_said_of_a_sequence_is_that_of_what_it_holds()
    {
        using var folder = new TemporaryFolder();
        var failed = (Measurement.Failed)Measure(folder, InputModels.Sequence(), new WorkerInput("xs", ["2", "4"], null, null, null));
        Assert.Contains("dimension 1 of 'xs' is 3 in the model and 4", failed.Reason);
    }

    [TestMethod]
    public void An_optional_tensor_is_given() => AssertRuns(InputModels.OptionalTensor());

    [TestMethod]
    public void A_map_is_made() => AssertRuns(InputModels.Map());

    [TestMethod]
    [DataRow("past_sequence_length", "total_sequence_length", "sequence_length")]
    [DataRow("past_sequence_length", "past_sequence_length + sequence_length", "sequence_length")]
    [DataRow("past_sequence + sequence", "past_sequence + sequence", "sequence", DisplayName = "as older exporters wrote it")]
    [DataRow("", "", "", DisplayName = "no names")]
    public void A_decoder_with_a_cache_runs_on_a_mask_as_long_as_what_is_cached_and_new_together(string past, string total, string sequence) => AssertRuns(InputModels.CachedDecoder(past, total, sequence));

    [TestMethod]
    public void A_decoder_runs_on_an_empty_cache_where_that_is_said()
    {
        using var folder = new TemporaryFolder();
        string path = InputModels.CachedDecoder("past", "past + n", "n").Save(folder.File("model.onnx"));
        var request = Workers.Request(path, Workers.Metrics("latency.p50", "memory.activations")) with { Dimensions = [new("past", 0), new("n", 8)] };

        foreach (var measured in Workers.Measure(request, Workers.Real).Measurements)
            Assert.IsNotInstanceOfType<Measurement.Failed>(measured, (measured as Measurement.Failed)?.Reason);
    }

    [TestMethod]
    [DataRow("Conv", "4 3 1 1", "n channels h w", "0 3 0 0")]
    [DataRow("MatMul", "5 4", "n s features", "0 0 5")]
    [DataRow("Gemm", "5 4", "n features", "0 5")]
    [DataRow("LSTM", "1 8 6", "n s features", "0 0 6")]
    public void A_dimension_that_the_weights_fix_need_not_be_said(string @operator, string weight, string input, string sizes)
    {
        using var folder = new TemporaryFolder();
        var graph = new OnnxGraph().Input("x", DataTypes.Float32, input.Split(' ')).Initializer(Onnx.Weights("w", Longs(weight)), Onnx.Weights("r", 1, 8, 2)).Node("Identity", "x", "same")
            .Node(@operator, @operator == "LSTM" ? "same w r" : "same w", "y", @operator == "LSTM" ? [Onnx.Attribute("hidden_size", 2L)] : []).Output("y", DataTypes.Float32);
        string path = Onnx.Model(graph).Save(folder.File("model.onnx"));
        var request = Workers.Request(path, Workers.Metrics("latency.p50")) with { Structure = ModelReader.Read(path) };

        var measured = Workers.Measure(request, Workers.Real).Measurements[0];

        CollectionAssert.AreEqual(Longs(sizes), request.Structure.Inputs[0].Sizes!.ToArray());
        Assert.IsInstanceOfType<Measurement.Sampled>(measured, (measured as Measurement.Failed)?.Reason);
        Assert.DoesNotContain(input.Split(' ')[System.Array.FindIndex(Longs(sizes), static size => size > 0)], OpenDimensions.Note(request)!);

        static long[] Longs(string text) => [.. text.Split(' ').Select(static number => long.Parse(number, System.Globalization.CultureInfo.InvariantCulture))];
    }

    [TestMethod]
    public void An_attention_mask_hides_nothing() => AssertRuns(Onnx.Model(new OnnxGraph("mask").Input("attention_mask", DataTypes.Int64, "1", "8")
        .Initializer(Onnx.Ints("length", [1], 8), Onnx.Weights("table", 1, 1))
        .Node("ReduceSum", "attention_mask", "sum", Onnx.Attribute("keepdims", 0L)).Node("Sub", "sum length", "row").Node("Gather", "table row", "y") // of a table of one row
        .Output("y", DataTypes.Float32, "1", "1")));

    [TestMethod]
    public void A_size_that_is_asked_for_and_a_shape_that_fixes_it_contradict_each_other()
    {
        using var folder = new TemporaryFolder();
        string path = InputModels.CachedDecoder("past", "past + n", "n").Save(folder.File("model.onnx"));
        var request = Workers.Request(path, Workers.Metrics("latency.p50")) with { Inputs = [new("input_ids", ["1", "4"], null, null, null)], Dimensions = [new("n", 8)] };

        var failed = (Measurement.Failed)Workers.Measure(request, Workers.Real).Measurements[0];

        Assert.AreEqual("MG4009", failed.Kind.Code, failed.Reason);
        Assert.Contains("dimension 'n' is to be 8, but a shape that is said of 'input_ids', or the model it is compared with, fixes it at 4", failed.Reason);
    }

    [TestMethod]
    [DataRow("x.npy")]
    [DataRow("all.npz")]
    public void Values_come_from_a_file(string name)
    {
        using var folder = new TemporaryFolder();
        string data = WriteData(folder, name, "<f4", [3, 4]);
        var measured = Measure(folder, SmallModels.Dense(), new WorkerInput("x", null, null, null, null) { Data = data });
        Assert.IsInstanceOfType<Measurement.Sampled>(measured, (measured as Measurement.Failed)?.Reason);
    }

    [TestMethod]
    public void Values_from_a_file_must_fit_the_model()
    {
        using var folder = new TemporaryFolder();
        AssertRefused("dimension 1 of 'x' is 4 in the model and 5", WriteData(folder, "x.npy", "<f4", [3, 5]));
        AssertRefused("'x' is float32 in the model and float64 in its data", WriteData(folder, "x.npy", "<f8", [3, 4]));
        AssertRefused("'x' has 2 dimensions in the model and 1", WriteData(folder, "x.npy", "<f4", [4]));
        AssertRefused("of type '<U3'", WriteData(folder, "x.npy", "<U3", [3, 4]));
        AssertRefused("of type '>f4'", WriteData(folder, "x.npy", ">f4", [3, 4]));
        AssertRefused("larger than ModelGate feeds", WriteData(folder, "x.npy", "<f4", [1_000_000, 1_000_000]));
        AssertRefused("column by column", WriteData(folder, "x.npy", "<f4", [3, 4], order: "True"));
        AssertRefused("it has no array 'x'; it has other", WriteData(folder, "all.npz", "<f4", [3, 4], member: "other"));
        AssertRefused("it is no NumPy array", folder.Write("x.npy", "<html>nothing here</html>"u8.ToArray()));
        AssertRefused("x.npy cannot be used", Truncated(WriteData(folder, "x.npy", "<f4", [3, 4])));
        AssertRefused("missing.npy cannot be used", folder.File("missing.npy"));
        AssertRefused("cannot be used", folder.Write("x.npz", [1, 2, 3]));

        void AssertRefused(string reason, string data)
        {
            var failed = (Measurement.Failed)Measure(folder, SmallModels.Dense(), new WorkerInput("x", null, null, null, null) { Data = data });
            Assert.AreEqual("MG4009", failed.Kind.Code, failed.Reason);
            Assert.Contains(reason, failed.Reason);
        }
    }

    [TestMethod]
    public void An_input_that_is_too_large_is_refused_however_its_size_is_put()
    {
        using var folder = new TemporaryFolder();
        string[] open = [.. Enumerable.Range(0, 8).Select(i => $"d{i}")];
        var model = Onnx.Model(new OnnxGraph("large").Input("x", DataTypes.Float32, open).Node("Identity", "x", "y").Output("y", DataTypes.Float32, open));
        foreach (string[] shape in (string[][])[["999999999", "2", "1", "1", "1", "1", "1", "1"], [.. Enumerable.Repeat("65536", 8)]]) // 2^128 wraps to nothing
        {
            var failed = (Measurement.Failed)Measure(folder, model, new WorkerInput("x", shape, null, null, null));
            Assert.AreEqual("MG4009", failed.Kind.Code, failed.Reason);
            Assert.Contains("is larger than ModelGate makes inputs", failed.Reason);
        }
    }

    [TestMethod]
    public void Indices_are_bounded_in_bodies_and_through_converted_tables()
    {
        using var folder = new TemporaryFolder();
        string path = Onnx.Model(new OnnxGraph("bounded")
            .Input("a", DataTypes.Int64, "4").Input("b", DataTypes.Int64, "4").Input("more", DataTypes.Bool)
            .Initializer(Onnx.Weights("first", 7, 2), Onnx.Weights("second", 5, 2))
            .Node("Cast", "first", "converted", Onnx.Attribute("to", 11L))
            .Node("Gather", "converted a", "y")
            .Node("If", "more", "z",
                Onnx.Attribute("then_branch", new OnnxGraph("then").Node("Gather", "second b", "rows").Output("rows", DataTypes.Float32, "4", "2")),
                Onnx.Attribute("else_branch", new OnnxGraph("else").Node("Gather", "first b", "others").Output("others", DataTypes.Float32, "4", "2")))
            .Output("y", DataTypes.Float64, "4", "2").Output("z", DataTypes.Float32, "4", "2")).Save(folder.File("model.onnx"));
        var inputs = ModelReader.Read(path).Inputs;
        Assert.AreEqual(7, inputs[0].Rows);
        Assert.AreEqual(5, inputs[1].Rows, "the smaller of two tables");
        Assert.IsNull(inputs[2].Rows);
    }

    private static void AssertRuns(Message model)
    {
        using var folder = new TemporaryFolder();
        var measured = Measure(folder, model);
        Assert.IsInstanceOfType<Measurement.Sampled>(measured, (measured as Measurement.Failed)?.Reason);
    }

    // Timed runs as well: binding inputs is another path of the runtime than giving them.
    private static Measurement Measure(TemporaryFolder folder, Message model, params WorkerInput[] inputs) =>
        Workers.Measure(Workers.Request(model.Save(folder.File("model.onnx")), Workers.Metrics("latency.p50")) with { Inputs = inputs }, Workers.Real).Measurements[0];

    // As numpy.save writes it: magic, version 1.0, length of the header, the header padded to 64 bytes, the data.
    private static byte[] Array(string type, long[] shape, string order)
    {
        string header = $"{{'descr': '{type}', 'fortran_order': {order}, 'shape': ({string.Concat(shape.Select(size => size + ", "))}), }}";
        header = header.PadRight(((10 + header.Length + 1 + 63) / 64 * 64) - 11) + "\n";
        byte[] length = new byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(length, (ushort)header.Length);
        float[] values = new float[Math.Min(1024, shape.Aggregate(1L, (product, size) => product * size)) * (type.EndsWith('8') ? 2 : 1)];
        return [0x93, .. "NUMPY"u8, 1, 0, .. length, .. Encoding.ASCII.GetBytes(header), .. MemoryMarshal.AsBytes<float>(values)];
    }

    private static string WriteData(TemporaryFolder folder, string name, string type, long[] shape, string order = "False", string member = "x")
    {
        byte[] array = Array(type, shape, order);
        if (!name.EndsWith(".npz", StringComparison.Ordinal))
            return folder.Write(name, array);
        File.Delete(folder.File(name));
        using var archive = ZipFile.Open(folder.File(name), ZipArchiveMode.Create);
        using var entry = archive.CreateEntry(member + ".npy").Open();
        entry.Write(array);
        return folder.File(name);
    }

    private static string Truncated(string path)
    {
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..^5]);
        return path;
    }
}
