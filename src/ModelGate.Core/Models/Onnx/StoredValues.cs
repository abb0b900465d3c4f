using ModelGate.Models.Onnx.Layers;

namespace ModelGate.Models.Onnx;

/// <summary>
/// What a model computes of stored values alone: exporters leave the arithmetic of a weight in the graph, as of one that is normalized before
/// a convolution takes it (weight_g · weight_v / |weight_v|), scaled, or put together of a base and an adapter.
/// </summary>
internal sealed class StoredValues(NameTable names, ValueFlow flow)
{
    private const int MostNodes = 24; // exporters write a handful; the bound keeps hostile graphs from costing quadratic time

    /// <summary>True where a node only works on a weight: all it takes is stored or computed of that, and it keeps the weight's place as one that is.</summary>
    public bool IsArithmetic(Node node, string @operator, int input)
    {
        if (!(TakesAll(@operator) || input == 0 && TakesFirst(@operator)) || input >= node.InputValues.Length || IsSingle(node.InputValues[input])) return false;
        return IsOfStored(node);
    }

    /// <summary>True of a node whose results are the same each time, since all it takes is stored or computed of that.</summary>
    public bool IsOfStored(Node node)
    {
        var left = MostNodes;
        return AreStored(node, ref left);
    }

    /// <summary>True where the kernels of a convolution are made of what a product gives: those of a network that is steered have their channels scaled at run time.</summary>
    public bool ReachesKernel(Node product)
    {
        var pending = new Stack<Node>([product]);
        for (var step = 0; step < MostNodes && pending.TryPop(out var node); step++)
        {
            var left = MostNodes;
            foreach (var (user, input) in node.Outputs.Length == 0 ? [] : flow.UsesOf(node.FirstOutput))
            {
                if (user is null || left-- == 0) break;
                var @operator = names.Text(user.Operator);
                if (input == 1 && @operator is ("Conv" or "ConvTranspose")) return true;
                if (@operator is "Mul" or "Div" || LayerOperators.KeepsValues(@operator)) pending.Push(user);
            }
        }
        return false;
    }

    /// <summary>True where a value is stored, or what a Constant writes out as an attribute of its own, which is no tensor.</summary>
    public bool IsStored(int value) => flow.StoredOf(value) is not null || flow.ProducerOf(value) is { } producer && names.Text(producer.Operator) == "Constant";

    /// <summary>True where a value is stored or computed of such values alone.</summary>
    public bool IsOfStored(int value)
    {
        var left = MostNodes;
        return IsOfStored(value, ref left);
    }

    /// <summary>True of a stored value of one element: a factor or an offset as that is a constant, whatever it is put to.</summary>
    public bool IsSingle(int value)
    {
        if (flow.StoredOf(value) is not { } stored) return IsStored(value);
        foreach (var dim in stored.Dims)
        {
            if (dim != 1) return false;
        }
        return true;
    }

    private bool IsOfStored(int value, ref int left)
    {
        if (IsStored(value)) return true;
        if (flow.ProducerOf(value) is not { Bodies.Length: 0 } producer || flow.FunctionOf(producer) is not null) return false;
        var @operator = names.Text(producer.Operator);
        return (TakesAll(@operator) || TakesFirst(@operator) || LayerOperators.KeepsValues(@operator) || @operator is "MatMul" or "Gemm") && AreStored(producer, ref left);
    }

    private bool AreStored(Node node, ref int left)
    {
        if (node.InputValues.Length is 0 or > MostNodes) return false; // inputs that are left out are free, and may be many
        for (var input = 0; input < node.InputValues.Length; input++)
        {
            var isLeftOut = node.Inputs[input] == 0; // and not of a name that nothing gives
            if (!isLeftOut && (left-- <= 0 || node.InputValues[input] < 0 || !IsOfStored(node.InputValues[input], ref left))) return false;
        }
        return true;
    }

    private static bool TakesAll(string @operator) => @operator is "Mul" or "Div" or "Add" or "Sub";

    private static bool TakesFirst(string @operator) => @operator is "Sqrt" or "Reciprocal" or "Neg" or "Abs" or "Exp" or "Pow" or "ReduceL1" or "ReduceL2" or "ReduceSum" or "ReduceSumSquare" or "ReduceMean" or "ReduceMax";
}
