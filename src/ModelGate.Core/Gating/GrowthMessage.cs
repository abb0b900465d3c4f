using ModelGate.Measuring;
using ModelGate.Models;
using ModelGate.Policies;

namespace ModelGate.Gating;

/// <summary>Why a model, or all models together, weigh more than what they are compared with, in a sentence: what adds most, and how to see it all.</summary>
internal static class GrowthMessage
{
    private const int Told = 3, ToldOfEach = 2;

    /// <summary>The sentence; null where nothing is known of it, as of a metric that no tensor adds to.</summary>
    public static string? Of(Subject subject, Metric metric) => subject.Growth is { } growth ? OfModel(growth, subject, metric) : OfTotal(subject.Grown, metric);

    private static string? OfModel(WeightGrowth growth, Subject subject, Metric metric)
    {
        if (growth.Of(metric) is not { } tensors)
            return null;
        string next = (subject.Argument ?? subject.Path) is { } path ? Next(path, growth, "every tensor") : "";
        return tensors.Count == 0 ? "No tensor grew: the rest of the file did." + next
            : $"What grew: {string.Join("; ", tensors.Take(Told).Select(tensor => Line(tensor, metric.Unit)))}{Others([.. tensors.Select(static tensor => tensor.Adds)], "", metric.Unit)}.{next}";
    }

    private static string? OfTotal(IReadOnlyList<ModelGrowth> models, Metric metric)
    {
        ModelGrowth[] grown =
        [
            .. models.Where(model => model.Adds(metric) > 0).OrderByDescending(model => model.Adds(metric)).ThenBy(static model => model.Name, StringComparer.Ordinal),
        ];
        return grown.Length == 0 ? null
            : $"What grew: {string.Join("; ", grown.Take(Told).Select(model => Line(model, metric)))}{Others([.. grown.Select(model => model.Adds(metric))], " models", metric.Unit)}.{Next(grown[0].Argument, grown[0].Weights, $"every tensor of {grown[0].Name}")}";
    }

    // What was not told one by one.
    private static string Others(double[] adds, string what, Unit unit) =>
        adds.Length <= Told ? "" : $"; {adds.Length - Told} more{(adds.Length == Told + 1 ? what.TrimEnd('s') + " adds" : what + " add")} {Quantity.Format(adds.Skip(Told).Sum(), unit)}";

    private static string Next(string path, WeightGrowth growth, string what) =>
        $" Next: `modelgate inspect {ShellArgument.Of(path)} --against {ShellArgument.Of(growth.Baseline)}` lists {what} that differs.";

    private static string Line(ModelGrowth model, Metric metric)
    {
        string why = model.Weights.Of(metric) switch
        {
            null => "",
            [] => " (no tensor grew: the rest of the file did)",
            var tensors => $" ({string.Join(", ", tensors.Take(ToldOfEach).Select(tensor => Line(tensor, metric.Unit)))}{(tensors.Count > ToldOfEach ? $" and {tensors.Count - ToldOfEach} more" : "")})",
        };
        return $"{model.Name} by {Quantity.Format(model.Adds(metric), metric.Unit)}{why}";
    }

    private static string Line(TensorGrowth growth, Unit unit)
    {
        var (before, after) = (growth.Difference.Before, growth.Difference.After);
        string shapes = before is null ? $" ({Shape(after!)})" : after is null ? $" ({Shape(before)})" : Shape(before) == Shape(after) ? $" ({Shape(after)})" : $" from {Shape(before)} to {Shape(after)}";
        return $"{Quoted.Name(growth.Difference.Tensor.Name)} {growth.Difference.Change}{shapes}, +{Quantity.Format(growth.Adds, unit)}";
    }

    private static string Shape(Tensor tensor) => $"{tensor.Type} {(tensor.Dims.Count == 0 ? "scalar" : string.Join('x', tensor.Dims))}";
}
