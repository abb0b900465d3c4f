namespace ModelGate.Models.TensorFlowLite;

/// <summary>
/// Finds the learned scale and shift of a normalization, which TensorFlow Lite has no operator for and converters write out: MEAN, SQUARED_DIFFERENCE,
/// MEAN, ADD, RSQRT, and then either MUL, MUL (scale), ADD (shift), or the scale put to the inverse and the shift to the mean.
/// </summary>
internal sealed class LiteNormalization
{
    private const int StepsOfSpread = 6, StepsOver = 4;

    private readonly LiteSubgraph graph;
    private readonly Steps steps;
    private readonly LiteOperator?[] producers;

    /// <summary>Takes a subgraph.</summary>
    /// <param name="graph">The subgraph.</param>
    /// <param name="steps">Counts what is followed in all subgraphs of the model.</param>
    public LiteNormalization(LiteSubgraph graph, Steps steps)
    {
        (this.graph, this.steps) = (graph, steps);
        producers = graph.Producers();
    }

    /// <summary>True of an operand of a product or sum that scales or shifts what is normalized.</summary>
    public bool Takes(LiteOperator node, int input)
    {
        if (input is not (0 or 1) || node.Inputs.Length != 2) return false;
        var other = node.Inputs[1 - input];
        return node.Name switch
        {
            "MUL" => IsNormalized(other) || IsInverse(other),
            "ADD" => IsScaled(other),
            "SUB" => input == 0 && Over(other) is { Name: "MUL", Inputs: [var left, var right] } && (IsScaledInverse(left) || IsScaledInverse(right)),
            _ => false,
        };
    }

    private bool IsNormalized(int tensor) => Over(tensor) switch
    {
        { Name: "L2_NORMALIZATION" } => true,
        { Name: "MUL", Inputs: [var left, var right] } => IsInverse(left) || IsInverse(right),
        { Name: "DIV", Inputs: [_, var root] } => Over(root) is { Name: "SQRT", Inputs: [var spread] } && IsSpread(spread, StepsOfSpread),
        _ => false,
    };

    private bool IsScaled(int tensor) => Over(tensor) is { Name: "MUL", Inputs: [var left, var right] }
        && (IsStored(right) && IsNormalized(left) || IsStored(left) && IsNormalized(right) || IsScaledInverse(left) || IsScaledInverse(right));

    private bool IsScaledInverse(int tensor) => Over(tensor) is { Name: "MUL", Inputs: [var left, var right] } && (IsStored(left) && IsInverse(right) || IsStored(right) && IsInverse(left));

    private bool IsInverse(int tensor) => Over(tensor) is { Name: "RSQRT", Inputs: [var spread] } && IsSpread(spread, StepsOfSpread);

    // A mean over the values themselves; of what is only a number there is none.
    private bool IsSpread(int tensor, int left)
    {
        if (left == 0 || Producer(tensor) is not { } node) return false;
        if (node.Name is "MEAN" or "SUM") return true;
        if (node.Name is not ("ADD" or "MUL" or "MAXIMUM" or "CAST" or "RESHAPE" or "QUANTIZE" or "DEQUANTIZE")) return false;
        for (var input = 0; input < Math.Min(2, node.Inputs.Length); input++)
        {
            if (IsSpread(node.Inputs[input], left - 1)) return true;
        }
        return false;
    }

    private bool IsStored(int tensor) => tensor >= 0 && tensor < graph.Tensors.Count && graph.Tensors[tensor].Buffer is not null;

    // The operator that gives a tensor, over those that only convert it or lay it out anew.
    private LiteOperator? Over(int tensor)
    {
        var node = Producer(tensor);
        for (var step = 0; step < StepsOver && node is { Name: "CAST" or "RESHAPE" or "QUANTIZE" or "DEQUANTIZE", Inputs: [var before, ..] }; step++) node = Producer(before);
        return node;
    }

    private LiteOperator? Producer(int tensor)
    {
        steps.Take();
        return tensor >= 0 && tensor < producers.Length ? producers[tensor] : null;
    }
}
