namespace ModelGate.Models;

/// <summary>What a stored tensor is for, given what the operators that use it do with it.</summary>
internal static class SlotRules
{
    /// <summary>The role of a tensor in a slot.</summary>
    /// <param name="slot">What the operator does with it.</param>
    /// <param name="dequantized">True where its codes were turned into the values they stand for on the way.</param>
    /// <param name="type">Its element type.</param>
    /// <param name="elements">How many elements it stores.</param>
    /// <param name="rank">How many dimensions it has.</param>
    public static Role RoleOf(Slot slot, bool dequantized, DataType type, long elements, int rank)
    {
        if (type == DataTypes.Bool || type == DataTypes.String) return Role.Constant;
        var learnable = type.IsFloat || dequantized || type.Bits <= 8;
        return slot switch
        {
            Slot.Weight when learnable || type.Bits < 64 || rank > 1 => Role.Weight, // no shape is a matrix, whatever its type
            Slot.Bias when learnable || type.Bits < 64 => Role.Bias,
            Slot.Addend when learnable && elements != 1 => Role.Bias,
            Slot.Normalization when learnable => Role.Normalization,
            Slot.Embedding when learnable && rank >= 2 => Role.Embedding,
            Slot.Statistic => Role.Statistic,
            Slot.Scale => Role.Scale,
            Slot.ZeroPoint => Role.ZeroPoint,
            Slot.Index when !type.IsFloat => Role.Index,
            Slot.Constant => type.IsFloat || dequantized ? Role.Constant : Role.Index,
            _ when learnable => elements == 1 ? Role.Constant : Role.Weight,
            _ => Role.Index,
        };
    }

    /// <summary>The role of a tensor in a format that keeps no graph: there even a single float counts, since it may be a learned scale or gate.</summary>
    public static Role RoleWithoutGraph(Slot slot, DataType type, long elements, int rank)
    {
        var role = RoleOf(slot, false, type, elements, rank);
        return slot == Slot.Unknown && role == Role.Constant && type.IsFloat ? Role.Weight : role;
    }

    /// <summary>Where uses disagree, the one that makes a tensor weigh most decides, lowest first: a count is never understated.</summary>
    public static int Precedence(Role role) => role switch
    {
        Role.Weight or Role.Bias or Role.Normalization or Role.Embedding => 0,
        Role.Statistic => 1,
        Role.Scale => 2,
        Role.ZeroPoint => 3,
        Role.Constant => 4,
        _ => 5,
    };
}
