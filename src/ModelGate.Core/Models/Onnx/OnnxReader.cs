using ModelGate.Models.Onnx.Layers;

namespace ModelGate.Models.Onnx;

/// <summary>Reads an ONNX file's structure and lists every tensor it stores, with place, role and layer.</summary>
internal sealed class OnnxReader
{
    private readonly OnnxModel model;
    private readonly ValueFlow flow;
    private readonly ExternalFiles external;
    private readonly List<Tensor> tensors;
    private readonly List<Purpose> purposes;
    private readonly GeneratedWeights generated;
    private readonly ModelNotes notes;
    private readonly string path;
    private readonly ModelFormat format;
    private readonly Dictionary<int, string> shortened = [];
    private long madeUp;
    private Int128 made;

    private OnnxReader(OnnxModel model, ModelFormat format, string path, FilesBeside beside)
    {
        this.model = model;
        this.format = format;
        this.path = path;
        notes = new ModelNotes(path);
        flow = ValueFlow.Of(model);
        generated = new GeneratedWeights(model, flow);
        external = new ExternalFiles(path, beside);
        tensors = new List<Tensor>(model.Graph!.Initializers.Count);
        purposes = new List<Purpose>(model.Graph.Initializers.Count);
    }

    private NameTable Names => model.Names;

    /// <summary>Reads a model that fills a seekable stream.</summary>
    /// <param name="stream">The file.</param>
    /// <param name="opening">Its first bytes, which have been read to tell its format.</param>
    /// <param name="length">Its length in bytes.</param>
    /// <param name="path">Its path: external data is sought beside it.</param>
    /// <param name="beside">The files beside it.</param>
    /// <exception cref="ModelException">The model is damaged, incomplete, or beyond a limit.</exception>
    public static ModelFile Read(Stream stream, ReadOnlySpan<byte> opening, long length, string path, FilesBeside beside)
    {
        var model = OnnxParser.Parse(stream, length, opening);
        if (model.Graph is null)
            throw ProtobufReader.Malformed(length, "the file ends without a graph: it is truncated, or not an ONNX model");
        if (model.OperatorSets.Count == 0 && model.IrVersion is null or >= 3)
            throw ProtobufReader.Malformed(length, "the file ends without saying its operator sets (opset_import): it is truncated, or not an ONNX model");
        return Read(model, ModelFormat.Onnx, length, path, beside);
    }

    /// <summary>Lists the tensors of a model whose structure has been read, from whatever format it is kept in.</summary>
    /// <param name="model">Its structure; it has a graph.</param>
    /// <param name="format">The format.</param>
    /// <param name="length">Length of the file in bytes.</param>
    /// <param name="path">Its path: external data is sought beside it.</param>
    /// <param name="beside">The files beside it.</param>
    /// <exception cref="ModelException">The model contradicts itself, or its external data is not there.</exception>
    public static ModelFile Read(OnnxModel model, ModelFormat format, long length, string path, FilesBeside beside)
    {
        CheckOperatorSets(model);
        return new OnnxReader(model, format, path, beside).List(length);
    }

    private static void CheckOperatorSets(OnnxModel model)
    {
        foreach (var (domain, version) in model.OperatorSets)
        {
            if (model.Names.Text(domain) is "" or "ai.onnx" or "ai.onnx.ml" && version is < 1 or > Limits.OperatorSetVersion)
                throw new ModelException(Diagnostics.ModelMalformed, $"the model asks for version {version} of the operator set {Quoted.Name(model.Names.Text(domain) is "" ? "ai.onnx" : model.Names.Text(domain))}; there is none such");
        }
    }

    private ModelFile List(long length)
    {
        var graph = model.Graph!;
        ListGraph(graph, new GraphScope("", null));
        foreach (var function in model.Functions) ListFunction(function);
        foreach (var training in model.Training) ListGraph(training, new GraphScope("training", Place.Training));
        external.Check();
        OnnxNotes.Add(notes, model, tensors, external);
        return new ModelFile(path, format, length, tensors, external.Files, notes.All()) { ForeignOperator = ForeignCode.Of(model), FindInputs = () => Inputs(graph), FindLayers = () => LayerFinder.Of(model, flow, tensors, purposes) };
    }

    private void ListFunction(Function function)
    {
        var overload = function.Overload == 0 ? "" : ":" + Names.Text(function.Overload);
        var scope = new GraphScope(GraphScope.Part($"{Names.Text(function.Domain)}::{Names.Text(function.Name)}{overload}"), Place.Function);
        ListAttributes(function.Defaults, scope);
        ListGraph(function.Body, scope);
    }

    private void ListGraph(Graph graph, GraphScope scope)
    {
        foreach (var tensor in graph.Initializers) Add(tensor, tensor.Value, Names.Text(tensor.Name), Place.Initializer, scope);
        foreach (var sparse in graph.SparseInitializers) AddSparse(sparse, sparse.Values?.Value ?? -1, Names.Text(sparse.Values?.Name ?? 0), scope);
        foreach (var node in graph.Nodes)
        {
            if (node.Inputs.Length == 1 && Names.Text(node.Operator) == "ConstantOfShape") ListGenerated(node, scope);
            if (node.Attributes.Length == 0) continue;
            if (Names.Text(node.Operator) == "Constant") ListConstant(node, scope);
            else ListAttributes(node, scope);
            foreach (var attribute in node.Attributes)
            {
                GraphScope? inner = null; // one for all bodies of an attribute
                foreach (var body in attribute.AllBodies) ListGraph(body, inner ??= InnerOf(scope, node, attribute));
            }
        }
    }

    private void ListConstant(Node node, GraphScope scope)
    {
        var name = node.Outputs.Length > 0 ? Names.Text(node.Outputs[0]) : Layer(node);
        var value = node.Outputs.Length > 0 ? node.FirstOutput : -1;
        foreach (var attribute in node.Attributes)
        {
            if (attribute.Tensor is not null) Add(attribute.Tensor, value, name, Place.Constant, scope);
            if (attribute.Sparse is not null) AddSparse(attribute.Sparse, value, name, scope);
            if (attribute.HasFloat || Refers(attribute, "value_float")) AddList(attribute, ValueFields.Float, DataTypes.Float32, [], 1, 4);
            if (attribute.Int is not null || Refers(attribute, "value_int")) AddList(attribute, ValueFields.Int, DataTypes.Int64, [], 1, 8);
            if (attribute.TextLength is { } length) AddList(attribute, ValueFields.Text, DataTypes.String, [], 1, length);
            if (attribute.Floats > 0) AddList(attribute, ValueFields.Floats, DataTypes.Float32, [attribute.Floats], attribute.Floats, attribute.Floats * 4);
            if (attribute.Ints > 0) AddList(attribute, ValueFields.Ints, DataTypes.Int64, [attribute.Ints], attribute.Ints, attribute.Ints * 8);
            if (attribute.Strings > 0) AddList(attribute, ValueFields.Texts, DataTypes.String, [attribute.Strings], attribute.Strings, attribute.StringBytes);
        }

        // In a function a constant may be an attribute of the call: one value, whatever the call gives.
        bool Refers(NodeAttribute attribute, string form) => attribute.IsReference && Names.Text(attribute.Name) == form;

        void AddList(NodeAttribute attribute, ValueFields fields, DataType type, IReadOnlyList<long> dims, long elements, long bytes) =>
            Add(name, new Storage(type, elements, bytes), dims, Place.Constant, scope, flow.PurposeOf(value, type, elements, dims.Count), message: ListOf(attribute, fields, bytes));
    }

    private void ListGenerated(Node node, GraphScope scope)
    {
        if (generated.ShapeOf(node) is not { } dims) return;
        var name = Names.Text(node.Outputs[0]);
        var elements = Shapes.Elements(dims, what => ProtobufReader.Malformed(node.Offset, $"the weight {Quoted.Name(name)} {what}"));
        made += elements;
        if (made > Limits.MadeElements) throw new ModelException(Diagnostics.ModelLimit, $"the weights that the model makes at run time together have more than {Limits.MadeElements} elements");
        var value = Array.Find(node.Attributes, static attribute => attribute.Tensor is not null)?.Tensor;
        var stored = value is null ? new Storage(DataTypes.Float32, 1, 0) : StorageOf(value, name); // without a value it is a float of zero
        Add(name, stored, dims, Place.Constant, scope, flow.PurposeOf(node.FirstOutput, stored.Type, elements, dims.Length), elements);
        notes.Add($"the weight {Quoted.Name(name)} of {elements} elements is made at run time, of one that is stored");
    }

    // The lists of classical operators, and tensors that any other operator keeps in an attribute. The one element that
    // ConstantOfShape repeats is no weight and stays out.
    private void ListAttributes(Node node, GraphScope scope)
    {
        var @operator = Names.Text(node.Operator);
        var keepsLists = AttributeRoles.KeepsLists(Names.Text(node.Domain), @operator);
        var modes = AttributeRoles.ModesOf(node, @operator, Names);
        foreach (var attribute in node.Attributes)
        {
            var name = Names.Text(attribute.Name);
            if (keepsLists)
            {
                if (attribute.Floats > 0) AddList(ValueFields.Floats, DataTypes.Float32, attribute.Floats, attribute.Floats * 4);
                if (attribute.Ints > 0) AddList(ValueFields.Ints, DataTypes.Int64, attribute.Ints, attribute.Ints * 8);
                if (attribute.Strings > 0) AddList(ValueFields.Texts, DataTypes.String, attribute.Strings, attribute.StringBytes);
            }
            if (attribute.Tensor is not null) AddTensor(attribute.Tensor, name);
            if (attribute.Sparse is not null) AddSparse(attribute.Sparse, -1, NameOf(node, name), scope);
            for (var index = 0; index < (attribute.Tensors?.Count ?? 0); index++) AddTensor(attribute.Tensors![index], $"{name}[{index}]");
            for (var index = 0; index < (attribute.SparseTensors?.Count ?? 0); index++) AddSparse(attribute.SparseTensors![index], -1, NameOf(node, $"{name}[{index}]"), scope);

            void AddTensor(StoredTensor tensor, string part)
            {
                var full = NameOf(node, part);
                var storage = StorageOf(tensor, full);
                if (storage.Elements == 1 && !keepsLists) return;
                var role = keepsLists ? AttributeRoles.Of(@operator, name, storage.Type.IsFloat) : flow.PurposeOf(-1, storage.Type, storage.Elements, tensor.Dims.Length).Role;
                var data = DataOf(tensor, full, storage);
                if (tensor.IsExternal && data is null) NoteShared(full);
                else Add(full, storage, tensor.Dims, Place.Attribute, scope, new Purpose(role, node, -1), AttributeRoles.LogicalElements(name, storage.Elements, modes), data, data is null ? MessageOf(tensor) : null);
            }

            void AddList(ValueFields fields, DataType type, long elements, long bytes) =>
                Add(NameOf(node, name), new Storage(type, elements, bytes), [elements], Place.Attribute, scope,
                    new Purpose(AttributeRoles.Of(@operator, name, type.IsFloat), node, -1), AttributeRoles.LogicalElements(name, elements, modes), message: ListOf(attribute, fields, bytes));
        }
    }

    private void Add(StoredTensor tensor, int value, string name, Place place, GraphScope scope)
    {
        var storage = StorageOf(tensor, name);
        var data = DataOf(tensor, name, storage);
        if (tensor.IsExternal && data is null) NoteShared(name);
        else Add(name, storage, tensor.Dims, place, scope, flow.PurposeOf(value, storage.Type, storage.Elements, tensor.Dims.Length), data: data, message: data is null ? MessageOf(tensor) : null);
    }

    // Null where the values are not one run of bytes as they are (varints, texts), or where the run is another tensor's already.
    private DataRange? DataOf(StoredTensor tensor, string name, Storage storage)
    {
        if (tensor.IsExternal) return external.Take(tensor, name, storage.Bytes);
        if (tensor.RawLength is > 0) return new DataRange(null, tensor.RawOffset, storage.Bytes);
        return storage.Bytes > 0 && tensor.Typed is { } typed && typed.PackedLength == storage.Bytes ? new DataRange(null, typed.PackedOffset, storage.Bytes) : null;
    }

    // The messages of ONNX; the runtime's own format lists texts alone as something else than one run.
    private ValueMessage? MessageOf(StoredTensor tensor) =>
        format == ModelFormat.Onnx ? new(tensor.Offset, ValueFields.Tensor) { More = tensor.More ?? [] } : tensor.Texts is { } texts ? new(texts, ValueFields.FlatTexts) : null;

    private ValueMessage? ListOf(NodeAttribute attribute, ValueFields fields, long bytes) => (format, fields) switch
    {
        (ModelFormat.Onnx, _) => new(attribute.Offset, fields),
        (_, ValueFields.Floats) => ValueMessage.Of(new DataRange(null, attribute.Lists!.Floats, bytes)),
        (_, ValueFields.Ints) => ValueMessage.Of(new DataRange(null, attribute.Lists!.Ints, bytes)),
        (_, ValueFields.Texts) => new(attribute.Lists!.Texts, ValueFields.FlatTexts),
        _ => null, // the runtime makes initializers of constants
    };

    // Of ONNX the message tells both its values and where they stand, unless one of them lies in another file.
    private ValueMessage? SparseOf(SparseTensor sparse, DataRange? values, DataRange? indices)
    {
        if (format == ModelFormat.Onnx && !sparse.Values!.IsExternal && sparse.Indices is not { IsExternal: true }) return new(sparse.Offset, ValueFields.Sparse);
        return values is not null && indices is not null ? ValueMessage.Of(values, indices) : null;
    }

    // A location that leads out of the folder is said before anything else that may be wrong.
    private Storage StorageOf(StoredTensor tensor, string name)
    {
        if (tensor.IsExternal) external.Locate(tensor, name);
        return Storage.Of(tensor, name);
    }

    private void AddSparse(SparseTensor sparse, int value, string name, GraphScope scope)
    {
        ModelException Wrong(string what) => ProtobufReader.Malformed(sparse.Offset, $"sparse tensor {Quoted.Name(name)} {what}");

        if (sparse.Values is null) throw Wrong("has no values");
        var values = StorageOf(sparse.Values, name);
        var dense = Shapes.Elements(sparse.Dims, Wrong);
        if (values.Elements > dense) throw Wrong($"stores {values.Elements} values in a shape of {dense}");
        var indices = sparse.Indices is null ? new Storage(DataTypes.Int64, 0, 0) : StorageOf(sparse.Indices, name);
        if (indices.Elements != values.Elements && indices.Elements != (Int128)values.Elements * sparse.Dims.Length)
            throw Wrong($"stores {values.Elements} values at {indices.Elements} indices");
        var message = SparseOf(sparse, DataOf(sparse.Values, name, values), sparse.Indices is null ? null : DataOf(sparse.Indices, name, indices));
        Add(name, values, sparse.Dims, Place.Sparse, scope, flow.PurposeOf(value, values.Type, values.Elements, sparse.Dims.Length), message: message);
        notes.Add($"sparse tensor {Quoted.Name(name)} stores {values.Elements} of {dense} values, with {indices.Bytes} bytes of indices beside them");
    }

    private void Add(string name, Storage storage, IReadOnlyList<long> dims, Place place, GraphScope scope, Purpose purpose, long? logical = null, DataRange? data = null, ValueMessage? message = null)
    {
        purposes.Add(purpose);
        tensors.Add(new Tensor(
            name, storage.Type, dims, storage.Elements, storage.Bytes, scope.Place ?? place, scope.Path, purpose.Role,
            purpose.Consumer is null ? "" : Layer(purpose.Consumer), purpose.Consumer is null ? "" : Shortened(purpose.Consumer.Operator))
        {
            Data = data,
            Message = message,
            LogicalElements = logical ?? (purpose.Consumer is null ? storage.Elements : PackedWeights.LogicalElements(purpose.Consumer, purpose.Input, Names, storage.Type, storage.Elements)),
        });
    }

    // Many exporters leave nodes without names; then the value it gives names it.
    private string Layer(Node node) => Shortened(node.Name != 0 ? node.Name : node.Outputs.Length > 0 ? node.Outputs[0] : node.Operator);

    // One text for all that name it.
    private string Shortened(int name)
    {
        if (shortened.TryGetValue(name, out var known)) return known;
        var (whole, cut) = (Names.Text(name), Quoted.Layer(Names.Text(name)));
        if (cut.Length != whole.Length) shortened.Add(name, cut);
        return cut;
    }

    // A node of a long name may hold a million tensors.
    private string NameOf(Node node, string part) => MadeUp($"{Layer(node)}.{part}", "tensors in attributes");

    // Graphs that are nested deeply have long paths, and the innermost may be a million.
    private GraphScope InnerOf(GraphScope scope, Node node, NodeAttribute attribute)
    {
        var inner = scope.Inner($"{Layer(node)}.{Names.Text(attribute.Name)}");
        MadeUp(inner.Path, "the graphs in it");
        return inner;
    }

    // Bounded together.
    private string MadeUp(string name, string of)
    {
        madeUp += name.Length;
        return madeUp <= Limits.MadeUpNames ? name : throw new ModelException(Diagnostics.ModelLimit, $"the names of {of} together exceed {Limits.MadeUpNames} characters");
    }

    private List<ModelInput> Inputs(Graph graph)
    {
        var stored = new HashSet<int>(graph.Initializers.Select(tensor => tensor.Name));
        var bounds = IndexBounds.Of(model);
        var sizes = FixedSizes.Of(model);
        return [.. graph.Inputs.Where(input => !stored.Contains(input.Name)).Select(input =>
            new ModelInput(Names.Text(input.Name), input.ElementType is { } type ? ElementTypes.Find(type) : null, input.Dims)
            {
                Rows = bounds.TryGetValue(input.Name, out var rows) ? rows : null,
                Sizes = sizes.TryGetValue(input.Name, out var found) ? Placed(found.Axis, found.Size, input.Dims?.Count ?? 0) : null,
            })];
    }

    private static long[]? Placed(int axis, long size, int rank)
    {
        int place = axis < 0 ? rank + axis : axis;
        if (size <= 0 || place < 0 || place >= rank)
            return null;
        long[] sizes = new long[rank];
        sizes[place] = size;
        return sizes;
    }

    private void NoteShared(string name) => notes.Add($"tensor {Quoted.Name(name)} shares its external bytes with another; counted once");
}
