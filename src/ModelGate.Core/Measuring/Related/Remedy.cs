using ModelGate.Compressing;
using ModelGate.Models;
using ModelGate.Policies;

namespace ModelGate.Measuring;

/// <summary>What would bring a model back under a budget on its size.</summary>
/// <param name="Metric">The metric of the budget.</param>
/// <param name="Scheme">The scheme that changes the weights least among those that fit; null where that is not worked out here.</param>
/// <param name="Size">Bytes on disk that the model would take with it.</param>
/// <param name="Output">Name to write it to, from wherever the model's own path is told.</param>
public sealed record Remedy(Metric Metric, string? Scheme, long Size, string Output)
{
    /// <summary>True where the size holds only if no weight is NaN or infinite: such a weight stays as it is.</summary>
    public bool IsOfFinite { get; init; }

    // Sizes follow from the structure, but for weights with NaN or infinity, which stay as they are. To find those every weight has to be
    // read, and a check that reads no weight otherwise must not wait for gigabytes.
    private const long LargestRead = 256L << 20;

    /// <summary>
    /// What would help a model against the budgets on its size that it breaches. Bytes on disk are worked out, those of large models as if
    /// all weights were finite; for anything else the answer is a command. Nothing is written, and nothing is said of models that compress no further.
    /// </summary>
    /// <param name="file">Path of the model.</param>
    /// <param name="path">Its path as it is told to the user.</param>
    /// <param name="budgets">Its budgets.</param>
    /// <param name="measurements">What was measured of it.</param>
    public static IReadOnlyList<Remedy> For(string file, string path, IReadOnlyList<Budget> budgets, IReadOnlyList<Measurement> measurements)
    {
        List<Remedy> remedies = [];
        foreach (var budget in budgets)
        {
            if (!budget.OnIncrease && budget.Metric.IsSize && IsOver(budget, measurements) && Find(file, path, budget) is { } remedy)
                remedies.Add(remedy);
        }

        return remedies;
    }

    private static bool IsOver(Budget budget, IReadOnlyList<Measurement> measurements)
    {
        foreach (var measurement in measurements)
        {
            if (measurement is Measurement.Exact exact && exact.Metric == budget.Metric)
                return exact.Value > budget.Limit.Value;
        }

        return false;
    }

    private static Remedy? Find(string file, string path, Budget budget)
    {
        var unknown = new Remedy(budget.Metric, null, 0, "");
        try
        {
            var model = ModelReader.Read(file);
            if (model.Format != ModelFormat.Onnx || model.Tensors.Any(static tensor => tensor.Role == Role.Scale))
                return null;
            if (budget.Metric.Name != "size.on_disk")
                return unknown;
            bool isRead = model.SizeOnDisk <= LargestRead;
            foreach (var scheme in Schemes.All)
            {
                // The weights are read for a scheme only that would do.
                if (SizeWith(ModelCompressor.PredictOfFinite, file, scheme) <= budget.Limit.Value
                    && SizeWith(isRead ? ModelCompressor.Predict : ModelCompressor.PredictOfFinite, file, scheme) is { } size && size <= budget.Limit.Value)
                    return new(budget.Metric, scheme.Name, size, CompressedCopy.NameFor(path, scheme)) { IsOfFinite = !isRead };
            }

            return unknown;
        }
        catch (Exception e) when (e is ModelException or IOException or UnauthorizedAccessException)
        {
            return null; // the breach stands without advice
        }
    }

    private static long? SizeWith(Func<string, Scheme, string, Compression> predict, string file, Scheme scheme)
    {
        try
        {
            return predict(file, scheme, CompressedCopy.NameFor(file, scheme)).SizeAfter;
        }
        catch (ModelException e) when (e.Kind == Diagnostics.NotCompressible)
        {
            return null;
        }
    }
}
