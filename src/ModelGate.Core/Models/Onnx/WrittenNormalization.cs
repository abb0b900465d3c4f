namespace ModelGate.Models.Onnx;

/// <summary>
/// Finds the learned scale and shift of a normalization that is written out in standard operators, as exporters do for LayerNorm, RMSNorm and
/// GroupNorm: ReduceMean, Sub, Pow, ReduceMean, Add, Sqrt, Div, Mul (scale), Add (shift), in the orders that PyTorch and TensorFlow have.
/// </summary>
internal sealed class WrittenNormalization(NameTable names, ValueFlow flow, StoredValues stored)
{
    private const int StepsOfSpread = 6, StepsOver = 4;

    /// <summary>True of an operand of a product or sum that scales or shifts what is normalized.</summary>
    public bool Takes(Node node, string @operator, int input)
    {
        if (input is not (0 or 1) || node.InputValues.Length != 2) return false;
        var (own, other) = (node.InputValues[input], node.InputValues[1 - input]);
        return @operator switch
        {
            "Mul" => IsNormalized(other) || IsInverse(other) || IsScaledInverse(own),
            "Add" => IsScaled(other),
            "Sub" => input == 0 && IsScaledMean(other), // TensorFlow: shift - mean · scale / deviation
            _ => false,
        };
    }

    // What was divided by its deviation, before anything learned is put to it.
    private bool IsNormalized(int value) => Over(value) is { } node && names.Text(node.Operator) switch
    {
        "InstanceNormalization" or "BatchNormalization" or "MeanVarianceNormalization" or "LpNormalization" => true,
        "Div" => node.InputValues.Length == 2 && IsDeviation(node.InputValues[1]),
        "Mul" => node.InputValues.Length == 2 && (IsInverse(node.InputValues[0]) || IsInverse(node.InputValues[1])),
        _ => false,
    };

    // The same with its scale: what a shift is added to.
    private bool IsScaled(int value) => Over(value) is { InputValues: [var left, var right] } node && names.Text(node.Operator) == "Mul"
        && (IsGiven(right) && IsNormalized(left) || IsGiven(left) && IsNormalized(right) || IsScaledInverse(left) || IsScaledInverse(right));

    private bool IsScaledInverse(int value) => Over(value) is { InputValues: [var left, var right] } node && names.Text(node.Operator) == "Mul"
        && (IsGiven(left) && IsInverse(right) || IsGiven(right) && IsInverse(left));

    // Stored, or what a function's caller gives.
    private bool IsGiven(int value) => stored.IsStored(value) || flow.ProducerOf(value) is null;

    private bool IsScaledMean(int value) => Over(value) is { InputValues: [var left, var right] } node && names.Text(node.Operator) == "Mul" && (IsScaledInverse(left) || IsScaledInverse(right));

    private bool IsInverse(int value) => Over(value) is { } node && (names.Text(node.Operator), node.InputValues.Length) switch
    {
        ("Reciprocal", 1) => IsDeviation(node.InputValues[0], isInverted: true),
        // One over the deviation; or, where responses are normalized (GRN), each channel's length over that of all.
        ("Div", 2) => stored.IsStored(node.InputValues[0]) && IsDeviation(node.InputValues[1], isInverted: true) || flow.ProducerOf(node.InputValues[0]) is { } length && names.Text(length.Operator) == "ReduceL2",
        ("Pow", 2) => stored.IsStored(node.InputValues[1]) && IsSpread(node.InputValues[0], StepsOfSpread),
        _ => false,
    };

    private bool IsDeviation(int value, bool isInverted = false) => Over(value) is { } node && (names.Text(node.Operator), node.InputValues.Length) switch
    {
        ("Sqrt", 1) => IsSpread(node.InputValues[0], StepsOfSpread) || isInverted && IsStoredVariance(node.InputValues[0]),
        ("Pow", 2) => stored.IsStored(node.InputValues[1]) && IsSpread(node.InputValues[0], StepsOfSpread),
        ("Add" or "Max", 2) => IsRoot(node.InputValues[0]) || IsRoot(node.InputValues[1]), // the small number may be added behind the root
        ("ReduceL2", _) => true,
        _ => false,
    };

    private bool IsRoot(int value) => Over(value) is { } node && (names.Text(node.Operator) == "ReduceL2" || names.Text(node.Operator) == "Sqrt" && node.InputValues.Length == 1 && IsSpread(node.InputValues[0], StepsOfSpread));

    // A mean over the values themselves; of what is only a number, as the square root of a head's size, there is none.
    private bool IsSpread(int value, int steps)
    {
        if (steps == 0 || flow.ProducerOf(value) is not { } node) return false;
        switch (names.Text(node.Operator))
        {
            case "ReduceMean" or "ReduceSum" or "ReduceSumSquare" or "GlobalAveragePool":
                return true;
            case "Add" or "Sub" or "Mul" or "Div" or "Max" or "Clip" or "Cast" or "Identity" or "Reshape" or "Expand" or "Unsqueeze":
                for (var input = 0; input < Math.Min(2, node.InputValues.Length); input++)
                {
                    if (IsSpread(node.InputValues[input], steps - 1)) return true;
                }
                return false;
            default:
                return false;
        }
    }

    // A variance that training has left: var + ε, of more than one channel.
    private bool IsStoredVariance(int value) => flow.ProducerOf(value) is { InputValues: [var variance, var small] } node && names.Text(node.Operator) == "Add"
        && flow.StoredOf(variance) is { Dims: [.., > 1] or [> 1, ..] } && stored.IsStored(small);

    // The node that gives a value, over those that only convert it or lay it out anew.
    private Node? Over(int value)
    {
        var node = flow.ProducerOf(value);
        for (var step = 0; step < StepsOver && node is { InputValues: [>= 0 and var before, ..] } && names.Text(node.Operator) is "Cast" or "Identity" or "Reshape" or "Expand" or "Transpose" or "Clip"; step++) node = flow.ProducerOf(before);
        return node;
    }
}
