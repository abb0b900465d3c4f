using System.Text;
using ModelGate.Models;
using ModelGate.Models.Onnx;

namespace ModelGate.Compressing;

/// <summary>The changes to a model, as they gather: what is replaced, what is added, and the external data that goes with it.</summary>
/// <param name="model">The model's structure.</param>
/// <param name="stream">The model file.</param>
/// <param name="path">Its full path.</param>
/// <param name="external">The external data to be written.</param>
internal sealed class ModelEdits(OnnxModel model, Stream stream, string path, NewExternalData external)
{
    private const uint Bytes = 2, AttributeTag = (5 << 3) | Bytes, AttributeTensorTag = (5 << 3) | Bytes, RawTag = (9 << 3) | Bytes;
    private const uint TensorAttribute = 4;

    // About what a tensor's name, type and shape take in the file.
    private const int HeadLength = 24;

    private readonly Dictionary<long, Edit> edits = [];
    private readonly SortedSet<string> domains = new(StringComparer.Ordinal);

    // A hostile model has as many weights to look up as it has initializers, inputs, operator sets, and weights of one name.
    private readonly Dictionary<string, int> lastNumbers = new(StringComparer.Ordinal);
    private readonly Dictionary<Graph, Dictionary<int, ValueInfo>> inputs = [];
    private readonly Dictionary<Graph, HashSet<int>> repeated = [];
    private readonly Dictionary<object, long> operatorSets = new(ReferenceEqualityComparer.Instance);

    /// <summary>The text of a name.</summary>
    public string Text(int name) => model.Names.Text(name);

    /// <summary>Names of the model.</summary>
    public NameTable Names => model.Names;

    /// <summary>The version of the standard operators where a tensor stands.</summary>
    public long OperatorSetAt(Function? function)
    {
        var sets = function?.OperatorSets ?? model.OperatorSets;
        if (!operatorSets.TryGetValue(sets, out var version)) operatorSets.Add(sets, version = Newest(sets));
        return version;
    }

    private long Newest(List<OperatorSet> sets) => sets.Where(set => Text(set.Domain) is "" or "ai.onnx").Select(set => set.Version).DefaultIfEmpty(1).Max();

    /// <summary>A name that nothing in the model has.</summary>
    public string NewName(string stem)
    {
        for (var number = lastNumbers.GetValueOrDefault(stem) + 1; ; number++)
        {
            lastNumbers[stem] = number;
            var name = number == 1 ? stem : $"{stem}_{number}";
            var known = model.Names.Count;
            if (model.Names.Number(Encoding.UTF8.GetBytes(name)) == known) return name;
        }
    }

    /// <summary>True where a node has been replaced already.</summary>
    public bool IsReplaced(Node node) => edits.TryGetValue(node.Offset, out var edit) && edit.Instead is not null;

    /// <summary>Makes sure that the model imports ONNX Runtime's own operators.</summary>
    public void UseMicrosoftOperators() => domains.Add("com.microsoft");

    /// <summary>Where a weight's values lie.</summary>
    public TensorFields Find(Weight weight)
    {
        var fields = TensorFields.Find(stream, path, weight.Tensor);
        return weight.Tensor.IsExternal ? fields with { Values = external.Find(weight.Tensor, weight.Name, weight.Storage.Bytes) } : fields;
    }

    /// <summary>
    /// Puts tensors in a weight's place, and nodes that work with them before any that may use the weight; users that are to work with
    /// the tensors themselves are replaced. False, and nothing done, where that would not make the model smaller.
    /// </summary>
    /// <param name="weight">The weight.</param>
    /// <param name="fields">Its fields.</param>
    /// <param name="tensors">What takes its place.</param>
    /// <param name="nodes">Nodes that give it back under its own name; empty where nobody needs it.</param>
    /// <param name="users">Nodes to replace, each by others.</param>
    /// <param name="besides">Bytes that it will take elsewhere.</param>
    public bool TryReplace(Weight weight, TensorFields fields, IReadOnlyList<NewTensor> tensors, IReadOnlyList<MessageBytes> nodes, IReadOnlyList<(Node Old, MessageBytes[] New)> users, long besides = 0)
    {
        var added = besides + tensors.Sum(tensor => tensor.Data.Length + tensor.Name.Length + HeadLength) + nodes.Concat(users.SelectMany(user => user.New)).Sum(node => node.Length);
        if (added >= weight.Storage.Bytes) return false;

        foreach (var (old, replacement) in users) At(old.Offset).Instead = [.. replacement.Select(Made)];
        var isExternal = weight.Tensor.IsExternal;
        if (weight.Constant is { } constant)
        {
            At(constant.Offset).Instead = [.. tensors.Select((tensor, index) => ConstantOf(tensor, Content(tensor, index == 0 ? fields.Others : [], isExternal))), .. nodes.Select(Made)];
            return true;
        }
        At(weight.Tensor.Offset).Instead = [.. tensors.Select((tensor, index) => Content(tensor, index == 0 ? fields.Others : [], isExternal))];
        At(weight.Graph.Nodes[0].Offset).Before.AddRange(nodes.Select(Made));
        if (InputOf(weight) is { } input) At(input.Offset).Instead = [.. tensors.Select(tensor => Made(DeclarationOf(tensor)))];
        return true;
    }

    /// <summary>Puts a node before another.</summary>
    public void AddBefore(Node node, MessageBytes added) => At(node.Offset).Before.Add(Made(added));

    /// <summary>Gives a weight other values; all else about it stays.</summary>
    public void Refill(Weight weight, TensorFields fields, Piece values)
    {
        var refilled = new NewTensor(Text(weight.Tensor.Name), weight.Storage.Type, weight.Dims, values, true);
        At(weight.Tensor.Offset).Instead = [Content(refilled, fields.Others, weight.Tensor.IsExternal)];
    }

    /// <summary>The graph's input of the same name: before IR version 4 every initializer has one.</summary>
    public ValueInfo? InputOf(Weight weight)
    {
        if (weight.Constant is not null) return null;
        if (!inputs.TryGetValue(weight.Graph, out var byName))
        {
            inputs.Add(weight.Graph, byName = []);
            foreach (var input in weight.Graph.Inputs) byName.TryAdd(input.Name, input);
        }
        return byName.GetValueOrDefault(weight.Tensor.Name);
    }

    /// <summary>True where another initializer of the same graph has the weight's name.</summary>
    public bool StandsTwice(Weight weight)
    {
        if (!repeated.TryGetValue(weight.Graph, out var names))
        {
            repeated.Add(weight.Graph, names = []);
            var seen = new HashSet<int>();
            foreach (var tensor in weight.Graph.Initializers)
            {
                if (!seen.Add(tensor.Name)) names.Add(tensor.Name);
            }
        }
        return names.Contains(weight.Tensor.Name);
    }

    /// <summary>Moves a tensor's external data into the new file.</summary>
    public void Move(StoredTensor tensor, string name)
    {
        var storage = Storage.Of(tensor, name);
        var fields = TensorFields.Find(stream, path, tensor);
        var moved = new NewTensor(Text(tensor.Name), storage.Type, tensor.Dims, new CopiedBytes(external.Find(tensor, name, storage.Bytes)), true);
        At(tensor.Offset).Instead = [Content(moved, fields.Others, isExternal: true)];
    }

    /// <summary>The changed file.</summary>
    public List<Piece> Rewrite()
    {
        var pieces = Rewriter.Rewrite(stream, path, edits);
        foreach (var domain in domains.Where(domain => !model.OperatorSets.Any(set => Text(set.Domain) == domain)))
            pieces.Add(new FieldPiece(Tags.Model.OperatorSet, Made(new MessageBytes().Text(1, domain).Number(2, 1))));
        return pieces;
    }

    private Edit At(long offset)
    {
        if (!edits.TryGetValue(offset, out var edit)) edits.Add(offset, edit = new Edit());
        return edit;
    }

    private static Piece[] Made(MessageBytes message) => [new MadeBytes(message.ToArray())];

    private Piece[] Content(NewTensor tensor, IReadOnlyList<FileRange> others, bool isExternal)
    {
        var head = new MessageBytes();
        foreach (var dim in tensor.Dims) head.Number(1, dim);
        head.Number(2, ElementTypes.NumberOf(tensor.Type)).Text(8, tensor.Name);
        Piece[] kept = [.. others.Select(range => new CopiedBytes(range))];
        if (!isExternal || !tensor.IsBulk) return [new MadeBytes(head.ToArray()), .. kept, new FieldPiece(RawTag, [tensor.Data])];
        foreach (var (key, value) in external.Place(tensor.Data)) head.Message(13, new MessageBytes().Text(1, key).Text(2, value));
        return [new MadeBytes(head.Number(14, 1).ToArray()), .. kept];
    }

    private static Piece[] ConstantOf(NewTensor tensor, Piece[] content)
    {
        var name = new MessageBytes().Text(1, "value").Number(20, TensorAttribute);
        var node = new MessageBytes().Text(2, tensor.Name).Text(3, tensor.Name).Text(4, "Constant");
        return [new MadeBytes(node.ToArray()), new FieldPiece(AttributeTag, [new MadeBytes(name.ToArray()), new FieldPiece(AttributeTensorTag, content)])];
    }

    private static MessageBytes DeclarationOf(NewTensor tensor)
    {
        var shape = new MessageBytes();
        foreach (var dim in tensor.Dims) shape.Message(1, new MessageBytes().Number(1, dim));
        var type = new MessageBytes().Number(1, ElementTypes.NumberOf(tensor.Type)).Message(2, shape);
        return new MessageBytes().Text(1, tensor.Name).Message(2, new MessageBytes().Message(1, type));
    }
}
