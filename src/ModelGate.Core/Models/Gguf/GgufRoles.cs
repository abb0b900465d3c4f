namespace ModelGate.Models.Gguf;

/// <summary>What a tensor is for, by the names that GGUF prescribes (gguf-py, TENSOR_NAMES): <c>blk.0.attn_norm.weight</c>.</summary>
internal static class GgufRoles
{
    /// <summary>The role of a tensor.</summary>
    public static Role Of(string name, DataType type, long elements, int rank)
    {
        var kind = name.AsSpan(name.LastIndexOf('.') + 1);
        var module = Module(name);
        return SlotRules.RoleWithoutGraph(SlotOf(module.AsSpan(module.LastIndexOf('.') + 1), kind), type, elements, rank);
    }

    /// <summary>The kind of layer that a tensor belongs to, by its role and its name.</summary>
    public static LayerKind KindOf(Tensor tensor)
    {
        if (LayerGraph.OfRole(tensor.Role) is { } kind) return kind;
        var module = Module(tensor.Name);
        var last = module.AsSpan(module.LastIndexOf('.') + 1);
        return last.StartsWith("attn_", StringComparison.Ordinal) ? LayerKind.Attention
            : last.StartsWith("ffn_", StringComparison.Ordinal) || last.SequenceEqual("output") || last.SequenceEqual("cls") ? LayerKind.Dense
            : LayerKind.Other;
    }

    /// <summary>The part of the model that a tensor belongs to: its name without the last word.</summary>
    public static string Module(string name) => name.LastIndexOf('.') is > 0 and var dot ? name[..dot] : name;

    private static Slot SlotOf(ReadOnlySpan<char> module, ReadOnlySpan<char> kind) => module switch
    {
        "token_embd" or "position_embd" or "token_types" or "per_layer_token_embd" => Slot.Embedding,
        "rope_freqs" or "rope_factors_long" or "rope_factors_short" or "attn_rot_embd" => Slot.Constant,
        _ when module.EndsWith("_norm", StringComparison.Ordinal) || module.Contains("_norm_", StringComparison.Ordinal) => Slot.Normalization,
        _ when kind.SequenceEqual("bias") => Slot.Bias,
        _ when kind is "scale" or "input_scale" => Slot.Scale, // of weights in four and fewer bits, beside the scales of their blocks
        _ => Slot.Unknown,
    };
}
