using System.Globalization;
using System.Text;
using ModelGate.Models;
using ModelGate.TestModels;

namespace ModelGate.Tests.Models;

/// <summary>Models far larger than any real one are read; what goes beyond the limits is refused with the limit's name, before it takes the memory.</summary>
[TestClass]
public class OnnxLimitsTests
{
    private const int LongestName = 64 * 1024, GraphField = 7, NodeTag = 0x0A, InitializerTag = 0x2A, SparseInitializerTag = 0x7A, OutputTag = 0x62;

    [TestMethod]
    public void Packed_integers_without_end_are_refused_before_they_are_counted()
    {
        if (OperatingSystem.IsWindows()) Assert.Inconclusive("Files have holes only on request on Windows.");
        const long Int64 = 7, Ints = 4L << 30;
        using var folder = new TemporaryFolder();
        var path = folder.File("holes.onnx");
        using (var file = File.Create(path))
            Onnx.Model(new OnnxGraph("g").Initializer(new Message().Varint(1, Ints).Varint(2, Int64).Zeros(7, Ints))).WriteTo(file);

        var error = Assert.ThrowsExactly<ModelException>(() => ModelReader.Read(path));

        Assert.AreEqual(Diagnostics.ModelLimit, error.Kind, error.Message);
        Assert.Contains("packed integers together exceed 2147483648 bytes", error.Message);
    }

    [TestMethod]
    public void A_million_nodes_are_read()
    {
        var model = Read(Graph(write =>
        {
            write.Nested(InitializerTag, Onnx.Floats("v0", [4], 1, 2, 3, 4));
            for (var index = 0; index < 1_000_000; index++)
                write.Nested(NodeTag, Relu(Name(index), Name(index + 1)));
        }));

        Assert.AreEqual((4L, "Relu"), (model.Parameters(), model.Tensors[0].Operator));
    }

    [TestMethod]
    public void Three_hundred_and_fifty_thousand_tensors_are_read()
    {
        var model = Read(Graph(write =>
        {
            for (var index = 0; index < 350_000; index++)
                write.Nested(InitializerTag, [0x08, 2, 0x10, 1], Text(0x42, Name(index)), [0x4A, 8, 0, 0, 0, 0, 0, 0, 0, 0]);
        }));

        Assert.AreEqual(700_000, model.Parameters());
    }

    [TestMethod]
    public void A_hundred_megabytes_of_names_are_read() => Assert.HasCount(1600, ReadNamed(1600).Tensors);

    [TestMethod]
    public void More_names_than_memory_is_given_to_are_refused()
    {
        var error = Assert.ThrowsExactly<ModelException>(() => ReadNamed(4300));

        Assert.AreEqual(Diagnostics.ModelLimit, error.Kind, error.Message);
        Assert.Contains("the names of the model together exceed 268435456 bytes", error.Message);
    }

    [TestMethod]
    [DataRow(2_000_000, NodeTag, "2000000 nodes")]
    [DataRow(1_000_000, InitializerTag, "1000000 tensors")]
    [DataRow(1_000_000, SparseInitializerTag, "1000000 tensors", DisplayName = "sparse ones that hold nothing")]
    [DataRow(1_000_000, OutputTag, "1000000 declarations")]
    public void One_more_than_the_limit_is_refused(int limit, int tag, string named)
    {
        var empty = new byte[2 * (limit + 1)]; // messages of no bytes
        for (var index = 0; index < empty.Length; index += 2) empty[index] = (byte)tag;

        Assert.Contains($"the model has more than {named}", Refused(Graph(write => write.Raw(empty))).Message);
    }

    [TestMethod]
    public void Dimensions_of_inputs_are_bounded_together()
    {
        const int Rank = 64, Limit = 4_000_000;
        byte[] open = [.. Enumerable.Repeat((byte[])[0x0A, 0], Rank).SelectMany(dim => dim)]; // dimensions of which nothing is said

        Assert.Contains($"more than {Limit} dimensions of inputs and outputs", Refused(Graph(write =>
        {
            var value = new Message().Nested(2, new Message().Nested(1, new Message().Bytes(2, open))).ToArray();
            for (var index = 0; index <= Limit / Rank; index++) write.Nested(OutputTag, value);
        })).Message);
    }

    // Every tag and length is an ASCII character.
    private static byte[] Relu(string input, string output) =>
        Encoding.ASCII.GetBytes($"\n{(char)input.Length}{input}\u0012{(char)output.Length}{output}\"\u0004Relu");

    private static string Name(int index) => string.Create(CultureInfo.InvariantCulture, $"v{index}");

    private static byte[] Text(byte tag, string text) => [tag, (byte)text.Length, .. Encoding.ASCII.GetBytes(text)];

    // Tensors without elements, whose names are zeros and differ in length: holes in a file.
    private static ModelFile ReadNamed(int tensors)
    {
        using var folder = new TemporaryFolder();
        var graph = new OnnxGraph();
        for (var index = 0; index < tensors; index++)
            graph.Initializer(new Message().Varint(1, 0).Varint(2, 1).Zeros(8, LongestName - index));
        return ModelReader.Read(Onnx.Model(graph).Save(folder.File("m.onnx")));
    }

    private static MemoryStream Graph(Action<Writer> fill)
    {
        var graph = new Writer();
        fill(graph);
        var model = new Writer();
        model.Raw([0x08, 8]);
        model.Nested((GraphField << 3) | 2, graph.Bytes);
        model.Nested(0x42, [0x10, 17]);
        return model.Stream;
    }

    private static ModelFile Read(MemoryStream stream)
    {
        using (stream) return ModelReader.Read(stream, "model.onnx");
    }

    private static ModelException Refused(MemoryStream stream)
    {
        var error = Assert.ThrowsExactly<ModelException>(() => Read(stream));
        Assert.AreEqual(Diagnostics.ModelLimit, error.Kind, error.Message);
        return error;
    }

    private static byte[] Varint(int value) => value < 128 ? [(byte)value] : [(byte)(value | 0x80), .. Varint(value >> 7)];

    // The message builder keeps every part as an object, which is too much for a million.
    private sealed class Writer
    {
        public MemoryStream Stream { get; } = new();

        public ReadOnlyMemory<byte> Bytes => Stream.GetBuffer().AsMemory(0, (int)Stream.Length);

        public void Raw(byte[] bytes) => Stream.Write(bytes);

        public void Nested(int tag, Message message) => Nested(tag, message.ToArray());

        public void Nested(int tag, params byte[][] parts)
        {
            Stream.WriteByte((byte)tag);
            Stream.Write(Varint(parts.Sum(part => part.Length)));
            foreach (var part in parts) Stream.Write(part);
        }

        public void Nested(int tag, ReadOnlyMemory<byte> message)
        {
            Stream.WriteByte((byte)tag);
            Stream.Write(Varint(message.Length));
            Stream.Write(message.Span);
        }
    }
}
