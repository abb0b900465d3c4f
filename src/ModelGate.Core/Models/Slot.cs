namespace ModelGate.Models;

/// <summary>What an operator does with what feeds one of its inputs.</summary>
internal enum Slot : byte
{
    /// <summary>Nothing is known of it: what is stored there is told by its type.</summary>
    Unknown,
    Weight,
    Bias,

    /// <summary>A bias, unless it holds a single element: the operand of an addition.</summary>
    Addend,
    Normalization,
    Statistic,
    Embedding,
    Scale,
    ZeroPoint,
    Index,
    Constant,

    /// <summary>Passed on: the role is that of whoever uses the output.</summary>
    Through,

    /// <summary>Passed on after its codes have been turned into the values they stand for.</summary>
    Dequantized,
}
