using System.Globalization;
using System.Security.Cryptography;
using ModelGate.Gating;
using ModelGate.Measuring;
using ModelGate.Models;
using ModelGate.Policies;

namespace ModelGate.Tool.Checking;

/// <summary>Measures models beside their baselines: weights exactly, times in turns.</summary>
/// <param name="policy">The policy.</param>
/// <param name="options">How models are timed.</param>
/// <param name="weighing">What has been read already.</param>
/// <param name="timing">Where timings are taken down.</param>
/// <param name="noteFiles">Told each baseline, because the verdict rests on it.</param>
/// <param name="cancellation">Ends it.</param>
internal sealed class BaselineMeasuring(
    Policy policy, CheckOptions options, StaticMeasuring weighing, TimingAccount timing, Action<string> noteFiles, CancellationToken cancellation)
{
    /// <summary>A model's metrics of any source but the worker, beside its baseline's.</summary>
    public IEnumerable<Measurement> Weigh(SelectedModel model, IReadOnlyList<Metric> metrics)
    {
        if (metrics.Count == 0)
            return [];
        if (IsItsOwn(model))
            return AsItsOwn(model, metrics);
        return Pair(weighing.Measure(model.File.Path, metrics, cancellation: cancellation), weighing.Measure(BaselineOf(model), metrics, cancellation: cancellation), Shown(model));
    }

    /// <summary>Why a model weighs more than its baseline: both have been read.</summary>
    public WeightGrowth GrowthOf(SelectedModel model)
    {
        string baseline = BaselineFile.Of(policy, model);
        string argument = options.Deployed is null ? Path.GetRelativePath(Environment.CurrentDirectory, baseline) : Shown(model);
        return new(argument.Replace(Path.DirectorySeparatorChar, '/'), ModelDifference.Of(weighing.Read(baseline), weighing.Read(model.File.Path)));
    }

    /// <summary>All models together, beside all their baselines together.</summary>
    public IEnumerable<Measurement> WeighTotal(IReadOnlyList<SelectedModel> models, IReadOnlyList<Metric> metrics)
    {
        if (models.FirstOrDefault(model => model.Entry.Baseline is null) is { } without)
            return metrics.Select(metric => new Measurement.Failed(metric, Diagnostics.BaselineMissing, $"{without.Name} has no baseline"));
        if (models.FirstOrDefault(IsItsOwn) is { } itself)
            return AsItsOwn(itself, metrics);
        return Pair(
            weighing.MeasureTotal([.. models.Select(model => model.File.Path)], metrics, cancellation),
            weighing.MeasureTotal([.. models.Select(BaselineOf)], metrics, cancellation), "of all models together");
    }

    /// <summary>What running a model takes beside what its baseline takes.</summary>
    public IReadOnlyList<Measurement> Time(SelectedModel model, LatencyRequest request, Action<LatencyProgress>? progress)
    {
        if (IsItsOwn(model))
            return [.. AsItsOwn(model, request.Metrics)];
        string path = BaselineOf(model);
        ModelFile structure;
        try
        {
            structure = weighing.Read(path);
        }
        catch (ModelException e)
        {
            return [.. request.Metrics.Select(metric => Missing(metric, Shown(model), e.Message))];
        }

        int seed = RandomNumberGenerator.GetInt32(int.MaxValue);
        var limits = model.Entry.Budgets.Where(budget => budget.OnIncrease).ToDictionary(budget => budget.Metric, budget => budget.Limit.Value);
        var result = options.CompareModels(
            request, new(path, structure, seed),
            compared => IncreaseJudgement.Of(compared.LogRatios, limits[compared.Metric], policy.Benchmark.Confidence).IsFinal, progress, cancellation);
        return timing.Enter(model.Name, !result.Measurements.Any(static measurement => measurement is Measurement.Compared) ? result
            : result with { Notes = [.. result.Notes, $"which of the two models came first, restart by restart, was drawn from seed {seed.ToString(CultureInfo.InvariantCulture)}"] });
    }

    private string BaselineOf(SelectedModel model)
    {
        string path = BaselineFile.Of(policy, model);
        noteFiles(path);
        return path;
    }

    private bool IsItsOwn(SelectedModel model) => BaselineFile.IsModel(BaselineFile.Of(policy, model), model.File.Path);

    private IEnumerable<Measurement> AsItsOwn(SelectedModel model, IReadOnlyList<Metric> metrics) =>
        metrics.Select(metric => Missing(metric, Shown(model), "it is the model itself, beside which nothing ever grows"));

    private string Shown(SelectedModel model) =>
        Path.GetRelativePath(Path.GetDirectoryName(Path.GetFullPath(policy.Path))!, BaselineFile.Of(policy, model)).Replace(Path.DirectorySeparatorChar, '/');

    private static IEnumerable<Measurement> Pair(IEnumerable<Measurement> values, IEnumerable<Measurement> baselines, string shown) => values.Zip(baselines, (value, baseline) => (value, baseline) switch
    {
        (Measurement.Exact now, Measurement.Exact then) => new Measurement.Changed(now.Metric, now.Value, then.Value),
        (Measurement.Exact, Measurement.Failed failed) => Missing(failed.Metric, shown, failed.Reason),
        _ => value,
    });

    private static Measurement.Failed Missing(Metric metric, string baseline, string reason) =>
        new(metric, Diagnostics.BaselineMissing, $"the baseline {baseline} cannot be weighed or timed: {reason}");
}
