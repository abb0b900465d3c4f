namespace ModelGate.Models.Safetensors;

/// <summary>The tensors of a model by their names, where any of them may be packed.</summary>
internal sealed class TensorsByName
{
    private readonly Dictionary<string, SafetensorsEntry> byName = new(StringComparer.Ordinal);

    /// <summary>Takes the tensors; none where all are of plain types.</summary>
    public TensorsByName(IReadOnlyList<SafetensorsEntry> entries)
    {
        var any = false;
        foreach (var entry in entries) any |= MayHoldCodes(entry.Type);
        if (!any) return;
        foreach (var entry in entries) byName[entry.Name] = entry;
    }

    /// <summary>True where no tensor of the model can be packed.</summary>
    public bool IsEmpty => byName.Count == 0;

    /// <summary>The tensor of a name and, where one is given, of a type; null where there is none.</summary>
    public SafetensorsEntry? Beside(string name, DataType? type = null) => byName.TryGetValue(name, out var entry) && (type is null || entry.Type == type) ? entry : null;

    /// <summary>What the name of a tensor has before a last part; null where it ends otherwise.</summary>
    public static string? Module(SafetensorsEntry entry, string last) => entry.Name.EndsWith(last, StringComparison.Ordinal) ? entry.Name[..^last.Length] : null;

    /// <summary>The part of a name behind its last dot.</summary>
    public static string Last(string name) => name[(name.LastIndexOf('.') + 1)..];

    /// <summary>Elements of a tensor, which its file was held against.</summary>
    public static long Elements(SafetensorsEntry entry) => Shapes.TryElements(entry.Dims) ?? 0;

    /// <summary>A product; null where it does not fit.</summary>
    public static long? Times(long count, long factor) => Fitting((Int128)count * factor);

    /// <summary>A count; null where it is none or does not fit.</summary>
    public static long? Fitting(Int128 count) => count >= 0 && count <= long.MaxValue ? (long)count : null;

    private static bool MayHoldCodes(DataType type) => type != DataTypes.Bool && (type.Bits <= 8 || !type.IsFloat);
}
