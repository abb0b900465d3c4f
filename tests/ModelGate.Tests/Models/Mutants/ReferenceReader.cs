using System.Numerics;
using System.Text;
using Google.Protobuf;

namespace ModelGate.Tests.Models.Mutants;

/// <summary>
/// How many elements an ONNX file stores, found by going through its bytes with Google's own decoder of the wire format and by nothing that
/// ModelGate reads with: initializers, sparse tensors, Constant nodes in every form, lists and tensors in attributes, at any depth, in local
/// functions and training information. Tensors count by their declared dimensions. Field numbers are those of onnx.proto.
/// </summary>
internal static class ReferenceReader
{
    private const int Varint = (int)WireFormat.WireType.Varint, Fixed32 = (int)WireFormat.WireType.Fixed32, Delimited = (int)WireFormat.WireType.LengthDelimited;

    /// <summary>All stored elements of a model.</summary>
    /// <exception cref="InvalidProtocolBufferException">The bytes are no protobuf message.</exception>
    public static BigInteger Elements(byte[] model)
    {
        var message = new Parsed(model);
        return message.Each(7).Aggregate(BigInteger.Zero, (sum, graph) => sum + Graph(graph))
            + message.Each(25).Aggregate(BigInteger.Zero, (sum, function) => sum + Function(function))
            + message.Each(20).Aggregate(BigInteger.Zero, (sum, training) => sum + new Parsed(training).Each(1, 2).Aggregate(BigInteger.Zero, (inner, graph) => inner + Graph(graph)));
    }

    private static BigInteger Graph(byte[] graph)
    {
        var message = new Parsed(graph);
        return message.Each(1).Aggregate(BigInteger.Zero, (sum, node) => sum + Node(node))
            + message.Each(5).Aggregate(BigInteger.Zero, (sum, tensor) => sum + Dense(tensor))
            + message.Each(15).Aggregate(BigInteger.Zero, (sum, sparse) => sum + Sparse(sparse));
    }

    private static BigInteger Function(byte[] function)
    {
        var message = new Parsed(function);
        return message.Each(7).Aggregate(BigInteger.Zero, (sum, node) => sum + Node(node)) + message.Each(11).Aggregate(BigInteger.Zero, (sum, attribute) => sum + Attribute(attribute, "", ""));
    }

    private static BigInteger Node(byte[] node)
    {
        var message = new Parsed(node);
        return message.Each(5).Aggregate(BigInteger.Zero, (sum, attribute) => sum + Attribute(attribute, message.Text(4), message.Text(7)));
    }

    private static BigInteger Attribute(byte[] attribute, string @operator, string domain)
    {
        var message = new Parsed(attribute);
        var (isConstant, keepsLists) = (@operator == "Constant", domain == "ai.onnx.ml" || @operator == "TfIdfVectorizer");
        var count = message.Whole(6) is { } body ? Graph(body) : BigInteger.Zero;
        count += message.Each(11).Aggregate(BigInteger.Zero, (sum, graph) => sum + Graph(graph));
        count += message.Whole(22) is { } sparse ? Sparse(sparse) : 0;
        if (message.Whole(5) is { } tensor) count += Kept(Dense(tensor));
        if (!isConstant) count += message.Each(10).Aggregate(BigInteger.Zero, (sum, each) => sum + Kept(Dense(each))) + message.Each(23).Aggregate(BigInteger.Zero, (sum, each) => sum + Sparse(each));
        if (isConstant)
        {
            var refers = message.Whole(21) is not null && message.Text(21).Length > 0;
            if (message.Has(2, Fixed32) || refers && message.Text(1) == "value_float") count++;
            if (message.Has(3, Varint) || refers && message.Text(1) == "value_int") count++;
            if (message.Has(4, Delimited)) count++;
        }
        if (isConstant || keepsLists) count += message.Count(7, Fixed32) + (message.Each(7).Sum(static packed => packed.Length) / 4) + message.Count(8, Varint) + message.Each(8).Sum(static packed => (long)Varints(packed)) + message.Count(9, Delimited);
        return count;

        // Of other operators a single element is no weight, and is not listed.
        BigInteger Kept(BigInteger elements) => elements.IsOne && !isConstant && !keepsLists ? 0 : elements;
    }

    private static BigInteger Sparse(byte[] sparse) => new Parsed(sparse).Whole(1) is { } values ? Dense(values) : 0;

    private static BigInteger Dense(byte[] tensor)
    {
        var product = BigInteger.One;
        foreach (var field in new Parsed(tensor).Fields)
        {
            if (field is { Number: 1, Type: Varint }) product *= (long)field.Value;
            if (field is not { Number: 1, Type: Delimited }) continue;
            using var packed = new CodedInputStream(field.Bytes);
            while (!packed.IsAtEnd) product *= packed.ReadInt64();
        }
        return product;
    }

    private static int Varints(byte[] packed) => packed.Count(static value => value < 0x80);

    // A message, field by field.
    private sealed class Parsed
    {
        public Parsed(byte[] message)
        {
            using var input = new CodedInputStream(message);
            for (uint tag; (tag = input.ReadTag()) != 0;)
            {
                var (number, type) = (WireFormat.GetTagFieldNumber(tag), WireFormat.GetTagWireType(tag));
                if (type == WireFormat.WireType.Varint) Fields.Add(new(number, Varint, input.ReadUInt64(), []));
                else if (type == WireFormat.WireType.LengthDelimited) Fields.Add(new(number, Delimited, 0, input.ReadBytes().ToByteArray()));
                else input.SkipLastField();
                if (type == WireFormat.WireType.Fixed32) Fields.Add(new(number, Fixed32, 0, []));
            }
        }

        public List<Field> Fields { get; } = [];

        public IEnumerable<byte[]> Each(params int[] numbers) => Fields.Where(field => field.Type == Delimited && numbers.Contains(field.Number)).Select(static field => field.Bytes);

        // A message that stands twice where one is allowed is merged: which is what its parts say one after the other.
        public byte[]? Whole(int number) => Has(number, Delimited) ? [.. Each(number).SelectMany(static part => part)] : null;

        public string Text(int number) => Encoding.UTF8.GetString(Each(number).LastOrDefault() ?? []);

        public bool Has(int number, int type) => Fields.Exists(field => field.Number == number && field.Type == type);

        public int Count(int number, int type) => Fields.Count(field => field.Number == number && field.Type == type);
    }

    private sealed record Field(int Number, int Type, ulong Value, byte[] Bytes);
}
