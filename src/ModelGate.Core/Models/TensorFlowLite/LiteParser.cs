using System.Text;
using ModelGate.Models.FlatBuffers;

namespace ModelGate.Models.TensorFlowLite;

/// <summary>Reads the structure of a TensorFlow Lite file (schema.fbs): subgraphs, tensors and operators, and where buffers lie. Stored values are not read.</summary>
internal sealed class LiteParser
{
    private const int NewestVersion = 3;

    private readonly FlatTable root;
    private readonly List<string> operators = [];
    private readonly LiteBuffers buffers;
    private int tensors;
    private long edges;

    private LiteParser(PagedFile file, string path, FilesBeside beside)
    {
        root = FlatTable.Root(file);
        if (root.UInt32(Fields.Model.Version) is not NewestVersion and var version)
            throw PagedFile.Malformed(root.Position, $"version {version} of TensorFlow Lite's schema; version {NewestVersion} is read");
        buffers = new LiteBuffers(file, root, path, beside);
    }

    /// <summary>Reads a model that fills the whole stream.</summary>
    /// <param name="stream">The file, seekable.</param>
    /// <param name="length">Its length in bytes.</param>
    /// <param name="path">Its path.</param>
    /// <param name="beside">The files beside it: those that it names hold external buffers.</param>
    /// <exception cref="ModelException">The file is damaged, goes beyond a limit, or lacks its external buffers.</exception>
    public static LiteModel Parse(Stream stream, long length, string path, FilesBeside beside) => new LiteParser(new PagedFile(stream, length), path, beside).ParseModel();

    private LiteModel ParseModel()
    {
        var codes = root.Vector(Fields.Model.OperatorCodes, sizeof(uint));
        for (var index = 0; index < codes.Count; index++) operators.Add(OperatorName(codes.Table(index)));
        var graphs = root.Vector(Fields.Model.Subgraphs, sizeof(uint));
        if (graphs.Count == 0) throw PagedFile.Malformed(root.Position, "the model has no subgraph: the file is damaged");
        var subgraphs = new List<LiteSubgraph>();
        for (var index = 0; index < graphs.Count; index++) subgraphs.Add(Subgraph(graphs.Table(index)));
        return new LiteModel(subgraphs, buffers.Files);
    }

    // Numbers above 127 have a field of their own; the old one then holds a placeholder.
    private static string OperatorName(FlatTable code)
    {
        const int Custom = 32;
        var number = Math.Max((int)code.Byte(Fields.OperatorCode.OldCode), code.Int32(Fields.OperatorCode.Code));
        return number == Custom ? Quoted.Layer(Encoding.UTF8.GetString(code.Text(Fields.OperatorCode.CustomCode))) : LiteOperators.Name(number);
    }

    private LiteSubgraph Subgraph(FlatTable table)
    {
        var graph = new LiteSubgraph(Encoding.UTF8.GetString(table.Text(Fields.Subgraph.Name)));
        var listed = table.Vector(Fields.Subgraph.Tensors, sizeof(uint));
        for (var index = 0; index < listed.Count; index++) graph.Tensors.Add(Tensor(listed.Table(index)));
        for (var index = 0; index < graph.Tensors.Count; index++) MarkBlockwise(graph, graph.Tensors[index].Table);
        graph.Inputs = Numbers(table, Fields.Subgraph.Inputs);
        CheckNumbers(graph, graph.Inputs, table);
        var nodes = table.Vector(Fields.Subgraph.Operators, sizeof(uint));
        for (var index = 0; index < nodes.Count; index++)
        {
            if (index == Limits.Nodes) throw Beyond(table, $"{Limits.Nodes} operators");
            Link(graph, nodes.Table(index));
        }
        return graph;
    }

    // Weights quantized in blocks have so many scales that they are tensors of their own, which no operator takes.
    private static void MarkBlockwise(LiteSubgraph graph, FlatTable tensor)
    {
        const byte Blockwise = 2;
        if (tensor.Table(Fields.Tensor.Quantization) is not { } quantization || quantization.Byte(Fields.Quantization.DetailsType) != Blockwise || quantization.Table(Fields.Quantization.Details) is not { } blocks) return;
        Mark(blocks.Int32(Fields.Blockwise.Scales), Slot.Scale);
        Mark(blocks.Int32(Fields.Blockwise.ZeroPoints), Slot.ZeroPoint);

        // Left out, the number is 0, which no writer gives to scales: the tensors that a graph is fed come first.
        void Mark(int number, Slot slot)
        {
            if (number >= graph.Tensors.Count) throw PagedFile.Malformed(blocks.Position, $"tensor {number} of {graph.Tensors.Count} is named");
            if (number > 0) graph.Tensors[number].Quantizes ??= slot;
        }
    }

    private LiteTensor Tensor(FlatTable table)
    {
        if (++tensors > Limits.Tensors) throw Beyond(table, $"{Limits.Tensors} tensors");
        var name = Encoding.UTF8.GetString(table.Text(Fields.Tensor.Name));
        var shape = Numbers(table, Fields.Tensor.Shape);
        if (shape.Length > Limits.Rank) throw Beyond(table, $"{Limits.Rank} dimensions of one tensor");
        var buffer = buffers.Of(table);
        var signature = buffer is null ? Numbers(table, Fields.Tensor.ShapeSignature) : [];
        return new LiteTensor(table, name, LiteTypes.Find(table.Byte(Fields.Tensor.Type)), Array.ConvertAll(shape, static dim => (long)dim), buffer)
        {
            Signature = signature.Length > 0 ? signature : shape,
        };
    }

    private void Link(LiteSubgraph graph, FlatTable table)
    {
        var code = table.UInt32(Fields.Operator.Code);
        if (code >= operators.Count) throw PagedFile.Malformed(table.Position, $"a node has operator {code} of {operators.Count}");
        var (inputs, outputs) = (Numbers(table, Fields.Operator.Inputs), Numbers(table, Fields.Operator.Outputs));
        CheckNumbers(graph, inputs, table);
        CheckNumbers(graph, outputs, table);
        var layer = outputs.Length > 0 && outputs[0] >= 0 ? Quoted.Layer(graph.Tensors[outputs[0]].Name) : "";
        var node = new LiteOperator(operators[(int)code], layer, inputs, outputs)
        {
            Bodies = operators[(int)code] is "IF" or "WHILE" && table.Table(Fields.Operator.Options) is { } options ? [options.Int32(Fields.Control.First), options.Int32(Fields.Control.Second)] : [],
        };
        graph.Operators.Add(node);
        for (var input = inputs.Length - 1; input >= 0; input--)
        {
            if (inputs[input] < 0) continue;
            var tensor = graph.Tensors[inputs[input]];
            tensor.FirstUse = new LiteUse(node, input, tensor.FirstUse);
        }
    }

    private int[] Numbers(FlatTable table, int field)
    {
        var vector = table.Vector(field, sizeof(int));
        edges += vector.Count;
        if (edges > Limits.Edges) throw Beyond(table, $"{Limits.Edges} inputs, outputs and dimensions");
        if (vector.Count == 0) return [];
        var numbers = new int[vector.Count];
        for (var index = 0; index < numbers.Length; index++) numbers[index] = vector.Int32(index);
        return numbers;
    }

    // -1 stands for an input that is left out.
    private static void CheckNumbers(LiteSubgraph graph, int[] numbers, FlatTable table)
    {
        foreach (var number in numbers)
        {
            if (number < -1 || number >= graph.Tensors.Count) throw PagedFile.Malformed(table.Position, $"tensor {number} of {graph.Tensors.Count} is named");
        }
    }

    private static ModelException Beyond(FlatTable table, string what) => new(Diagnostics.ModelLimit, $"at byte {table.Position}: the model has more than {what}");
}
