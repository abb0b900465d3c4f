namespace ModelGate.Models.Onnx;

/// <summary>
/// Sizes of inputs that the file leaves open and the weights fix all the same: whatever is convolved has as many channels as its filters, whatever a
/// matrix is multiplied with as many features as that has rows.
/// </summary>
internal static class FixedSizes
{
    private const int Last = -1;

    /// <summary>The one dimension of each input that weights fix, by the input's name number; a negative axis counts from the end.</summary>
    public static IReadOnlyDictionary<int, (int Axis, long Size)> Of(OnnxModel model)
    {
        var graph = model.Graph!;
        Dictionary<int, int> origins = [];
        Dictionary<int, long[]> weights = [];
        Dictionary<int, (int Axis, long Size)> sizes = [];
        foreach (var tensor in graph.Initializers) weights.TryAdd(tensor.Name, tensor.Dims);
        foreach (var input in graph.Inputs.Where(input => !weights.ContainsKey(input.Name))) origins[input.Name] = input.Name;
        foreach (var node in graph.Nodes.Where(static node => node.Outputs.Length > 0))
        {
            var @operator = model.Names.Text(node.Operator);
            if (node.Inputs.Length == 0)
            {
                if (node.Attributes.FirstOrDefault(static attribute => attribute.Tensor is not null) is { Tensor.Dims: { } stored }) weights.TryAdd(node.Outputs[0], stored);
            }
            else if (@operator is "Cast" or "Identity" or "DequantizeLinear" or "QuantizeLinear")
            {
                if (origins.TryGetValue(node.Inputs[0], out var origin)) origins.TryAdd(node.Outputs[0], origin);
                else if (weights.TryGetValue(node.Inputs[0], out var same)) weights.TryAdd(node.Outputs[0], same);
            }
            else if (node.Inputs.Length > 1 && origins.TryGetValue(node.Inputs[0], out var input) && weights.TryGetValue(node.Inputs[1], out var dims) && Fixed(model, node, @operator, dims) is { Size: > 0 } found)
            {
                sizes[input] = sizes.TryGetValue(input, out var before) && before != found ? (found.Axis, 0) : found; // what contradicts itself fixes nothing
            }
        }

        return sizes;
    }

    // Weights of convolutions are [filters, channels of a group, …], of recurrences [directions, gates, features].
    private static (int Axis, long Size)? Fixed(OnnxModel model, Node node, string @operator, long[] dims) => (@operator, dims) switch
    {
        ("Conv", [_, > 0 and var channels, _, ..]) when (node.Int(model.Names, "group") ?? 1) is > 0 and <= int.MaxValue and var groups && channels <= int.MaxValue => (1, channels * groups),
        ("MatMul", [.., var rows, _]) => (Last, rows),
        ("Gemm", [var rows, var columns]) when node.Int(model.Names, "transA") is null or 0 => (1, node.Int(model.Names, "transB") is null or 0 ? rows : columns),
        ("LSTM" or "GRU" or "RNN", [_, _, var features]) => (2, features),
        _ => null,
    };
}
