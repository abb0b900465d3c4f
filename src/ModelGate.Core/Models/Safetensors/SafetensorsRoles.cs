namespace ModelGate.Models.Safetensors;

/// <summary>
/// What a tensor is for, as far as its name tells for certain: by the parameter and buffer names of torch.nn (BatchNorm, Linear, Conv),
/// of GPTQ and AWQ, of compressed-tensors, ModelOpt and bitsandbytes. Everything else counts as a weight, told by its type.
/// </summary>
internal static class SafetensorsRoles
{
    private const int RankOfMask = 4;

    /// <summary>The role of a tensor.</summary>
    public static Role Of(string name, DataType type, long elements, int rank) =>
        SlotRules.RoleWithoutGraph(SlotOf(name, rank), type, elements, rank);

    private static Slot SlotOf(string name, int rank) => name.AsSpan(name.LastIndexOf('.') + 1) switch
    {
        // GPT-2 and its kin call their causal mask a bias: [1, 1, positions, positions].
        "bias" => rank == RankOfMask ? Slot.Constant : Slot.Bias,
        "masked_bias" or "inv_freq" or "quant_map" or "nested_quant_map" => Slot.Constant,
        "running_mean" or "running_var" => Slot.Statistic,
        "qweight" or "weight_packed" => Slot.Weight,
        "scales" or "weight_scale" or "weight_scales" or "weight_scale_inv" or "weight_scale_2" or "weight_global_scale" or "input_scale" or "input_scale_ub" or "pre_quant_scale" or "input_global_scale" or "output_scale" or "k_scale" or "v_scale"
            or "absmax" or "nested_absmax" or "SCB" => Slot.Scale,
        "qzeros" or "weight_zero_point" or "input_zero_point" => Slot.ZeroPoint,
        _ when name.Contains(".quant_state.", StringComparison.Ordinal) => Slot.Constant,
        _ => Slot.Unknown,
    };
}
