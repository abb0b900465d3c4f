namespace ModelGate.Models.Safetensors;

/// <summary>
/// Weights that GPTQ and AWQ pack into 32-bit integers. Beside <c>qweight</c> stand <c>scales</c> [groups, out] and <c>qzeros</c>
/// [groups, out / per word], whose widths tell how many weights a word holds, whichever way the words run.
/// </summary>
internal sealed class PackedIntegers
{
    private const string Packed = "qweight";
    private const int BitsOfWord = 32;

    private readonly Dictionary<string, SafetensorsEntry> byName = new(StringComparer.Ordinal);

    /// <summary>Takes the tensors of one file.</summary>
    public PackedIntegers(IReadOnlyList<SafetensorsEntry> entries)
    {
        var any = false;
        foreach (var entry in entries) any |= entry.Name.EndsWith(Packed, StringComparison.Ordinal);
        if (!any) return;
        foreach (var entry in entries) byName[entry.Name] = entry;
    }

    /// <summary>The weights that a tensor holds; null where it is not packed, or the tensors beside it do not tell.</summary>
    public long? LogicalElements(SafetensorsEntry entry)
    {
        if (byName.Count == 0 || !entry.Name.EndsWith(Packed, StringComparison.Ordinal) || entry is not { Dims: [var rows, var columns], Type.Bits: BitsOfWord }) return null;
        var module = entry.Name[..^Packed.Length];
        if (!byName.TryGetValue(module + "scales", out var scales) || scales.Dims is not [_, > 0 and var outputs]) return null;
        if (!byName.TryGetValue(module + "qzeros", out var zeros) || zeros.Dims is not [_, > 0 and var words] || outputs % words != 0) return null;
        var perWord = outputs / words;
        return perWord is >= 1 and <= BitsOfWord && (columns == outputs || columns == words) ? (long)((Int128)rows * columns * perWord) : null;
    }
}
