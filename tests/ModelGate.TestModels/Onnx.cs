using System.Runtime.InteropServices;
using ModelGate.Models;
using ModelGate.Models.Onnx;

namespace ModelGate.TestModels;

/// <summary>The messages of an ONNX file, as small functions. Field numbers are those of onnx.proto.</summary>
public static class Onnx
{
    /// <summary>A model of one graph.</summary>
    public static Message Model(OnnxGraph graph, long opset = 17, long ir = 8, params (string Domain, long Version)[] others)
    {
        var model = new Message().Varint(1, ir).Text(2, "ModelGate tests").Nested(7, graph.Message).Nested(8, OperatorSet("", opset));
        foreach (var (domain, version) in others)
            model.Nested(8, OperatorSet(domain, version));
        return model;
    }

    /// <summary>One entry of opset_import.</summary>
    public static Message OperatorSet(string domain, long version) => new Message().Text(1, domain).Varint(2, version);

    /// <summary>A tensor whose values are all zero, stored as raw data.</summary>
    public static Message Zeros(string name, DataType type, params long[] dims) =>
        Header(name, type, dims).Zeros(9, type.BytesOf(dims.Aggregate(1L, (product, dim) => checked(product * dim))));

    /// <summary>A float32 tensor, stored as raw data.</summary>
    public static Message Floats(string name, long[] dims, params float[] values) =>
        Header(name, DataTypes.Float32, dims).Bytes(9, MemoryMarshal.AsBytes<float>(values).ToArray());

    /// <summary>A float32 tensor of small values that differ from each other and are always the same, stored as raw data.</summary>
    public static Message Weights(string name, params long[] dims)
    {
        var values = new float[dims.Aggregate(1L, (product, dim) => checked(product * dim))];
        for (var index = 0; index < values.Length; index++)
            values[index] = (((index * 2654435761L) % 1000) / 1000f - 0.5f) / MathF.Sqrt(dims.Length > 1 ? values.Length / dims[0] : 1);
        return Floats(name, dims, values);
    }

    /// <summary>An int64 tensor, stored as raw data.</summary>
    public static Message Ints(string name, long[] dims, params long[] values) =>
        Header(name, DataTypes.Int64, dims).Bytes(9, MemoryMarshal.AsBytes<long>(values).ToArray());

    /// <summary>A tensor of which only name, type and dimensions are set.</summary>
    public static Message Header(string name, DataType type, params long[] dims)
    {
        var tensor = new Message();
        foreach (var dim in dims)
            tensor.Varint(1, dim);
        return tensor.Varint(2, ElementTypes.NumberOf(type)).Text(8, name);
    }

    /// <summary>A tensor kept in another file.</summary>
    public static Message External(string name, DataType type, long[] dims, string location, string? offset = null, string? length = null)
    {
        var tensor = Header(name, type, dims).Nested(13, Entry("location", location));
        if (offset is not null) tensor.Nested(13, Entry("offset", offset));
        if (length is not null) tensor.Nested(13, Entry("length", length));
        return tensor.Varint(14, 1);
    }

    /// <summary>A sparse tensor of float32 values at linear indices.</summary>
    public static Message Sparse(string name, long[] dims, long[] indices, params float[] values)
    {
        var sparse = new Message().Nested(1, Floats(name, [values.Length], values)).Nested(2, Ints("", [indices.Length], indices));
        foreach (var dim in dims)
            sparse.Varint(3, dim);
        return sparse;
    }

    /// <summary>An attribute that holds an integer.</summary>
    public static Message Attribute(string name, long value) => OfType(name, 2).Varint(3, value);

    /// <summary>An attribute that holds a float.</summary>
    public static Message Attribute(string name, float value) => OfType(name, 1).Fixed32(2, value);

    /// <summary>An attribute that holds text.</summary>
    public static Message Attribute(string name, string value) => OfType(name, 3).Text(4, value);

    /// <summary>An attribute that holds a list of integers.</summary>
    public static Message Attribute(string name, params long[] values) => values.Aggregate(OfType(name, 7), (attribute, value) => attribute.Varint(8, value));

    /// <summary>An attribute that holds a list of floats.</summary>
    public static Message Attribute(string name, params float[] values) => values.Aggregate(OfType(name, 6), (attribute, value) => attribute.Fixed32(7, value));

    /// <summary>An attribute that holds a list of texts.</summary>
    public static Message Attribute(string name, params string[] values) => values.Aggregate(OfType(name, 8), (attribute, value) => attribute.Text(9, value));

    /// <summary>An attribute that holds a tensor.</summary>
    public static Message TensorAttribute(string name, Message tensor) => OfType(name, 4).Nested(5, tensor);

    /// <summary>An attribute that holds a sparse tensor.</summary>
    public static Message SparseAttribute(string name, Message sparse) => OfType(name, 11).Nested(22, sparse);

    /// <summary>An attribute that holds a graph: the body of If, Loop or Scan.</summary>
    public static Message Attribute(string name, OnnxGraph body) => OfType(name, 5).Nested(6, body.Message);

    /// <summary>A node.</summary>
    public static Message Node(string @operator, IEnumerable<string> inputs, IEnumerable<string> outputs, string domain = "", string name = "", params IEnumerable<Message> attributes)
    {
        var node = new Message();
        foreach (var input in inputs) node.Text(1, input);
        foreach (var output in outputs) node.Text(2, output);
        if (name.Length > 0) node.Text(3, name);
        node.Text(4, @operator);
        foreach (var attribute in attributes) node.Nested(5, attribute);
        return domain.Length > 0 ? node.Text(7, domain) : node;
    }

    /// <summary>A local function.</summary>
    public static Message Function(string domain, string name, IEnumerable<string> inputs, IEnumerable<string> outputs, params IEnumerable<Message> nodes)
    {
        var function = new Message().Text(1, name);
        foreach (var input in inputs) function.Text(4, input);
        foreach (var output in outputs) function.Text(5, output);
        foreach (var node in nodes) function.Nested(7, node);
        return function.Nested(9, OperatorSet("", 17)).Text(10, domain);
    }

    /// <summary>A key and its value, as external data and metadata are written.</summary>
    public static Message Entry(string key, string value) => new Message().Text(1, key).Text(2, value);

    /// <summary>A value with its type and shape; a dimension is a number or a symbolic name, and a shape that is null is left out.</summary>
    internal static Message ValueInfo(string name, DataType type, IEnumerable<string>? dims)
    {
        var tensor = new Message().Varint(1, ElementTypes.NumberOf(type));
        if (dims is not null)
        {
            var shape = new Message();
            foreach (var dim in dims)
                shape.Nested(1, long.TryParse(dim, out var number) ? new Message().Varint(1, number) : new Message().Text(2, dim));
            tensor.Nested(2, shape);
        }

        return new Message().Text(1, name).Nested(2, new Message().Nested(1, tensor));
    }

    private static Message OfType(string name, int type) => new Message().Text(1, name).Varint(20, type);
}
