using ModelGate.Models.Onnx.Layers;

namespace ModelGate.Models.Onnx;

/// <summary>
/// Finds the tables of sines and cosines that positions rotate queries and keys by, where that is written out in standard operators:
/// x · cos + Concat(-x₂, x₁) · sin. They are computed when a model is made, and not learned.
/// </summary>
internal sealed class WrittenRotation(NameTable names, ValueFlow flow)
{
    private const int MostSteps = 6;

    /// <summary>True of the operand of a product that is such a table.</summary>
    public bool Takes(Node node, string @operator, int input)
    {
        if (@operator != "Mul" || input is not (0 or 1) || node.InputValues.Length != 2 || node.Outputs.Length != 1) return false;
        if (IsTurned(node.InputValues[1 - input])) return true; // by the sine
        return flow.FirstUseOf(node.FirstOutput) is var (sum, place) && place < 2 && sum.InputValues.Length == 2 && names.Text(sum.Operator) == "Add"
            && flow.ProducerOf(sum.InputValues[1 - place]) is { InputValues: [var left, var right] } other && names.Text(other.Operator) == "Mul" && (IsTurned(left) || IsTurned(right)) && !IsTurned(node.InputValues[input]);
    }

    /// <summary>True where the rows that are looked up are those of such a table.</summary>
    public bool TakesRows(Node gather)
    {
        var value = gather.FirstOutput;
        for (var step = 0; step < MostSteps && flow.FirstUseOf(value) is var (user, input); step++)
        {
            var @operator = names.Text(user.Operator);
            if (@operator == "Mul") return Takes(user, @operator, input);
            if (input != 0 || user.Outputs.Length != 1 || !LayerOperators.KeepsValues(@operator)) return false;
            value = user.FirstOutput;
        }
        return false;
    }

    // One half, or every other value, turned to its negative and put before the other.
    private bool IsTurned(int value)
    {
        if (Over(value, "Reshape", "Cast", "Transpose") is not { } concat || names.Text(concat.Operator) != "Concat") return false;
        for (var input = 0; input < Math.Min(2, concat.InputValues.Length); input++)
        {
            if (Over(concat.InputValues[input], "Unsqueeze", "Cast", "Reshape") is { } half && names.Text(half.Operator) == "Neg") return true;
        }
        return false;
    }

    private Node? Over(int value, params ReadOnlySpan<string> operators)
    {
        var node = flow.ProducerOf(value);
        for (var step = 0; step < MostSteps && node is { InputValues: [>= 0 and var before, ..] } && operators.Contains(names.Text(node.Operator)); step++) node = flow.ProducerOf(before);
        return node;
    }
}
