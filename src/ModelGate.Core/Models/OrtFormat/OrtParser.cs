using System.Globalization;
using System.Text;
using ModelGate.Models.FlatBuffers;
using ModelGate.Models.Onnx;

namespace ModelGate.Models.OrtFormat;

/// <summary>
/// Reads ONNX Runtime's flatbuffer format (ort.fbs) into the structure that ONNX files are read into: it is the same graph, with Constant
/// nodes made initializers. Raw data is not read. Recursion follows the nesting of graphs and is bounded by <see cref="Limits.Depth"/>.
/// </summary>
internal sealed class OrtParser
{
    private const int LongestVersion = 16;
    private const long NewestIrVersion = 1000; // today's are below 20

    private readonly PagedFile file;
    private readonly OnnxModel model = new();
    private readonly EdgeRoom room = new();
    private readonly OrtTensors tensors;
    private readonly OrtAttributes attributes;
    private int depth;
    private int graphs;

    private OrtParser(PagedFile file, string path)
    {
        this.file = file;
        tensors = new OrtTensors(model.Names, path);
        attributes = new OrtAttributes(model.Names, tensors, ParseGraph);
    }

    /// <summary>Reads a model that fills the whole stream.</summary>
    /// <param name="stream">The file, seekable.</param>
    /// <param name="length">Its length in bytes.</param>
    /// <param name="path">Its path: external data is sought beside it.</param>
    /// <exception cref="ModelException">The file is damaged, or goes beyond a limit.</exception>
    public static OnnxModel Parse(Stream stream, long length, string path) => new OrtParser(new PagedFile(stream, length), path).ParseSession();

    private OnnxModel ParseSession()
    {
        var session = FlatTable.Root(file);
        CheckVersion(session);
        var root = session.Table(Fields.Session.Model) ?? throw Damaged(session, "the session has no model");
        model.IrVersion = root.Int64(Fields.Model.IrVersion);
        if (model.IrVersion is < 0 or > NewestIrVersion)
            throw Damaged(root, $"the model asks for version {model.IrVersion} of ONNX's intermediate representation; there is none such");
        var sets = root.Vector(Fields.Model.OperatorSets, sizeof(uint));
        for (var index = 0; index < sets.Count; index++)
        {
            Bound(index, Limits.Declarations, "declarations");
            var set = sets.Table(index);
            model.OperatorSets.Add(new OperatorSet(Name(set, Fields.OperatorSet.Domain), set.Int64(Fields.OperatorSet.Version)));
        }
        model.Graph = new Graph();
        ParseGraph(root.Table(Fields.Model.Graph) ?? throw Damaged(root, "the model has no graph"), model.Graph);
        return model;
    }

    // A text of digits: what else stands there shows that the file is damaged.
    private static void CheckVersion(FlatTable session)
    {
        var version = session.Text(Fields.Session.Version);
        if (version.Length is 0 or > LongestVersion)
            throw Damaged(session, $"the format version is {version.Length} characters long");
        foreach (var character in version)
        {
            if (!char.IsAsciiDigit((char)character)) throw Damaged(session, "the format version is no number");
        }
    }

    private void ParseGraph(FlatTable table, Graph graph)
    {
        Bound(graphs++, Limits.Declarations, "graphs");
        if (++depth > Limits.Depth)
            throw new ModelException(Diagnostics.ModelLimit, $"at byte {table.Position}: graphs are nested deeper than {Limits.Depth} levels");
        var stored = table.Vector(Fields.Graph.Initializers, sizeof(uint));
        for (var index = 0; index < stored.Count; index++) graph.Initializers.Add(tensors.Tensor(stored.Table(index)));
        var sparse = table.Vector(Fields.Graph.SparseInitializers, sizeof(uint));
        for (var index = 0; index < sparse.Count; index++) graph.SparseInitializers.Add(tensors.Sparse(sparse.Table(index)));
        AddInputs(table, graph);
        var outputs = table.Vector(Fields.Graph.Outputs, sizeof(uint));
        for (var index = 0; index < outputs.Count; index++) graph.Outputs.Add(model.Names.Number(outputs.Text(index)));
        var nodes = table.Vector(Fields.Graph.Nodes, sizeof(uint));
        for (var index = 0; index < nodes.Count; index++)
        {
            Bound(index, Limits.Nodes, "nodes");
            graph.Nodes.Add(ParseNode(nodes.Table(index)));
        }
        depth--;
    }

    private Node ParseNode(FlatTable table)
    {
        var node = new Node(table.Position)
        {
            Name = Name(table, Fields.Node.Name),
            Domain = Name(table, Fields.Node.Domain),
            Operator = Name(table, Fields.Node.Operator),
        };
        node.Connect(room, Names(table.Vector(Fields.Node.Inputs, sizeof(uint))), Names(table.Vector(Fields.Node.Outputs, sizeof(uint))));
        var given = table.Vector(Fields.Node.Attributes, sizeof(uint));
        var listed = new List<NodeAttribute>();
        for (var index = 0; index < given.Count; index++)
        {
            Bound(index, Limits.Attributes, "attributes");
            listed.Add(attributes.Attribute(given.Table(index)));
        }
        node.Attributes = [.. listed];
        return node;
    }

    // Types stand apart from the list of inputs, among those of all other values.
    private void AddInputs(FlatTable table, Graph graph)
    {
        var inputs = table.Vector(Fields.Graph.Inputs, sizeof(uint));
        for (var index = 0; index < inputs.Count; index++)
        {
            Bound(index, Limits.Declarations, "declarations");
            graph.Inputs.Add(new ValueInfo { Name = model.Names.Number(inputs.Text(index)) });
        }
        if (graph.Inputs.Count == 0 || depth > 1) return; // only what the model is fed needs a type
        var typed = new ValueInfo?[model.Names.Count];
        foreach (var input in graph.Inputs) typed[input.Name] = input;
        var values = table.Vector(Fields.Graph.Values, sizeof(uint));
        for (var index = 0; index < values.Count; index++)
        {
            var value = values.Table(index);
            var name = Name(value, Fields.Value.Name);
            if (name < typed.Length && typed[name] is { } input) AddType(value, input);
        }
    }

    private static void AddType(FlatTable value, ValueInfo input)
    {
        const byte TensorType = 1;
        if (value.Table(Fields.Value.Type) is not { } type || type.Byte(Fields.Value.Kind) != TensorType || type.Table(Fields.Value.Content) is not { } tensor) return;
        input.ElementType = tensor.Int32(Fields.Value.ElementType);
        if (tensor.Table(Fields.Value.Shape) is not { } shape) return;
        var dims = shape.Vector(Fields.Shape.Dims, sizeof(uint));
        if (dims.Count > Limits.Rank)
            throw new ModelException(Diagnostics.ModelLimit, $"at byte {shape.Position}: an input has more than {Limits.Rank} dimensions");
        input.Dims = [];
        for (var index = 0; index < dims.Count; index++) input.Dims.Add(Dimension(dims.Table(index).Table(Fields.Shape.Value)));
    }

    private static string Dimension(FlatTable? value)
    {
        const byte Number = 1, Symbol = 2;
        return value?.Byte(Fields.Shape.Kind) switch
        {
            Number when value.Value.Int64(Fields.Shape.Number) is >= 0 and var size => size.ToString(CultureInfo.InvariantCulture),
            Symbol when Encoding.UTF8.GetString(value.Value.Text(Fields.Shape.Name)) is { Length: > 0 } name => name,
            _ => "?",
        };
    }

    private int[] Names(FlatVector texts)
    {
        if (texts.Count == 0) return [];
        Bound(texts.Count - 1, Limits.Edges, "inputs and outputs of nodes");
        var names = new List<int>(); // grows with what has been read: many nodes may refer to one long vector
        for (var index = 0; index < texts.Count; index++) names.Add(model.Names.Number(texts.Text(index)));
        return [.. names];
    }

    private int Name(FlatTable table, int field) => model.Names.Number(table.Text(field));

    // What all vectors together may hold is bounded by how much of the file may be read.
    private static void Bound(int index, int most, string what)
    {
        if (index >= most) throw new ModelException(Diagnostics.ModelLimit, $"the model has more than {most} {what}");
    }

    private static ModelException Damaged(FlatTable table, string what) => PagedFile.Malformed(table.Position, what + ": the file is truncated or damaged");
}
