namespace ModelGate.Compressing;

/// <summary>A model that has been compressed.</summary>
/// <param name="Model">Path of the source, as it was asked for.</param>
/// <param name="Scheme">How it was compressed.</param>
/// <param name="Output">Path of the compressed model, as it was asked for.</param>
/// <param name="SizeBefore">Bytes of the source and the external data it refers to.</param>
/// <param name="SizeAfter">Bytes of the compressed model and its external data.</param>
/// <param name="Converted">Weights that got smaller, in file order.</param>
/// <param name="Left">Weights that stayed in floating point, in file order, with the reason.</param>
public sealed record Compression(
    string Model, Scheme Scheme, string Output, long SizeBefore, long SizeAfter, IReadOnlyList<ConvertedWeight> Converted, IReadOnlyList<WeightLeft> Left)
{
    /// <summary>What pruning brought; null where nothing is pruned, and where nothing is written.</summary>
    public PruningOutcome? Pruning { get; init; }

    /// <summary>Size before over size after.</summary>
    public double Ratio => (double)SizeBefore / SizeAfter;

    /// <summary>Fidelity over all converted weights together.</summary>
    public WeightFidelity Total()
    {
        var total = new WeightFidelity();
        foreach (var weight in Converted) total.Add(weight.Fidelity);
        return total;
    }
}
