using ModelGate.Models;

namespace ModelGate.Compressing;

/// <summary>Weights in 16 bits, each followed by a Cast to float32, which a runtime computes once, when it loads the model.</summary>
internal static class HalfConversion
{
    private const long Float32 = 1;

    /// <summary>Converts a weight; or says why not.</summary>
    public static string? Convert(Weight weight, TensorFields fields, bool dividesByEach, ModelEdits edits, bool brain, WeightFidelity fidelity)
    {
        if (weight.Purpose.Role is Role.Constant or Role.Scale or Role.ZeroPoint or Role.Index) return "it is a constant of the computation";
        // Before version 6 Cast says its type in words; bfloat16 came with version 13.
        var needed = brain ? 13 : 6;
        if (edits.OperatorSetAt(weight.Function) is var version && version < needed) return $"Cast takes no {(brain ? "bfloat16" : "float16")} before operator set {needed}; the model has {version}";

        var name = edits.NewName(weight.Name + (brain ? "_bf16" : "_fp16"));
        var data = new HalfWeights(weight.Name, fields.Values!, brain, dividesByEach, fidelity);
        return edits.TryReplace(weight, fields,
            [new NewTensor(name, brain ? DataTypes.BFloat16 : DataTypes.Float16, weight.Dims, data, true)],
            [MessageBytes.Node("Cast", "", [name], [weight.Name], name + "_cast", ("to", Float32))], []) ? null : Reasons.NotSmaller;
    }
}
