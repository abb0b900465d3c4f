using System.Numerics;
using Google.Protobuf;
using ModelGate.Models;
using ModelGate.TestModels;

namespace ModelGate.Tests.Models;

/// <summary>Damaged models against a second reader, which goes through the same bytes with Google's own decoder of the wire format.</summary>
[TestClass]
public class ReferenceReaderTests
{
    [TestMethod]
    public void Mutants_have_the_initializers_that_another_reader_finds_or_are_refused()
    {
        byte[][] seeds = [SmallModels.Dense().ToArray(), SmallModels.Looping().ToArray(), SmallModels.Attention(3).ToArray(), Nested().ToArray()];
        var random = new Random(20261122);
        var compared = 0;
        for (var round = 0; round < 8000; round++)
        {
            var mutant = seeds[round % seeds.Length].ToArray();
            for (var change = random.Next(1, 4); change > 0; change--) mutant[random.Next(mutant.Length)] = (byte)random.Next(256);
            if (Hostile.Outcome(mutant, "m.onnx").Model is not { } model) continue;

            var found = model.Tensors.Where(tensor => tensor.Place == Place.Initializer).Aggregate(BigInteger.Zero, (sum, tensor) => sum + tensor.Elements);
            Assert.AreEqual(Reference.Initializers(mutant), found, $"in round {round}");
            compared++;
        }

        Assert.IsGreaterThan(500, compared, "too few were whole enough to be compared");
    }

    private static Message Nested() => Onnx.Model(new OnnxGraph().Initializer(Onnx.Floats("a", [2, 3], 1, 2, 3, 4, 5, 6)).Node("If", "c", "y",
        Onnx.Attribute("then_branch", new OnnxGraph("then").Initializer(Onnx.Zeros("b", DataTypes.Int8, 5)).Output("b", DataTypes.Int8)),
        Onnx.Attribute("else_branch", new OnnxGraph("else").Initializer(Onnx.Zeros("d", DataTypes.Float16, 4)).Node("If", "c", "z",
            Onnx.Attribute("then_branch", new OnnxGraph("deep").Initializer(Onnx.Zeros("e", DataTypes.Float32, 3)).Output("e", DataTypes.Float32))).Output("d", DataTypes.Float16))));

    /// <summary>Elements of all initializers by their declared dimensions. Field numbers are those of onnx.proto.</summary>
    private static class Reference
    {
        public static BigInteger Initializers(byte[] model) => Sum(model, (7, Graph));

        private static BigInteger Graph(byte[] graph) => Sum(graph, (1, node => Sum(node, (5, attribute => Sum(attribute, (6, Graph), (11, Graph))))), (5, Tensor));

        private static BigInteger Sum(byte[] message, params (int Field, Func<byte[], BigInteger> Count)[] parts)
        {
            using var input = new CodedInputStream(message);
            var sum = BigInteger.Zero;
            for (uint tag; (tag = input.ReadTag()) != 0;)
            {
                var part = WireFormat.GetTagWireType(tag) == WireFormat.WireType.LengthDelimited ? Array.Find(parts, each => each.Field == WireFormat.GetTagFieldNumber(tag)) : default;
                if (part.Count is null) input.SkipLastField();
                else sum += part.Count(input.ReadBytes().ToByteArray());
            }
            return sum;
        }

        private static BigInteger Tensor(byte[] tensor)
        {
            const uint Dim = 8, PackedDims = 10;
            using var input = new CodedInputStream(tensor);
            var product = BigInteger.One;
            for (uint tag; (tag = input.ReadTag()) != 0;)
            {
                if (tag == Dim)
                {
                    product *= input.ReadInt64();
                }
                else if (tag == PackedDims)
                {
                    using var packed = new CodedInputStream(input.ReadBytes().ToByteArray());
                    while (!packed.IsAtEnd) product *= packed.ReadInt64();
                }
                else
                {
                    input.SkipLastField();
                }
            }
            return product;
        }
    }
}
