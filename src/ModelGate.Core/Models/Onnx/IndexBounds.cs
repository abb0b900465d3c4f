namespace ModelGate.Models.Onnx;

/// <summary>How large the values of an integer input may be: it indexes a table of so many rows.</summary>
internal static class IndexBounds
{
    /// <summary>Rows of the smallest table that each input indexes, by the input's name number.</summary>
    public static IReadOnlyDictionary<int, long> Of(OnnxModel model)
    {
        var graph = model.Graph!;
        var origins = graph.Inputs.ToDictionary(input => input.Name, input => input.Name);
        var tables = new Dictionary<int, long>();
        foreach (var tensor in graph.Initializers)
        {
            if (tensor.Dims is [var rows, ..]) tables.TryAdd(tensor.Name, rows);
        }

        var bounds = new Dictionary<int, long>();
        foreach (var node in graph.Nodes)
        {
            if (node.Inputs.Length == 0) continue;
            switch (model.Names.Text(node.Operator))
            {
                // What only changes type or shape: the output still holds the input's values.
                case "Cast" or "Identity" or "Reshape" or "Flatten" or "Squeeze" or "Unsqueeze" when node.Outputs.Length > 0 && origins.TryGetValue(node.Inputs[0], out var origin):
                    origins.TryAdd(node.Outputs[0], origin);
                    break;
                case "Gather" when (node.Int(model.Names, "axis") ?? 0) == 0 && node.Inputs.Length > 1 && tables.TryGetValue(node.Inputs[0], out var rows) && origins.TryGetValue(node.Inputs[1], out var input):
                    bounds[input] = Math.Min(rows, bounds.GetValueOrDefault(input, long.MaxValue));
                    break;
                default:
                    break;
            }
        }
        return bounds;
    }
}
