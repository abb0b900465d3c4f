using ModelGate.Models.Onnx.Layers;

namespace ModelGate.Models.Onnx;

/// <summary>
/// What a node does with one of its inputs: by the one table of roles, and where nodes together do what one operator may do alone, as
/// converters write out the dequantization of codes, by the nodes around it.
/// </summary>
internal sealed class NodeSlots
{
    private const int StepsOfDequantizing = 3, StepsToProduct = 6;

    private readonly NameTable names;
    private readonly ValueFlow flow;
    private readonly StoredValues stored;
    private readonly WrittenNormalization normalization;
    private readonly WrittenRotation rotation;

    /// <summary>Takes the values of a model.</summary>
    public NodeSlots(NameTable names, ValueFlow flow)
    {
        (this.names, this.flow) = (names, flow);
        stored = new StoredValues(names, flow);
        normalization = new WrittenNormalization(names, flow, stored);
        rotation = new WrittenRotation(names, flow);
    }

    /// <summary>What a node of this operator does with its input of this number.</summary>
    public Slot Of(Node node, string @operator, int input)
    {
        var domain = names.Text(node.Domain);
        if (!IsStandard(domain)) return Slot.Unknown;
        if (@operator == "Mul" && IsDynamicScale(node, 1 - input)) return Slot.Scale;
        if (@operator is "Mul" or "Add" or "Sub" && DequantizedBy(node, @operator, input) is { } dequantized) return dequantized;
        if (stored.IsArithmetic(node, @operator, input)) return Slot.Through;
        if (normalization.Takes(node, @operator, input) && !stored.IsSingle(node.InputValues[input])) return Slot.Normalization;
        if (rotation.Takes(node, @operator, input)) return Slot.Constant;
        if ((@operator == "Mul" || @operator == "Div" && input == 0) && input < node.InputValues.Length && !stored.IsSingle(node.InputValues[input]) && stored.ReachesKernel(node)) return Slot.Through;
        return @operator == "Gather" && input == 0 ? LookedUp(node) : SlotRoles.Of(@operator, input, isOfOnnx: domain is "" or "ai.onnx");
    }

    /// <summary>True of a node whose results are the same each time, since all it takes is stored or computed of that.</summary>
    public bool IsOfStored(Node node) => stored.IsOfStored(node);

    private static bool IsStandard(string domain) =>
        domain is "" or "ai.onnx" or "com.microsoft" or "com.ms.internal.nhwc" or "com.microsoft.nchwc" or "ai.onnx.ml" or "ai.onnx.training" or "ai.onnx.preview.training";

    // Rows of codes are looked up together with the rows of scales and zero points that turn them into values.
    private Slot LookedUp(Node gather)
    {
        if (gather.Outputs.Length == 0 || flow.FirstUseOf(gather.FirstOutput) is not ({ } user, var input)) return Slot.Embedding;
        return (names.Text(user.Operator), input) switch
        {
            ("DequantizeLinear", 1) => Slot.Scale,
            ("DequantizeLinear", 2) => Slot.ZeroPoint,
            ("Mul", _) when Producer(user, 1 - input, "Cast") is { } cast && Producer(cast, 0, "Gather") is { } codes && SameRows(codes, gather) => Slot.Scale,
            _ => rotation.TakesRows(gather) ? Slot.Constant : IsExpert(gather) ? Slot.Through : IsBiasOfExpert(gather, user, input) ? Slot.Bias : Slot.Embedding,
        };
    }

    // A matrix that is picked from a stack of them, for another than a stored one to be multiplied with: the weights of one expert of many.
    private bool IsExpert(Node gather)
    {
        if (RankOf(gather.InputValues[0]) < 3) return false;
        var value = gather.FirstOutput;
        for (var step = 0; step < StepsToProduct && flow.FirstUseOf(value) is var (user, input); step++)
        {
            var @operator = names.Text(user.Operator);
            if (LayerOperators.Multiplies(@operator)) return user.InputValues.Length > 1 && input < 2 && !stored.IsOfStored(user.InputValues[1 - input]);
            // Its codes may be picked before they are dequantized, with the scales of the same expert.
            var isScaled = @operator is "Mul" or "Sub" or "Add" && input < 2 && user.InputValues.Length == 2 && IsPickedWith(gather, user.InputValues[1 - input]);
            if (user.Outputs.Length == 0 || !isScaled && (input != 0 || !LayerOperators.KeepsValues(@operator))) return false;
            value = user.FirstOutput;
        }
        return false;
    }

    private bool IsBiasOfExpert(Node gather, Node user, int input) =>
        names.Text(user.Operator) == "Add" && input < 2 && user.InputValues.Length == 2 && flow.ProducerOf(user.InputValues[1 - input]) is { InputValues: [var left, var right, ..] } product
        && LayerOperators.Multiplies(names.Text(product.Operator)) && (IsPickedWith(gather, left) || IsPickedWith(gather, right));

    private bool IsPickedWith(Node gather, int value)
    {
        for (var step = 0; step < StepsToProduct && flow.ProducerOf(value) is { InputValues: [var before, ..] } producer; step++)
        {
            var @operator = names.Text(producer.Operator);
            if (@operator == "Gather") return SameRows(producer, gather);
            if (!LayerOperators.KeepsValues(@operator)) return false;
            value = before;
        }
        return false;
    }

    // Of the stored tensor that a value is, or is dequantized or turned from.
    private int RankOf(int value)
    {
        for (var step = 0; step < StepsOfDequantizing; step++)
        {
            if (flow.StoredOf(value) is { } tensor) return tensor.Dims.Length;
            if (flow.ProducerOf(value) is not { InputValues: [var before, ..] } producer || !LayerOperators.KeepsValues(names.Text(producer.Operator))) return 0;
            value = before;
        }
        return 0;
    }

    // Converters that keep to the standard operators write out what DequantizeLinear does: Cast(codes) × scale + offset, with both stored.
    private Slot? DequantizedBy(Node node, string @operator, int input)
    {
        if (input is not (0 or 1) || node.InputValues.Length != 2) return null;
        var (own, other) = (node.InputValues[input], node.InputValues[1 - input]);
        if (stored.IsStored(other) && IsOfCodes(own, StepsOfDequantizing)) return Slot.Dequantized;
        if (Producer(node, input, "Cast") is { } cast && Producer(cast, 0, "Gather") is { } codes && Producer(node, 1 - input, "Gather") is { } scales && SameRows(codes, scales)) return Slot.Dequantized;
        if (!stored.IsStored(own) || !IsOfCodes(other, StepsOfDequantizing)) return null;
        return @operator == "Mul" ? Slot.Scale : Slot.ZeroPoint;
    }

    // True of what is computed of stored codes and other stored values alone.
    private bool IsOfCodes(int value, int steps)
    {
        if (steps == 0 || flow.ProducerOf(value) is not { } producer) return false;
        var @operator = names.Text(producer.Operator);
        if (@operator == "Cast") return producer.InputValues.Length == 1 && HoldsCodes(producer.InputValues[0]);
        if (@operator is not ("Mul" or "Add" or "Sub") || producer.InputValues.Length != 2) return false;
        var (left, right) = (producer.InputValues[0], producer.InputValues[1]);
        return stored.IsStored(right) && IsOfCodes(left, steps - 1) || stored.IsStored(left) && IsOfCodes(right, steps - 1);
    }

    private bool HoldsCodes(int value) =>
        ElementTypes.Find(flow.StoredOf(value)?.DataType ?? 0) is { IsFloat: false, Bits: > 0 and <= 8 } type && type != DataTypes.Bool;

    private static bool SameRows(Node gather, Node other) =>
        gather != other && gather.InputValues.Length > 1 && other.InputValues.Length > 1 && gather.InputValues[1] == other.InputValues[1];

    private Node? Producer(Node node, int input, string @operator) =>
        input >= 0 && input < node.InputValues.Length && flow.ProducerOf(node.InputValues[input]) is { } producer && names.Text(producer.Operator) == @operator ? producer : null;

    // Dynamic quantization multiplies the scale it measures with the stored scale of the weight.
    private bool IsDynamicScale(Node multiplication, int input) =>
        Producer(multiplication, input, "DynamicQuantizeLinear") is { } quantization && multiplication.InputValues[input] == quantization.FirstOutput + 1;
}
