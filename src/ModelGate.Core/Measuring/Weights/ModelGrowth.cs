namespace ModelGate.Measuring;

/// <summary>A model that weighs more than its baseline, among those that a total adds up.</summary>
/// <param name="Name">What reports call it.</param>
/// <param name="Argument">Its path as a command takes it.</param>
/// <param name="Changes">What it weighs beside its baseline, by the metrics of the total.</param>
/// <param name="Weights">Why, tensor by tensor.</param>
public sealed record ModelGrowth(string Name, string Argument, IReadOnlyList<Measurement.Changed> Changes, WeightGrowth Weights)
{
    /// <summary>How much more it has of a metric, in its unit; 0 where it was not weighed by that.</summary>
    public double Adds(Metric metric) => Changes.FirstOrDefault(change => change.Metric == metric) is { } change ? change.Value - change.Baseline : 0;
}
