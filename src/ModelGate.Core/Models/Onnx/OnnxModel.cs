namespace ModelGate.Models.Onnx;

/// <summary>A model as its file says it: structure and declarations, no weights. Names are numbers in <see cref="Names"/>.</summary>
internal sealed class OnnxModel
{
    public NameTable Names { get; } = new();
    public long? IrVersion { get; set; }
    public Graph? Graph { get; set; }
    public List<Graph> Training { get; } = [];
    public List<Function> Functions { get; } = [];
    public List<OperatorSet> OperatorSets { get; } = [];

    /// <summary>Fields that onnx.proto does not have; skipped.</summary>
    public long UnknownFields { get; set; }

    /// <summary>Fields that may stand once and stand again; merged as protobuf says.</summary>
    public long RepeatedFields { get; set; }
}

/// <summary>A version of an operator domain that the model imports.</summary>
internal sealed record OperatorSet(int Domain, long Version);

/// <summary>A graph: of the model, or the body of If, Loop or Scan.</summary>
internal sealed class Graph
{
    public List<Node> Nodes { get; } = [];
    public List<StoredTensor> Initializers { get; } = [];
    public List<SparseTensor> SparseInitializers { get; } = [];
    public List<ValueInfo> Inputs { get; } = [];
    public List<int> Outputs { get; } = [];

    /// <summary>The node whose attribute holds it; null for the graph of a model or function.</summary>
    public Node? Owner { get; set; }

    /// <summary>Value of its first input; the others follow. Set by <see cref="ValueFlow"/>.</summary>
    public int FirstInput { get; set; }
}

/// <summary>A local function: a graph with formal inputs and outputs that nodes call by domain and name.</summary>
internal sealed class Function
{
    public int Name { get; set; }
    public int Domain { get; set; }
    public int Overload { get; set; }
    public Graph Body { get; } = new();
    public List<OperatorSet> OperatorSets { get; } = [];

    /// <summary>Attributes with a default value, which may hold tensors; as if they belonged to a node.</summary>
    public Node Defaults { get; } = new();
}

/// <summary>A node of a graph.</summary>
internal sealed class Node(long offset = -1)
{
    private const int FewAttributes = 64; // a hostile node may have millions, and be asked for each of as many tensors

    private int[] edges = []; // names of inputs, names of outputs, values of inputs
    private int firstEdge, inputs, outputs;
    private Graph[]? bodies;
    private Dictionary<string, long?>? asked;

    /// <summary>Where it begins in the file.</summary>
    public long Offset { get; } = offset;

    public int Operator { get; set; }
    public int Domain { get; set; }
    public int Name { get; set; }
    public int Overload { get; set; }
    public Edges Inputs => new(edges, firstEdge, inputs);
    public Edges Outputs => new(edges, firstEdge + inputs, outputs);
    public NodeAttribute[] Attributes { get; set; } = [];

    /// <summary>Value of its first output; the others follow. Set by <see cref="ValueFlow"/>.</summary>
    public int FirstOutput { get; set; }

    /// <summary>Values of its inputs; -1 for one that is left out or unknown. Set by <see cref="ValueFlow"/>.</summary>
    public Edges InputValues => new(edges, firstEdge + inputs + outputs, inputs);

    /// <summary>The bodies that its attributes hold.</summary>
    public Graph[] Bodies => bodies ??= Attributes.Length == 0 ? [] : [.. Attributes.SelectMany(static attribute => attribute.AllBodies)];

    /// <summary>Its place among the nodes of all graphs. Set by <see cref="ValueFlow"/>.</summary>
    public int Number { get; set; }

    /// <summary>Gives it the names of its inputs and outputs.</summary>
    public void Connect(EdgeRoom room, ReadOnlySpan<int> inputNames, ReadOnlySpan<int> outputNames)
    {
        (inputs, outputs) = (inputNames.Length, outputNames.Length);
        (edges, firstEdge) = room.Take(inputs + outputs + inputs);
        inputNames.CopyTo(edges.AsSpan(firstEdge));
        outputNames.CopyTo(edges.AsSpan(firstEdge + inputs));
    }

    /// <summary>Sets the value of an input.</summary>
    public void SetInputValue(int input, int value) => edges[firstEdge + inputs + outputs + input] = value;

    /// <summary>The float of an attribute, or null.</summary>
    public float? Float(NameTable names, string attribute)
    {
        foreach (var candidate in Attributes)
        {
            if (candidate.Float is { } value && names.Text(candidate.Name) == attribute) return value;
        }
        return null;
    }

    /// <summary>The integer of an attribute, or null.</summary>
    public long? Int(NameTable names, string attribute)
    {
        if (Attributes.Length <= FewAttributes) return Search(names, attribute);
        if (!(asked ??= new(StringComparer.Ordinal)).TryGetValue(attribute, out var known)) asked.Add(attribute, known = Search(names, attribute));
        return known;
    }

    private long? Search(NameTable names, string attribute)
    {
        foreach (var candidate in Attributes)
        {
            if (candidate.Int is { } value && names.Text(candidate.Name) == attribute) return value;
        }
        return null;
    }
}

/// <summary>An attribute of a node: its small values, and how much its lists hold.</summary>
internal sealed class NodeAttribute(long offset = -1)
{
    /// <summary>Where it begins in the file.</summary>
    public long Offset { get; } = offset;

    public int Name { get; set; }

    /// <summary>True where its value is that of an attribute of the function's caller.</summary>
    public bool IsReference { get; set; }

    public float? Float { get; set; }
    public bool HasFloat => Float is not null;
    public long? Int { get; set; }
    public long? TextLength { get; set; }

    /// <summary>Text of the attribute <c>equation</c>, as a name; no other text is kept.</summary>
    public int Equation { get; set; }
    public long Floats { get; set; }
    public long Ints { get; set; }

    /// <summary>The first integers of <c>pads</c>, <c>strides</c>, <c>dilations</c>, <c>perm</c> and <c>split</c>; none of a packed list, which few writers make of these, and null for every other attribute.</summary>
    public List<long>? Placement { get; set; }
    public long Strings { get; set; }
    public long StringBytes { get; set; }

    /// <summary>Strings other than LEAF: in a tree ensemble's modes, the nodes that branch.</summary>
    public long Branches { get; set; }
    public StoredTensor? Tensor { get; set; }
    public SparseTensor? Sparse { get; set; }
    public Graph? Body { get; set; }
    public List<StoredTensor>? Tensors { get; set; }
    public List<SparseTensor>? SparseTensors { get; set; }
    public List<Graph>? Bodies { get; set; }

    /// <summary>Where its lists lie in a file of the runtime's own format; null in other formats.</summary>
    public FlatLists? Lists { get; set; }

    public IEnumerable<Graph> AllBodies => Body is null ? Bodies ?? (IEnumerable<Graph>)[] : Bodies is null ? [Body] : [Body, .. Bodies];
}

/// <summary>Where the lists of an attribute lie in a file of the runtime's own format.</summary>
internal sealed record FlatLists(long Floats, long Ints, long Texts);

/// <summary>A tensor as the file stores it: how much of each kind of storage it has, and not the values.</summary>
internal sealed class StoredTensor(long offset)
{
    /// <summary>Where it begins in the file.</summary>
    public long Offset { get; } = offset;

    /// <summary>The value it gives. Set by <see cref="ValueFlow"/>.</summary>
    public int Value { get; set; } = -1;

    public int Name { get; set; }
    public long? DataType { get; set; }
    public long[] Dims { get; set; } = [];
    public long? RawLength { get; set; }

    /// <summary>Where its raw data begins in the file.</summary>
    public long RawOffset { get; set; }

    /// <summary>Its values where they are a few 64-bit integers in raw data, as shapes are.</summary>
    public long[]? Numbers { get; set; }

    /// <summary>How much its typed fields hold; null where it has none, as most tensors.</summary>
    public TypedFields? Typed { get; set; }

    public bool IsExternal { get; set; }
    public ExternalData? External { get; set; }

    /// <summary>Where its message goes on, where it stands again; null where it does not.</summary>
    public List<long>? More { get; set; }

    /// <summary>Where its texts are listed in a file of the runtime's own format; null in other formats.</summary>
    public long? Texts { get; set; }
}

/// <summary>How many values the typed fields of a tensor hold.</summary>
internal sealed class TypedFields
{
    /// <summary>Where the last packed field of floats or doubles begins in the file.</summary>
    public long PackedOffset { get; set; }

    /// <summary>Bytes of that field.</summary>
    public long PackedLength { get; set; }

    public long Floats { get; set; }
    public long Int32s { get; set; }
    public long Int64s { get; set; }
    public long UInt64s { get; set; }
    public long Doubles { get; set; }
    public long Strings { get; set; }
    public long StringBytes { get; set; }

    /// <summary>All of them.</summary>
    public long Values => Floats + Int32s + Int64s + UInt64s + Doubles + Strings;
}

/// <summary>Where a tensor's bytes are kept outside the model, as the file says it.</summary>
internal sealed class ExternalData
{
    public string? Location { get; set; }
    public string? Offset { get; set; }
    public string? Length { get; set; }

    /// <summary>SHA-1 of the whole file, in hexadecimal digits.</summary>
    public string? Checksum { get; set; }
}

/// <summary>A sparse tensor: its values, where they stand, and the shape they would fill.</summary>
internal sealed class SparseTensor(long offset)
{
    public long Offset { get; } = offset;
    public StoredTensor? Values { get; set; }
    public StoredTensor? Indices { get; set; }
    public long[] Dims { get; set; } = [];
}

/// <summary>A declared input.</summary>
internal sealed class ValueInfo(long offset = -1)
{
    /// <summary>Where it begins in the file; -1 for the formal input of a function, which has only a name.</summary>
    public long Offset { get; } = offset;

    public int Name { get; set; }
    public long? ElementType { get; set; }
    public List<string>? Dims { get; set; }
}
