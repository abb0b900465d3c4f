using System.Runtime.InteropServices;

namespace ModelGate.Models.Onnx;

/// <summary>
/// Reads the structure of an ONNX file. A message that stands twice where one is allowed is merged into the first, as protobuf says,
/// so nothing that is stored goes uncounted. Recursion follows the nesting of graphs and is bounded by <see cref="Limits.Depth"/>.
/// </summary>
internal sealed class OnnxParser
{
    private readonly ProtobufReader reader;
    private readonly OnnxModel model = new();
    private readonly TensorParser tensors;
    private readonly ValueParser values;
    private readonly List<int> inputs = [];
    private readonly List<int> outputs = [];
    private readonly List<NodeAttribute> given = [];
    private readonly EdgeRoom room = new();
    private int nodes;
    private int edges;
    private int attributes;
    private int declarations;

    private OnnxParser(ProtobufReader reader)
    {
        this.reader = reader;
        tensors = new TensorParser(reader, model);
        values = new ValueParser(reader, model.Names);
    }

    /// <summary>Reads a model that fills the whole stream, of which the opening may have been read before.</summary>
    /// <exception cref="ModelException">The file is damaged, or goes beyond a limit.</exception>
    public static OnnxModel Parse(Stream stream, long length, ReadOnlySpan<byte> opening = default) => new OnnxParser(new ProtobufReader(stream, length, opening)).ParseModel();

    private OnnxModel ParseModel()
    {
        while (reader.Next(out var tag))
        {
            switch (tag)
            {
                case Tags.Model.IrVersion:
                    model.IrVersion = (long)reader.Varint();
                    break;
                case Tags.Model.Graph:
                    if (model.Graph is not null) model.RepeatedFields++;
                    ParseGraph(model.Graph ??= new Graph());
                    break;
                case Tags.Model.OperatorSet:
                    Count(ref declarations, Limits.Declarations, "declarations");
                    model.OperatorSets.Add(ParseOperatorSet());
                    break;
                case Tags.Model.Function:
                    Count(ref declarations, Limits.Declarations, "declarations");
                    model.Functions.Add(ParseFunction());
                    break;
                case Tags.Model.Training:
                    ParseTraining();
                    break;
                default:
                    Skip(tag, Tags.Model.Knows(tag));
                    break;
            }
        }
        return model;
    }

    private OperatorSet ParseOperatorSet()
    {
        var (domain, version) = (0, 0L);
        var outer = reader.Enter();
        while (reader.Next(out var tag))
        {
            switch (tag)
            {
                case Tags.OperatorSet.Domain: domain = Name(); break;
                case Tags.OperatorSet.Version: version = (long)reader.Varint(); break;
                default: Skip(tag, Tags.OperatorSet.Knows(tag)); break;
            }
        }
        reader.Leave(outer);
        return new OperatorSet(domain, version);
    }

    private void ParseTraining()
    {
        var outer = reader.Enter();
        while (reader.Next(out var tag))
        {
            if (tag is Tags.Training.Initialization or Tags.Training.Algorithm)
            {
                Count(ref declarations, Limits.Declarations, "declarations");
                var graph = new Graph();
                ParseGraph(graph);
                model.Training.Add(graph);
            }
            else
            {
                Skip(tag, Tags.Training.Knows(tag));
            }
        }
        reader.Leave(outer);
    }

    private void ParseGraph(Graph graph)
    {
        var outer = reader.Enter();
        while (reader.Next(out var tag))
        {
            switch (tag)
            {
                case Tags.Graph.Node: graph.Nodes.Add(ParseNode()); break;
                case Tags.Graph.Initializer: graph.Initializers.Add(tensors.Tensor()); break;
                case Tags.Graph.SparseInitializer: graph.SparseInitializers.Add(tensors.Sparse()); break;
                case Tags.Graph.Input: graph.Inputs.Add(ParseDeclaration()); break;
                case Tags.Graph.Output: graph.Outputs.Add(ParseDeclaration().Name); break;
                default: Skip(tag, Tags.Graph.Knows(tag)); break;
            }
        }
        reader.Leave(outer);
    }

    private Function ParseFunction()
    {
        var function = new Function();
        var firstDefault = given.Count;
        var outer = reader.Enter();
        while (reader.Next(out var tag))
        {
            switch (tag)
            {
                case Tags.Function.Name: function.Name = Name(); break;
                case Tags.Function.Domain: function.Domain = Name(); break;
                case Tags.Function.Overload: function.Overload = Name(); break;
                case Tags.Function.Input:
                    Count(ref declarations, Limits.Declarations, "declarations");
                    function.Body.Inputs.Add(new ValueInfo { Name = Name() });
                    break;
                case Tags.Function.Output:
                    Count(ref declarations, Limits.Declarations, "declarations");
                    function.Body.Outputs.Add(Name());
                    break;
                case Tags.Function.OperatorSet:
                    Count(ref declarations, Limits.Declarations, "declarations");
                    function.OperatorSets.Add(ParseOperatorSet());
                    break;
                case Tags.Function.Node: function.Body.Nodes.Add(ParseNode()); break;
                case Tags.Function.DefaultedAttribute: given.Add(ParseAttribute()); break;
                default: Skip(tag, Tags.Function.Knows(tag)); break;
            }
        }
        reader.Leave(outer);
        function.Defaults.Attributes = PopAttributes(firstDefault);
        return function;
    }

    private Node ParseNode()
    {
        Count(ref nodes, Limits.Nodes, "nodes");
        var node = new Node(reader.Position);
        var (firstInput, firstOutput, firstAttribute) = (inputs.Count, outputs.Count, given.Count); // bodies of this node push and pop above these
        var outer = reader.Enter();
        while (reader.Next(out var tag))
        {
            switch (tag)
            {
                case Tags.Node.Input:
                    Count(ref edges, Limits.Edges, "inputs and outputs of nodes");
                    inputs.Add(Name());
                    break;
                case Tags.Node.Output:
                    Count(ref edges, Limits.Edges, "inputs and outputs of nodes");
                    outputs.Add(Name());
                    break;
                case Tags.Node.Name: node.Name = model.Names.Keep(reader.Bytes(Limits.NameLength, "a name")); break;
                case Tags.Node.Operator: node.Operator = Name(); break;
                case Tags.Node.Domain: node.Domain = Name(); break;
                case Tags.Node.Overload: node.Overload = Name(); break;
                case Tags.Node.Attribute: given.Add(ParseAttribute()); break;
                default: Skip(tag, Tags.Node.Knows(tag)); break;
            }
        }
        reader.Leave(outer);
        node.Connect(room, CollectionsMarshal.AsSpan(inputs)[firstInput..], CollectionsMarshal.AsSpan(outputs)[firstOutput..]);
        CollectionsMarshal.SetCount(inputs, firstInput);
        CollectionsMarshal.SetCount(outputs, firstOutput);
        node.Attributes = PopAttributes(firstAttribute);
        return node;
    }

    private NodeAttribute ParseAttribute()
    {
        Count(ref attributes, Limits.Attributes, "attributes");
        var attribute = new NodeAttribute(reader.Position);
        var outer = reader.Enter();
        while (reader.Next(out var tag))
        {
            switch (tag)
            {
                case Tags.Attribute.Name: attribute.Name = Name(); break;
                case Tags.Attribute.Float: attribute.Float = reader.Float(); break;
                case Tags.Attribute.Int: attribute.Int = (long)reader.Varint(); break;
                case Tags.Attribute.Text: ParseText(attribute); break;
                case Tags.Attribute.Reference: attribute.IsReference = SkipText() > 0; break;
                case Tags.Attribute.Floats:
                    reader.Skip(tag);
                    attribute.Floats++;
                    break;
                case Tags.Attribute.FloatsPacked: attribute.Floats += tensors.FixedWidth(4); break;
                case Tags.Attribute.Ints: AddInt(attribute, (long)reader.Varint()); break;
                case Tags.Attribute.IntsPacked:
                    attribute.Ints += reader.CountPackedVarints();
                    if (IsPlacement(attribute)) attribute.Placement ??= [];
                    break;
                case Tags.Attribute.Strings: ParseListedText(attribute); break;
                case Tags.Attribute.Tensor:
                    if (attribute.Tensor is not null) model.RepeatedFields++;
                    attribute.Tensor = tensors.Tensor(attribute.Tensor);
                    break;
                case Tags.Attribute.SparseTensor:
                    if (attribute.Sparse is not null) model.RepeatedFields++;
                    attribute.Sparse = tensors.Sparse(attribute.Sparse);
                    break;
                case Tags.Attribute.Graph:
                    if (attribute.Body is not null) model.RepeatedFields++;
                    else Count(ref declarations, Limits.Declarations, "declarations");
                    ParseGraph(attribute.Body ??= new Graph());
                    break;
                case Tags.Attribute.Tensors: (attribute.Tensors ??= []).Add(tensors.Tensor()); break;
                case Tags.Attribute.SparseTensors: (attribute.SparseTensors ??= []).Add(tensors.Sparse()); break;
                case Tags.Attribute.Graphs:
                    Count(ref declarations, Limits.Declarations, "declarations");
                    var body = new Graph();
                    ParseGraph(body);
                    (attribute.Bodies ??= []).Add(body);
                    break;
                default: Skip(tag, Tags.Attribute.Knows(tag)); break;
            }
        }
        reader.Leave(outer);
        return attribute;
    }

    private void AddInt(NodeAttribute attribute, long value)
    {
        const int MostPlaces = 8;
        if (attribute.Ints++ < MostPlaces && IsPlacement(attribute)) (attribute.Placement ??= []).Add(value);
    }

    // How a kernel is put to an image tells how much of it meets the padding; how a matrix is turned, which of its dimensions are channels.
    private bool IsPlacement(NodeAttribute attribute) => model.Names.Text(attribute.Name) is "pads" or "strides" or "dilations" or "perm" or "split";

    // Of all texts only the equation of an Einsum tells how much there is to do.
    private void ParseText(NodeAttribute attribute)
    {
        const int LongestEquation = 1024;
        var length = reader.Length();
        attribute.TextLength = length;
        if (length <= LongestEquation && model.Names.Text(attribute.Name) == "equation")
            attribute.Equation = model.Names.Number(reader.Take((int)length));
        else
            reader.Jump(length);
    }

    private void ParseListedText(NodeAttribute attribute)
    {
        var length = reader.Length();
        attribute.Strings++;
        attribute.StringBytes += length;
        if (length == 4 && reader.Take(4).SequenceEqual("LEAF"u8)) return;
        attribute.Branches++;
        if (length != 4) reader.Jump(length);
    }

    private long SkipText()
    {
        var length = reader.Length();
        reader.Jump(length);
        return length;
    }

    private ValueInfo ParseDeclaration()
    {
        Count(ref declarations, Limits.Declarations, "declarations");
        return values.Value();
    }

    private int Name() => model.Names.Number(reader.Bytes(Limits.NameLength, "a name"));

    private void Skip(uint tag, bool known)
    {
        if (!known) model.UnknownFields++;
        reader.Skip(tag);
    }

    private void Count(ref int counter, int most, string what)
    {
        if (++counter > most) throw TooMany(most, what);
    }

    private ModelException TooMany(int most, string what) => new(Diagnostics.ModelLimit, $"at byte {reader.Position}: the model has more than {most} {what}");

    private NodeAttribute[] PopAttributes(int from)
    {
        if (given.Count == from) return [];
        var popped = CollectionsMarshal.AsSpan(given)[from..].ToArray();
        CollectionsMarshal.SetCount(given, from);
        return popped;
    }
}
