using ModelGate.Measuring;
using ModelGate.Models;
using ModelGate.Policies;

namespace ModelGate.Gating;

/// <summary>Why a model weighs more than its baseline, in a sentence: the tensors that add most, and how to see them all.</summary>
internal static class GrowthMessage
{
    private const int Told = 3;

    /// <summary>The sentence; null where the metric is none that tensors add up to.</summary>
    public static string? Of(WeightGrowth growth, Subject subject, Metric metric)
    {
        if (growth.Of(metric) is not { } tensors)
            return null;
        string next = (subject.Argument ?? subject.Path) is { } path
            ? $" Next: `modelgate inspect {ShellArgument.Of(path)} --against {ShellArgument.Of(growth.Baseline)}` lists every tensor that differs." : "";
        if (tensors.Count == 0)
            return "No tensor grew: the rest of the file did." + next;
        var unit = metric.Unit;
        string others = tensors.Count > Told ? $"; {tensors.Count - Told} more {(tensors.Count == Told + 1 ? "adds" : "add")} {Quantity.Format(tensors.Skip(Told).Sum(static tensor => tensor.Adds), unit)}" : "";
        return $"What grew: {string.Join("; ", tensors.Take(Told).Select(tensor => Line(tensor, unit)))}{others}.{next}";
    }

    private static string Line(TensorGrowth growth, Unit unit)
    {
        var (before, after) = (growth.Difference.Before, growth.Difference.After);
        string shapes = before is null ? $" ({Shape(after!)})" : after is null ? $" ({Shape(before)})" : Shape(before) == Shape(after) ? $" ({Shape(after)})" : $" from {Shape(before)} to {Shape(after)}";
        return $"{Quoted.Name(growth.Difference.Tensor.Name)} {growth.Difference.Change}{shapes}, +{Quantity.Format(growth.Adds, unit)}";
    }

    private static string Shape(Tensor tensor) => $"{tensor.Type} {(tensor.Dims.Count == 0 ? "scalar" : string.Join('x', tensor.Dims))}";
}
