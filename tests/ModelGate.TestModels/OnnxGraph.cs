using System.Globalization;
using ModelGate.Models;

namespace ModelGate.TestModels;

/// <summary>A graph in the making: of a model, or the body of If, Loop or Scan.</summary>
public sealed class OnnxGraph
{
    private int nodes;

    /// <summary>Starts an empty graph.</summary>
    public OnnxGraph(string name = "g") => Message.Text(2, name);

    /// <summary>What has been built so far.</summary>
    public Message Message { get; } = new();

    /// <summary>Adds an input; a dimension is a number or a symbolic name.</summary>
    public OnnxGraph Input(string name, DataType type, params string[] dims) => Add(11, Onnx.ValueInfo(name, type, dims));

    /// <summary>Adds an input of which only the element type is declared.</summary>
    public OnnxGraph InputOfUnknownRank(string name, DataType type) => Add(11, Onnx.ValueInfo(name, type, null));

    /// <summary>Adds an output; a dimension is a number or a symbolic name.</summary>
    public OnnxGraph Output(string name, DataType type, params string[] dims) => Add(12, Onnx.ValueInfo(name, type, dims));

    /// <summary>Adds initializers.</summary>
    public OnnxGraph Initializer(params IEnumerable<Message> tensors)
    {
        foreach (var tensor in tensors) Message.Nested(5, tensor);
        return this;
    }

    /// <summary>Adds a sparse initializer.</summary>
    public OnnxGraph SparseInitializer(Message sparse) => Add(15, sparse);

    /// <summary>Adds a node; inputs and outputs are separated by spaces, and "-" stands for one that is left out.</summary>
    public OnnxGraph Node(string @operator, string inputs, string outputs, params IEnumerable<Message> attributes) =>
        Node(@operator, "", inputs, outputs, attributes);

    /// <summary>Adds a node of an operator domain.</summary>
    public OnnxGraph Node(string @operator, string domain, string inputs, string outputs, params IEnumerable<Message> attributes) =>
        Add(1, Onnx.Node(@operator, Split(inputs), Split(outputs), domain, string.Create(CultureInfo.InvariantCulture, $"{@operator}_{nodes++}"), attributes));

    private static IEnumerable<string> Split(string names) => names.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(name => name == "-" ? "" : name);

    private OnnxGraph Add(int field, Message part)
    {
        Message.Nested(field, part);
        return this;
    }
}
