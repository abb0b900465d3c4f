namespace ModelGate.Models.Safetensors;

/// <summary>What the tensors beside it say of a tensor of packed weights, or of one that belongs to such.</summary>
/// <param name="Role">What it is for.</param>
/// <param name="LogicalElements">The values it holds.</param>
internal sealed record PackedTensor(Role Role, long LogicalElements);

/// <summary>
/// Weights of fewer bits than any type of safetensors, several in each stored integer, or codes that stand for several weights each. Nothing
/// in the file says so; the names and shapes of the tensors beside them do. Where they leave it open, the most that the layout may hold counts
/// and a note says so. Sources: the layouts that GPTQ, AWQ, Marlin, compressed-tensors, bitsandbytes, ModelOpt, Quark, BitNet, torchao, quanto,
/// HQQ, AQLM, QuIP#, EXL2, EXL3, Nunchaku and MLX write, and those of gpt-oss.
/// </summary>
internal sealed class PackedTensors
{
    private const int InByte = 2; // weights of four bits

    private readonly TensorsByName tensors;
    private readonly QuantizationSettings settings;
    private readonly PackedWords words;
    private readonly PackedCodes codes;
    private readonly MlxWeights mlx;
    private readonly Dictionary<string, HashSet<string>> doubts = [];

    /// <summary>Takes the tensors of a model, and what the configuration beside it says.</summary>
    public PackedTensors(IReadOnlyList<SafetensorsEntry> entries, QuantizationSettings settings)
    {
        this.settings = settings;
        tensors = new TensorsByName(entries);
        words = new PackedWords(tensors, settings, Doubt);
        codes = new PackedCodes(tensors, Doubt);
        mlx = new MlxWeights(entries, tensors, settings, Doubt);
    }

    /// <summary>What the tensors beside it say of a tensor; null where they say nothing.</summary>
    public PackedTensor? Find(SafetensorsEntry entry, long elements)
    {
        if (tensors.IsEmpty) return null;
        if (LogicalOf(entry, elements) is { } weights) return new PackedTensor(Role.Weight, weights);
        // What weighs more than the weights that it would belong to is something else: a name alone takes nothing out of the count.
        return Companions.Of(entry, tensors) is var (role, owner) && (owner is null || elements <= (LogicalOf(owner, TensorsByName.Elements(owner)) ?? TensorsByName.Elements(owner)))
            ? new PackedTensor(role, elements) : null;
    }

    /// <summary>What had to be assumed of the tensors that were found, as notes.</summary>
    public IEnumerable<string> Notes()
    {
        foreach (var (what, names) in doubts)
            yield return $"{(names.Count == 1 ? "tensor" : $"{names.Count} tensors, the first")} {Quoted.Name(names.First())}: {what}";
    }

    private void Doubt(SafetensorsEntry entry, string what)
    {
        if (!doubts.TryGetValue(what, out var names)) doubts.Add(what, names = []);
        names.Add(entry.Name);
    }

    private long? LogicalOf(SafetensorsEntry entry, long elements)
    {
        if (entry.Type.IsFloat || entry.Type == DataTypes.Bool) return null;
        return TensorsByName.Last(entry.Name) switch
        {
            "qweight" => words.OfScales(entry, elements),
            "weight_packed" when entry.Type.Bits == PackedWords.Bits => words.OfShape(entry, elements),
            "B" or "B_24" => words.OfTiles(entry, elements),
            "q_weight" => words.OfPermutation(entry),
            "trellis" => codes.OfTrellis(entry),
            "Qidxs" => codes.OfSigns(entry),
            "codes" => codes.OfCodebooks(entry),
            "W_q" => codes.OfShape(entry, elements),
            "_data" => codes.OfRows(entry),
            "weight" when entry.Type == DataTypes.UInt32 => mlx.Of(entry, elements),
            "weight" when entry.Type == DataTypes.Int32 => words.OfZeroPoints(entry, elements, "weight", "weight_scale", "weight_zero_point"),
            var last when last.EndsWith("_qdata", StringComparison.Ordinal) => OfTorchAo(entry, elements),
            _ => InBytes(entry, elements),
        };
    }

    // Four bits wherever the type is wider than the codes: bytes of two, words of eight.
    private long? OfTorchAo(SafetensorsEntry entry, long elements)
    {
        var prefix = TensorsByName.Module(entry, "qdata")!;
        if (tensors.Beside(prefix + "scale") is null && tensors.Beside(prefix + "scale_and_zero") is null) return null;
        return entry.Type == DataTypes.UInt8 ? TensorsByName.Times(elements, InByte) : entry.Type == DataTypes.Int32 ? TensorsByName.Times(elements, PackedWords.Bits / 4) : null;
    }

    private long? InBytes(SafetensorsEntry entry, long elements)
    {
        if (entry.Type != DataTypes.UInt8 && entry.Type != DataTypes.Int8) return null;
        if (entry.Type == DataTypes.UInt8 && IsOfFourBits(entry)) return TensorsByName.Times(elements, InByte);
        if (entry.Dims is not [.., > 0 and var rows, > 0 and var columns] || TensorsByName.Module(entry, "weight") is not { } module || (tensors.Beside(module + "weight_scale") ?? tensors.Beside(module + "scale")) is not { } scale) return null;
        if (scale.Dims is [.., var scaledRows, > 0 and var groups])
        {
            // Floats of four bits share an exponent by 32 or a scale by 16, two of them in a byte.
            if (scaledRows == rows && ((scale.Type == DataTypes.UInt8 || scale.Type == DataTypes.Float8E8M0) && columns == 16 * groups || scale.Type == DataTypes.Float8E4M3FN && columns == 8 * groups)) return TensorsByName.Times(elements, InByte);
            if (entry.Type == DataTypes.UInt8 && scaledRows % rows == 0 && scaledRows / rows is 2 or 4 or 8) return TensorsByName.Times(elements, scaledRows / rows);
        }
        if (entry.Type != DataTypes.UInt8 || TensorsByName.Elements(scale) != 1) return null;
        if (settings.Method != "bitnet") Doubt(entry, "its bytes with one scale may each be a weight, or four of two bits as BitNet packs them; counted as the latter, which holds more");
        return TensorsByName.Times(elements, 4);
    }

    // Two weights of four bits in each byte.
    private bool IsOfFourBits(SafetensorsEntry entry) =>
        TensorsByName.Module(entry, "weight_packed") is { } packed && tensors.Beside(packed + "weight_scale") is not null
        || TensorsByName.Module(entry, "blocks") is { } blocks && tensors.Beside(blocks + "scales", DataTypes.UInt8) is not null
        || tensors.Beside(entry.Name + "_scale", DataTypes.Float8E4M3FN) is not null && tensors.Beside(entry.Name + "_scale_2") is not null
        || tensors.Beside(entry.Name + "_weight_scale", DataTypes.Float8E4M3FN) is not null && tensors.Beside(entry.Name + "_weight_scale_2") is not null
        || tensors.Beside(entry.Name + ".quant_state.bitsandbytes__nf4") is not null || tensors.Beside(entry.Name + ".quant_state.bitsandbytes__fp4") is not null;
}
