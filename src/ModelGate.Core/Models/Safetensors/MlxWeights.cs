using System.Globalization;

namespace ModelGate.Models.Safetensors;

/// <summary>
/// Weights as MLX packs them: words [out, in · bits / 32] and scales [out, in / group]. Words per scale are all that the shapes tell, and
/// 2 bits in groups of 128 give as many as 4 bits in groups of 64. Then the configuration decides, and without one the sizes that the model's
/// other tensors have: what a layer takes, another gives.
/// </summary>
internal sealed class MlxWeights(IReadOnlyList<SafetensorsEntry> entries, TensorsByName tensors, QuantizationSettings settings, Action<SafetensorsEntry, string> doubt)
{
    private const int BitsOfWord = 32;

    // The groups and the widths that mlx.core.quantize has.
    private static readonly int[] Groups = [32, 64, 128], Widths = [2, 3, 4, 5, 6, 8];

    private readonly Dictionary<long, QuantizationSetting?> bySizes = [];
    private HashSet<long>? sizes;

    /// <summary>The weights of a tensor of words; null where no scales stand beside it.</summary>
    public long? Of(SafetensorsEntry entry, long elements)
    {
        if (ScalesOf(entry) is not { } scales) return null;
        var (words, groups) = (entry.Dims[^1], scales.Dims[^1]);
        var (perGroup, rest) = Math.DivRem(words, groups);
        if (scales.Type == DataTypes.UInt8) return TensorsByName.Times(elements, rest == 0 && perGroup == 8 ? 4 : 8); // floats: of eight bits in groups of 32, else of four
        var fitting = rest == 0 ? Fitting(perGroup) : [];
        if (fitting.Count == 0)
        {
            doubt(entry, "its words and scales fit no group that MLX packs; counted as weights of 2 bits, the narrowest it has");
            return TensorsByName.Times(elements, BitsOfWord / 2);
        }
        return TensorsByName.Fitting((Int128)elements * BitsOfWord / Chosen(entry, fitting, perGroup).Bits);
    }

    // Those of the fewest bits, and so of the most weights, first.
    private static List<QuantizationSetting> Fitting(long perGroup) =>
        [.. from bits in Widths from @group in Groups where bits * @group == perGroup * BitsOfWord select new QuantizationSetting(bits, @group)];

    private QuantizationSetting Chosen(SafetensorsEntry entry, List<QuantizationSetting> fitting, long perGroup)
    {
        if (fitting.Count == 1) return fitting[0];
        if (settings.Of(TensorsByName.Module(entry, ".weight") ?? "") is { } set && fitting.Contains(set)) return set;
        if (!bySizes.TryGetValue(perGroup, out var known)) bySizes.Add(perGroup, known = BySizes(fitting, perGroup));
        if (known is not null) return known;
        var others = string.Join(" or ", fitting.Skip(1).Select(static one => string.Create(CultureInfo.InvariantCulture, $"{one.Bits} in groups of {one.Group}")));
        doubt(entry, $"its shapes fit weights of {fitting[0].Bits} bits in groups of {fitting[0].Group} as well as {others}, and no config.json beside the file tells which; counted as the former, which holds most");
        return fitting[0];
    }

    // The one under which all of them take what some tensor of the model gives; null where none does, or more than one.
    private QuantizationSetting? BySizes(List<QuantizationSetting> fitting, long perGroup)
    {
        sizes ??= SizesOfOthers();
        var inputs = entries.Where(entry => ScalesOf(entry) is { } scales && scales.Dims[^1] * perGroup == entry.Dims[^1]).Select(entry => entry.Dims[^1]).Distinct().ToList();
        var possible = fitting.FindAll(one => inputs.TrueForAll(words => sizes.Contains(words * BitsOfWord / one.Bits)));
        return possible is [var only] ? only : null;
    }

    // Lengths of biases and scales of normalizations, and what matrices give.
    private HashSet<long> SizesOfOthers()
    {
        HashSet<long> found = [];
        foreach (var entry in entries)
        {
            if (entry.Dims is [var length] && entry.Type.IsFloat) found.Add(length);
            else if (entry.Dims is [.., var outputs, _] && TensorsByName.Last(entry.Name) == "weight") found.Add(outputs);
        }
        return found;
    }

    private SafetensorsEntry? ScalesOf(SafetensorsEntry entry) =>
        entry.Type == DataTypes.UInt32 && entry.Dims is [.., _, > 0] && TensorsByName.Module(entry, "weight") is { } module && tensors.Beside(module + "scales") is { Dims: [.., > 0] } scales && scales.Dims.Length == entry.Dims.Length ? scales : null;
}
