namespace ModelGate.Models.Safetensors;

/// <summary>Tensors that belong to packed weights and are none themselves, by names that mean something else where no such weights stand beside them.</summary>
internal static class Companions
{
    /// <summary>What a tensor is for, and the weights that it belongs to, null where any would do; null where it belongs to none.</summary>
    public static (Role Role, SafetensorsEntry? Owner)? Of(SafetensorsEntry entry, TensorsByName tensors)
    {
        var last = TensorsByName.Last(entry.Name);
        var module = entry.Name[..^last.Length];
        return last switch
        {
            "biases" when tensors.Beside(module + "scales") is not null => Beside(Role.ZeroPoint, "weight", DataTypes.UInt32),
            "scale" => Beside(Role.Scale, "W_q") ?? (tensors.Beside(module + "weight") is { Type.Bits: <= 8 } codes && codes.Type != DataTypes.Bool ? (Role.Scale, codes) : null),
            "zero" => Beside(Role.ZeroPoint, "W_q"),
            "q_scale" or "q_scale_max" => Beside(Role.Scale, "q_weight"),
            "suh" or "svh" or "su" or "sv" => Beside(Role.Scale, "trellis"),
            "SU" or "SV" or "Wscale" => Beside(Role.Scale, "Qidxs") ?? Beside(Role.Scale, "trellis"),
            "codebooks" => Beside(Role.Scale, "codes"),
            "s" => Beside(Role.Scale, "B") ?? Beside(Role.Scale, "B_24"),
            "wscales" or "wtscale" or "wcscales" or "smooth_factor" or "smooth_factor_orig" => Beside(Role.Scale, "qweight"),
            "wzeros" => Beside(Role.ZeroPoint, "qweight"),
            "_scale" => Beside(Role.Scale, "_data") ?? Beside(Role.Scale, "_data._data"),
            "_shift" => Beside(Role.ZeroPoint, "_data") ?? Beside(Role.ZeroPoint, "_data._data"),
            "scale_weight" or "scale_input" => Beside(Role.Scale, "weight", DataTypes.Float8E4M3FN) ?? Beside(Role.Scale, "weight", DataTypes.Float8E5M2),
            "bitmask" => Beside(Role.Index, "compressed"),
            "comfy_quant" when entry.Type == DataTypes.UInt8 => (Role.Constant, null),
            // HQQ keeps its settings as tensors: words as the bytes of their letters.
            "axis" or "packing" or "unpack_view_dtype" or "compute_dtype" or "view_as_float" or "quant_scale" or "quant_zero" or "channel_wise" or "optimize" or "round_zero" or "offload_meta" or "stores_quant_config" or "encoded_state_dict"
                when entry.Type == DataTypes.UInt8 => Beside(Role.Constant, "W_q"),
            _ => OfSuffix(),
        };

        // Codes are no wide floats: what those names mean beside such is something else.
        (Role Role, SafetensorsEntry? Owner)? Beside(Role role, string weights, DataType? type = null) =>
            tensors.Beside(module + weights, type) is { } owner && owner.Type != DataTypes.Bool && (!owner.Type.IsFloat || owner.Type.Bits <= 8) ? (role, owner) : null;

        (Role Role, SafetensorsEntry? Owner)? OfSuffix() =>
            Suffix(Role.Scale, "_scales", "_blocks", DataTypes.UInt8)
            ?? Suffix(Role.Scale, "_scale", "_qdata") ?? Suffix(Role.Scale, "_scale_and_zero", "_qdata") ?? Suffix(Role.ZeroPoint, "_zero_point", "_qdata")
            ?? Suffix(Role.Scale, "_weight_scale", "") ?? Suffix(Role.Scale, "_weight_scale_2", "") ?? Suffix(Role.Scale, "_input_scale", "") ?? Suffix(Role.Scale, "_scale_inv", "");

        // Of experts that are stored as one tensor: its name, and what follows.
        (Role Role, SafetensorsEntry? Owner)? Suffix(Role role, string own, string weights, DataType? type = null) =>
            TensorsByName.Module(entry, own) is { Length: > 0 } prefix && tensors.Beside(prefix + weights, type) is { Type.Bits: <= 8 or 32 } owner && owner.Type != DataTypes.Bool && owner.Type != DataTypes.Float32 ? (role, owner) : null;
    }
}
