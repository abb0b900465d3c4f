namespace ModelGate.Models.Safetensors;

/// <summary>
/// What a tensor is for, as far as its name tells for certain: by the parameter and buffer names of torch.nn (BatchNorm, Linear, Conv),
/// of GPTQ and AWQ, and of compressed-tensors. Everything else counts as a weight, told by its type.
/// </summary>
internal static class SafetensorsRoles
{
    /// <summary>The role of a tensor.</summary>
    public static Role Of(string name, DataType type, long elements, int rank) =>
        SlotRules.RoleWithoutGraph(SlotOf(name.AsSpan(name.LastIndexOf('.') + 1)), type, elements, rank);

    private static Slot SlotOf(ReadOnlySpan<char> last) => last switch
    {
        "bias" => Slot.Bias,
        "running_mean" or "running_var" => Slot.Statistic,
        "qweight" => Slot.Weight,
        "scales" or "weight_scale" or "weight_scale_inv" or "input_scale" or "output_scale" => Slot.Scale,
        "qzeros" or "weight_zero_point" or "input_zero_point" => Slot.ZeroPoint,
        _ => Slot.Unknown,
    };
}
