using System.Globalization;
using ModelGate.Models.FlatBuffers;

namespace ModelGate.Models.TensorFlowLite;

/// <summary>Lists the tensors of a TensorFlow Lite file: each buffer once, however many tensors share it.</summary>
internal sealed class LiteReader
{
    private readonly Dictionary<LiteBuffer, Listed> byBuffer = [];
    private readonly List<LiteBuffer> order = [];
    private readonly ModelNotes notes;
    private readonly Steps steps = new("to follow its tensors to their uses");

    private LiteReader(string path) => notes = new ModelNotes(path);

    /// <summary>Reads a model that fills a seekable stream; external buffers are sought in the files beside it.</summary>
    /// <exception cref="ModelException">The file is damaged, or goes beyond a limit.</exception>
    public static ModelFile Read(Stream stream, long length, string path, FilesBeside beside)
    {
        var model = LiteParser.Parse(stream, length, path, beside);
        var graphs = model.Subgraphs;
        var reader = new LiteReader(path);
        for (var index = 0; index < graphs.Count; index++) reader.List(graphs[index], index == 0 ? "" : NameOf(graphs[index], index));
        var (tensors, consumers) = (new List<Tensor>(), new List<LiteOperator?>());
        foreach (var buffer in reader.order)
        {
            var listed = reader.byBuffer[buffer];
            foreach (var tensor in listed.Tensor.IsParameter ? (IReadOnlyList<Tensor>)[listed.Tensor, .. Quantization(listed)] : [listed.Tensor])
            {
                tensors.Add(tensor);
                consumers.Add(listed.Consumer);
            }
        }
        return new ModelFile(path, ModelFormat.TensorFlowLite, length, tensors, model.Files, reader.notes.All())
        {
            FindInputs = () => Inputs(graphs[0]),
            FindLayers = () => LiteLayers.Of(graphs, tensors, consumers),
        };
    }

    private void List(LiteSubgraph graph, string scope)
    {
        var flow = new LiteFlow(graph, steps);
        foreach (var tensor in graph.Tensors)
        {
            if (tensor.Buffer is not { } buffer) continue;
            if (tensor.Type is not { } type)
            {
                notes.Add($"tensor {Quoted.Name(tensor.Name)} has {buffer.Length} bytes and a type that holds no values; it was not counted");
                continue;
            }
            var listed = Describe(tensor, type, buffer, flow, scope);
            if (!byBuffer.TryGetValue(buffer, out var known))
            {
                order.Add(buffer);
                byBuffer.Add(buffer, listed);
                continue;
            }
            notes.Add($"tensor {Quoted.Name(tensor.Name)} shares its bytes with {Quoted.Name(known.Tensor.Name)}; counted once");
            if (Weighs(listed.Tensor) > Weighs(known.Tensor)) byBuffer[buffer] = listed;
        }
    }

    // Of tensors that share their bytes, the one counts that counts most.
    private static long Weighs(Tensor tensor) => tensor.IsParameter ? tensor.Elements : -1 - SlotRules.Precedence(tensor.Role);

    private Listed Describe(LiteTensor tensor, DataType type, LiteBuffer buffer, LiteFlow flow, string scope)
    {
        ModelException Wrong(string what) => PagedFile.Malformed(tensor.Table.Position, $"tensor {Quoted.Name(tensor.Name)} {what}");

        var elements = Shapes.Elements(tensor.Dims, Wrong);
        var sparse = tensor.Table.Has(Fields.Tensor.Sparsity);
        if (sparse)
        {
            var stored = (long)((Int128)buffer.Length * 8 / Math.Max(1, type.Bits));
            if (type.Bits == 0 || stored > elements) throw Wrong($"stores {stored} values in a shape of {elements}");
            notes.Add($"sparse tensor {Quoted.Name(tensor.Name)} stores {stored} of {elements} values");
            elements = stored;
        }
        else if (type != DataTypes.String && Shapes.Bytes(type, elements, Wrong) is var bytes && bytes != buffer.Length)
        {
            throw Wrong($"declares {elements} elements of {type} ({bytes} bytes) but stores {buffer.Length} bytes");
        }
        var purpose = flow.PurposeOf(tensor, type, elements);
        var described = new Tensor(tensor.Name, type, tensor.Dims, elements, buffer.Length, sparse ? Place.Sparse : Place.Initializer, scope, purpose.Role, purpose.Consumer?.Layer ?? "", purpose.Consumer?.Name ?? "")
        {
            Data = new DataRange(buffer.File, buffer.Offset, buffer.Length),
        };
        return new Listed(described, purpose.Consumer, tensor);
    }

    // Scales and zero points stand with the tensor and not among the buffers; activations have them too, but store nothing else.
    private static List<Tensor> Quantization(Listed listed)
    {
        var beside = new List<Tensor>();
        if (listed.Source.Table.Table(Fields.Tensor.Quantization) is not { } table) return beside;
        if (table.Vector(Fields.Quantization.Scale, sizeof(float)) is { Count: > 0 } scales) Add("scale", DataTypes.Float32, Role.Scale, scales);
        if (table.Vector(Fields.Quantization.ZeroPoint, sizeof(long)) is { Count: > 0 } zeros) Add("zero_point", DataTypes.Int64, Role.ZeroPoint, zeros);
        return beside;

        void Add(string what, DataType type, Role role, FlatVector values)
        {
            var of = listed.Tensor;
            var bytes = type.BytesOf(values.Count);
            beside.Add(new Tensor($"{of.Name}.{what}", type, [values.Count], values.Count, bytes, Place.Quantization, of.Graph, role, of.Layer, of.Operator) { Data = new DataRange(null, values.Start, bytes) });
        }
    }

    private static List<ModelInput> Inputs(LiteSubgraph graph)
    {
        var inputs = new List<ModelInput>();
        foreach (var number in graph.Inputs)
        {
            if (number < 0) continue;
            var tensor = graph.Tensors[number];
            inputs.Add(new ModelInput(tensor.Name, tensor.Type, Array.ConvertAll(tensor.Signature, static dim => dim < 0 ? "?" : dim.ToString(CultureInfo.InvariantCulture))));
        }
        return inputs;
    }

    private static string NameOf(LiteSubgraph graph, int index) => graph.Name.Length > 0 ? graph.Name : string.Create(CultureInfo.InvariantCulture, $"subgraph {index}");

    private sealed record Listed(Tensor Tensor, LiteOperator? Consumer, LiteTensor Source);
}
