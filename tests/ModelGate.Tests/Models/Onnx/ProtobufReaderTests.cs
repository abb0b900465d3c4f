using ModelGate.Models;
using ModelGate.TestModels;

namespace ModelGate.Tests.Models;

/// <summary>What is read of a file does not depend on where the pieces begin and end in which it comes.</summary>
[TestClass]
public sealed class ProtobufReaderTests
{
    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    [DataRow(7)]
    [DataRow(64)]
    public void A_model_is_read_alike_however_few_bytes_come_at_a_time(int most)
    {
        foreach (var model in (Message[])[SmallModels.Looping(), SmallModels.Convolutional(), LongNames()])
        {
            var bytes = model.ToArray();
            using var whole = new MemoryStream(bytes);
            using var pieces = new Pieces(bytes, most);

            Assert.AreEqual(Listing(whole), Listing(pieces));
        }
    }

    // A length of one byte and of two, and a name that is longer than what is read at first after a jump.
    private static Message LongNames()
    {
        var graph = new OnnxGraph();
        foreach (var length in (int[])[126, 127, 128, 129, 300])
        {
            var name = new string('w', length);
            graph.Initializer(Onnx.Zeros(name, DataTypes.Float32, 1000)).Node("PRelu", $"x {name}", "y" + name);
        }
        return Onnx.Model(graph);
    }

    private static string Listing(Stream file)
    {
        var model = ModelReader.Read(file, "m.onnx");
        return string.Join('\n', model.Tensors.Select(static tensor => $"{tensor.Name} [{string.Join(',', tensor.Dims)}] {tensor.Type} {tensor.Role} {tensor.Place} {tensor.Graph} {tensor.Layer} {tensor.Operator} {tensor.Bytes} at {tensor.Data?.Offset}"));
    }

    /// <summary>A file of which every read brings so many bytes at most.</summary>
    private sealed class Pieces(byte[] bytes, int most) : MemoryStream(bytes)
    {
        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(most, buffer.Length)]);

        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(most, count));
    }
}
