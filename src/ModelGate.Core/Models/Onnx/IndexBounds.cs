namespace ModelGate.Models.Onnx;

/// <summary>How large the values of an integer input may be: it indexes a table of so many rows.</summary>
internal static class IndexBounds
{
    /// <summary>Rows of the smallest table that each input indexes, by the input's name number.</summary>
    public static IReadOnlyDictionary<int, long> Of(OnnxModel model)
    {
        var graph = model.Graph!;
        var bounds = new Dictionary<int, long>();
        var origins = new Dictionary<int, int>();
        foreach (var input in graph.Inputs) origins[input.Name] = input.Name; // a damaged model may declare one twice
        Add(model, graph, origins, [], bounds);
        return bounds;
    }

    // A body sees the names of the graphs around it, so what is known of them goes along.
    private static void Add(OnnxModel model, Graph graph, Dictionary<int, int> origins, Dictionary<int, long> tables, Dictionary<int, long> bounds)
    {
        foreach (var tensor in graph.Initializers)
        {
            if (tensor.Dims is [var rows, ..]) tables.TryAdd(tensor.Name, rows);
        }

        foreach (var node in graph.Nodes)
        {
            foreach (var body in node.Attributes.SelectMany(attribute => attribute.AllBodies)) Add(model, body, origins, tables, bounds);
            if (node.Inputs.Length == 0)
            {
                if (node.Outputs.Length > 0 && node.Attributes.FirstOrDefault(attribute => attribute.Tensor is not null) is { Tensor.Dims: [var stored, ..] }) tables.TryAdd(node.Outputs[0], stored);
                continue;
            }
            switch (model.Names.Text(node.Operator))
            {
                // What only changes type or shape: the output still holds the input's values.
                case "Cast" or "Identity" or "Reshape" or "Flatten" or "Squeeze" or "Unsqueeze" when node.Outputs.Length > 0 && origins.TryGetValue(node.Inputs[0], out var origin):
                    origins.TryAdd(node.Outputs[0], origin);
                    break;
                // A table stored in another type is converted as a whole before rows of it are taken.
                case "Cast" or "Identity" or "DequantizeLinear" when node.Outputs.Length > 0 && tables.TryGetValue(node.Inputs[0], out var converted):
                    tables.TryAdd(node.Outputs[0], converted);
                    break;
                case "Gather" when (node.Int(model.Names, "axis") ?? 0) == 0:
                    Bound(node, table: 0, index: 1);
                    break;
                case "GatherBlockQuantized" when (node.Int(model.Names, "gather_axis") ?? 0) == 0:
                    Bound(node, table: 0, index: 1);
                    break;
                case "EmbedLayerNormalization":
                    Bound(node, table: 2, index: 0);
                    Bound(node, table: 4, index: 1);
                    break;
                default:
                    break;
            }
        }

        void Bound(Node node, int table, int index)
        {
            if (Math.Max(table, index) < node.Inputs.Length && tables.TryGetValue(node.Inputs[table], out var rows) && origins.TryGetValue(node.Inputs[index], out var input))
                bounds[input] = Math.Min(rows, bounds.GetValueOrDefault(input, long.MaxValue));
        }
    }
}
