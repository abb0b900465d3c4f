namespace ModelGate.Models.Onnx;

/// <summary>
/// What a node does with one of its inputs: by the one table of roles, and where nodes together do what one operator may do alone, as
/// converters write out the dequantization of codes, by the nodes around it.
/// </summary>
internal sealed class NodeSlots(NameTable names, ValueFlow flow)
{
    private const int StepsOfDequantizing = 3;

    /// <summary>What a node of this operator does with its input of this number.</summary>
    public Slot Of(Node node, string @operator, int input)
    {
        var domain = names.Text(node.Domain);
        if (!IsStandard(domain)) return Slot.Unknown;
        if (@operator == "Mul" && IsDynamicScale(node, 1 - input)) return Slot.Scale;
        if (@operator is "Mul" or "Add" or "Sub" && DequantizedBy(node, @operator, input) is { } dequantized) return dequantized;
        return @operator == "Gather" && input == 0 ? LookedUp(node) : SlotRoles.Of(@operator, input, isOfOnnx: domain is "" or "ai.onnx");
    }

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
            _ => Slot.Embedding,
        };
    }

    // Converters that keep to the standard operators write out what DequantizeLinear does: Cast(codes) × scale + offset, with both stored.
    private Slot? DequantizedBy(Node node, string @operator, int input)
    {
        if (input is not (0 or 1) || node.InputValues.Length != 2) return null;
        var (own, other) = (node.InputValues[input], node.InputValues[1 - input]);
        if (IsStored(other) && IsOfCodes(own, StepsOfDequantizing)) return Slot.Dequantized;
        if (!IsStored(own) || !IsOfCodes(other, StepsOfDequantizing)) return null;
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
        return IsStored(right) && IsOfCodes(left, steps - 1) || IsStored(left) && IsOfCodes(right, steps - 1);
    }

    // A Constant may also write its values out as an attribute of its own, which is no tensor.
    private bool IsStored(int value) => flow.StoredOf(value) is not null || flow.ProducerOf(value) is { } producer && names.Text(producer.Operator) == "Constant";

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
