namespace ModelGate.Measuring;

/// <summary>How far a model's outputs are from those of another one on the same inputs.</summary>
/// <param name="Outputs">One per output, those that could not be compared included.</param>
/// <param name="Samples">Inputs that both were run on.</param>
/// <param name="SampleFile">The file that the inputs come from; null where they were made, always the same.</param>
public sealed record ModelFidelity(IReadOnlyList<OutputFidelity> Outputs, int Samples, string? SampleFile)
{
    /// <summary>Predictions held against labels; null where there are none.</summary>
    public Accuracy? Accuracy { get; init; }

    /// <summary>All outputs that could be compared, together.</summary>
    public OutputFidelity Total { get; } = new("all outputs", null)
    {
        Elements = Outputs.Sum(static output => output.Elements),
        NotFinite = Outputs.Sum(static output => output.NotFinite),
        Broken = Outputs.Sum(static output => output.Broken),
        Signal = Outputs.Sum(static output => output.Signal),
        Noise = Outputs.Sum(static output => output.Noise),
        Restored = Outputs.Sum(static output => output.Restored),
        MaxError = Outputs.Max(static output => output.MaxError),
        Predictions = Outputs.Sum(static output => output.Predictions),
        Agreeing = Outputs.Sum(static output => output.Agreeing),
    };

    /// <summary>What the inputs were, in words.</summary>
    public string Inputs => SampleFile is null
        ? $"{Samples} seeded random {(Samples == 1 ? "input" : "inputs")}"
        : $"{Samples} {(Samples == 1 ? "sample" : "samples")} of {Path.GetFileName(SampleFile)}";

    /// <summary>Why the figures do not speak for the whole of the outputs, in words; null where they do.</summary>
    public string? Obstacle =>
        Outputs.FirstOrDefault(static output => output.Obstacle is not null) is { } apart ? $"output '{apart.Name}': {apart.Obstacle}"
        : Outputs.FirstOrDefault(static output => output.Broken > 0) is { } broken ? FormattableString.Invariant($"output '{broken.Name}': {broken.Broken} values are NaN or infinite in one model and not in the other")
        : Total.Elements == 0 ? "there is no finite value in any output"
        : null;
}
