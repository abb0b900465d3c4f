using ModelGate.Models.FlatBuffers;
using ModelGate.Models.Onnx;

namespace ModelGate.Models.OrtFormat;

/// <summary>Reads attributes of nodes of ONNX Runtime's format: their small values, and how much their lists hold.</summary>
internal sealed class OrtAttributes(NameTable names, OrtTensors tensors, Action<FlatTable, Graph> parseGraph)
{
    private const int FloatType = 1, IntType = 2, LongestEquation = 1024;

    /// <summary>Reads an attribute.</summary>
    public NodeAttribute Attribute(FlatTable table)
    {
        var type = table.Int32(Fields.Attribute.Type);
        var (floats, ints, strings) = (table.Vector(Fields.Attribute.Floats, sizeof(float)), table.Vector(Fields.Attribute.Ints, sizeof(long)), table.Vector(Fields.Attribute.Strings, sizeof(uint)));
        var attribute = new NodeAttribute
        {
            Name = names.Number(table.Text(Fields.Attribute.Name)),
            Float = type == FloatType ? table.Float(Fields.Attribute.Float) : null, // a zero is not written, so the type tells
            Int = type == IntType ? table.Int64(Fields.Attribute.Int) : null,
            Floats = floats.Count,
            Ints = ints.Count,
            Lists = floats.Count + ints.Count + strings.Count > 0 ? new(floats.Start, ints.Start, strings.Start - sizeof(uint)) : null,
            Tensor = table.Table(Fields.Attribute.Tensor) is { } tensor ? tensors.Tensor(tensor) : null,
        };
        AddTexts(table, strings, attribute);
        if (attribute.Ints is > 0 and <= Limits.Rank && names.Text(attribute.Name) is "perm" or "split") AddOrder(ints, attribute.Placement = []);
        var more = table.Vector(Fields.Attribute.Tensors, sizeof(uint));
        for (var index = 0; index < more.Count; index++) (attribute.Tensors ??= []).Add(tensors.Tensor(more.Table(index)));
        if (table.Table(Fields.Attribute.Graph) is { } body) parseGraph(body, attribute.Body = new Graph());
        var graphs = table.Vector(Fields.Attribute.Graphs, sizeof(uint));
        for (var index = 0; index < graphs.Count; index++)
        {
            var graph = new Graph();
            parseGraph(graphs.Table(index), graph);
            (attribute.Bodies ??= []).Add(graph);
        }
        return attribute;
    }

    private static void AddOrder(FlatVector numbers, List<long> order)
    {
        for (var index = 0; index < numbers.Count; index++) order.Add(numbers.Int64(index));
    }

    private void AddTexts(FlatTable table, FlatVector strings, NodeAttribute attribute)
    {
        if (table.Has(Fields.Attribute.Text))
        {
            var text = table.Vector(Fields.Attribute.Text, sizeof(byte));
            attribute.TextLength = text.Count;
            if (text.Count <= LongestEquation && names.Text(attribute.Name) == "equation") attribute.Equation = names.Number(text.Bytes("an equation"));
        }
        attribute.Strings = strings.Count;
        for (var index = 0; index < strings.Count; index++)
        {
            var length = strings.TextLength(index);
            attribute.StringBytes += length;
            if (length != 4 || !strings.Text(index).SequenceEqual("LEAF"u8)) attribute.Branches++;
        }
    }
}
