namespace ModelGate.Measuring;

// What the worker gathers and the reports tell. This file is compiled into both.

/// <summary>How far an output of a model is from the same output of another one, over all inputs that both were run on.</summary>
/// <param name="Name">Name of the output (untrusted text).</param>
/// <param name="Obstacle">Why it could not be compared, or only in part; null where it was.</param>
public sealed record OutputFidelity(string Name, string? Obstacle)
{
    /// <summary>Values compared: those that are finite in both models.</summary>
    public long Elements { get; init; }

    /// <summary>Values that are NaN or infinite in both models alike; they are in no sum.</summary>
    public long NotFinite { get; init; }

    /// <summary>Values that are NaN or infinite in one model and not the same in the other.</summary>
    public long Broken { get; init; }

    /// <summary>Sum of the squares of the other model's values: Σx².</summary>
    public double Signal { get; init; }

    /// <summary>Sum of the squares of the differences: Σ(x − x̂)².</summary>
    public double Noise { get; init; }

    /// <summary>Sum of the squares of the model's values: Σx̂².</summary>
    public double Restored { get; init; }

    /// <summary>Largest magnitude of a difference.</summary>
    public double MaxError { get; init; }

    /// <summary>Predictions that the output makes, one for each row of class scores; 0 where it does not look like class scores.</summary>
    public long Predictions { get; init; }

    /// <summary>Predictions that are the same in both models.</summary>
    public long Agreeing { get; init; }

    /// <summary>Signal-to-noise ratio in dB: 10·log10(Σx² / Σ(x − x̂)²); infinite where nothing differs.</summary>
    public double Sqnr => Noise == 0 ? double.PositiveInfinity : 10 * Math.Log10(Signal / Noise);

    /// <summary>Cosine similarity; 1 where both are all zero, 0 where one is.</summary>
    public double Cosine => Noise == 0 ? 1 : Signal == 0 || Restored == 0 ? 0 : Math.Clamp((Signal + Restored - Noise) / (2 * Math.Sqrt(Signal) * Math.Sqrt(Restored)), -1, 1);

    /// <summary>Relative L2 error: √(Σ(x − x̂)² / Σx²).</summary>
    public double RelativeError => Noise == 0 ? 0 : Math.Sqrt(Noise / Signal);

    /// <summary>Share of predictions that agree, 0 to 1; null where there are none.</summary>
    public double? Top1 => Predictions > 0 ? (double)Agreeing / Predictions : null;
}

/// <summary>How often predictions are those of the labels.</summary>
/// <param name="Labels">Labels.</param>
/// <param name="Correct">Predictions of the model that are right.</param>
/// <param name="CorrectOfOther">Predictions of the other model that are right.</param>
public sealed record Accuracy(long Labels, long Correct, long CorrectOfOther)
{
    /// <summary>Share of the model's predictions that are right.</summary>
    public double Share => (double)Correct / Labels;

    /// <summary>Share of the other model's predictions that are right.</summary>
    public double ShareOfOther => (double)CorrectOfOther / Labels;
}
