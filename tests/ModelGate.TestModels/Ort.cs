using ModelGate.Models;
using ModelGate.Models.Onnx;

namespace ModelGate.TestModels;

/// <summary>The tables of a file in ONNX Runtime's format, as small functions. Field numbers are those of ort.fbs.</summary>
public static class Ort
{
    /// <summary>A session of one model.</summary>
    public static FlatObject Session(FlatObject graph, long irVersion = 8, string version = "6") => new FlatObject().Text(0, version)
        .Table(1, new FlatObject().Int64(0, irVersion).Tables(1, new FlatObject().Text(0, "").Int64(1, 17)).Table(7, graph));

    /// <summary>A graph; its inputs are float32 of the dimensions [batch, 4, ?].</summary>
    public static FlatObject Graph(FlatObject[] initializers, FlatObject[] nodes, string[] inputs, params string[] outputs) => new FlatObject()
        .Tables(0, initializers)
        .Tables(1, [.. inputs.Select(Value)])
        .Tables(2, nodes)
        .Texts(5, inputs)
        .Texts(6, outputs);

    /// <summary>A tensor of zeros.</summary>
    public static FlatObject Tensor(string name, DataType type, params long[] dims) =>
        Header(name, type, dims).Bytes(4, new byte[type.BytesOf(dims.Aggregate(1L, (product, dim) => product * dim))]);

    /// <summary>A tensor of which only name, type and dimensions are set.</summary>
    public static FlatObject Header(string name, DataType type, params long[] dims) => new FlatObject().Text(0, name).Int64s(2, dims).Int32(3, ElementTypes.NumberOf(type));

    /// <summary>A node; inputs and outputs are separated by spaces.</summary>
    public static FlatObject Node(string @operator, string inputs, string outputs, params FlatObject[] attributes) => new FlatObject()
        .Text(0, @operator + "_0").Text(2, "").Text(5, @operator).Texts(8, inputs.Split(' ')).Texts(9, outputs.Split(' ')).Tables(10, attributes);

    /// <summary>An attribute that holds a graph.</summary>
    public static FlatObject Body(string name, FlatObject graph) => new FlatObject().Text(0, name).Int32(2, 5).Table(7, graph);

    /// <summary>An attribute that holds a list of floats.</summary>
    public static FlatObject Floats(string name, params float[] values) => new FlatObject().Text(0, name).Int32(2, 6).Floats(8, values);

    /// <summary>An attribute that holds a list of texts.</summary>
    public static FlatObject Texts(string name, params string[] values) => new FlatObject().Text(0, name).Int32(2, 8).Texts(10, values);

    /// <summary>Bytes of the file.</summary>
    public static byte[] File(FlatObject session) => session.ToFile("ORTM");

    /// <summary>A dense layer with 8 weights and 2 biases, and an If whose branch adds 3 more.</summary>
    public static FlatObject Small() => Session(Graph(
        [Tensor("w", DataTypes.Float32, 4, 2), Tensor("b", DataTypes.Float32, 2), Tensor("flag", DataTypes.Bool)],
        [Node("Gemm", "x w b", "y"), Node("If", "flag", "z", Body("then_branch", Graph([Tensor("inner", DataTypes.Float32, 3)], [Node("Add", "y inner", "t")], [], "t")))],
        ["x"], "y", "z"));

    private static FlatObject Value(string name)
    {
        var shape = new FlatObject().Tables(0, Dimension(new FlatObject().Byte(0, 2).Text(2, "batch")), Dimension(new FlatObject().Byte(0, 1).Int64(1, 4)), Dimension(new FlatObject()));
        return new FlatObject().Text(0, name).Table(2, new FlatObject().Byte(1, 1).Table(2, new FlatObject().Int32(0, 1).Table(1, shape)));
    }

    private static FlatObject Dimension(FlatObject value) => new FlatObject().Table(0, value);
}
