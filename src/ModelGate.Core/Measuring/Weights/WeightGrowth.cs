using ModelGate.Models;

namespace ModelGate.Measuring;

/// <summary>Why a model weighs more than its baseline.</summary>
/// <param name="Baseline">Path of the baseline as a command takes it.</param>
/// <param name="Differences">The tensors that differ.</param>
public sealed record WeightGrowth(string Baseline, IReadOnlyList<TensorDifference> Differences)
{
    /// <summary>The tensors that add to a metric, those that add most first; null for a metric that no tensor adds to by itself, such as a depth.</summary>
    public IReadOnlyList<TensorGrowth>? Of(Metric metric)
    {
        if (Share(metric) is not { } share) return null;
        return
        [
            .. Differences.Select(difference => new TensorGrowth(difference, share(difference.After) - share(difference.Before)))
                .Where(static growth => growth.Adds > 0).OrderByDescending(static growth => growth.Adds).ThenBy(static growth => growth.Difference.Tensor.Name, StringComparer.Ordinal),
        ];
    }

    // What a tensor contributes to a metric, in its unit. On the wire it is the stored bytes that grew.
    private static Func<Tensor?, double>? Share(Metric metric)
    {
        const string OfType = "size.weights.";
        return metric.Name switch
        {
            "parameters" => static tensor => tensor is { IsParameter: true } ? tensor.LogicalElements : 0,
            "size.float32" => static tensor => tensor is { IsParameter: true } ? tensor.LogicalElements * (double)sizeof(float) : 0,
            "size.weights" => static tensor => tensor is { IsParameter: true } ? tensor.Bytes : 0,
            var name when name.StartsWith(OfType, StringComparison.Ordinal) => tensor => tensor is { IsParameter: true } && tensor.Type.Name == name[OfType.Length..] ? tensor.Bytes : 0,
            var name when name == "size.on_disk" || WireSizes.Are(metric) => static tensor => tensor?.Bytes ?? 0,
            _ => null,
        };
    }
}

/// <summary>What a tensor adds to a metric.</summary>
/// <param name="Difference">The tensor before and after.</param>
/// <param name="Adds">How much more, in the metric's unit.</param>
public sealed record TensorGrowth(TensorDifference Difference, double Adds);
