namespace ModelGate.Models;

/// <summary>
/// How tables of roles are written, one letter per input:
/// <c>.</c> unknown, <c>w</c> weight, <c>b</c> bias, <c>a</c> addend, <c>n</c> normalization, <c>m</c> statistic, <c>e</c> embedding, <c>s</c> scale, <c>z</c> zero point,
/// <c>i</c> index, <c>c</c> constant, <c>t</c> passed through, <c>q</c> passed through and dequantized; <c>*</c> says that the letter before holds for all that follow.
/// </summary>
internal static class SlotLetters
{
    /// <summary>What is done with an input, by the letters of its operator.</summary>
    public static Slot Find(string letters, int input)
    {
        if (letters.EndsWith('*')) return Of(letters[Math.Min(input, letters.Length - 2)]);
        return input < letters.Length ? Of(letters[input]) : Slot.Unknown;
    }

    private static Slot Of(char letter) => letter switch
    {
        'w' => Slot.Weight,
        'b' => Slot.Bias,
        'a' => Slot.Addend,
        'n' => Slot.Normalization,
        'm' => Slot.Statistic,
        'e' => Slot.Embedding,
        's' => Slot.Scale,
        'z' => Slot.ZeroPoint,
        'i' => Slot.Index,
        'c' => Slot.Constant,
        't' => Slot.Through,
        'q' => Slot.Dequantized,
        _ => Slot.Unknown,
    };
}
