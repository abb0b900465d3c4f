using ModelGate.Gating;
using ModelGate.Measuring;
using ModelGate.Models;
using ModelGate.Policies;

namespace ModelGate.Tool.Checking;

/// <summary>Measures models beside what the policy says they come from or may become.</summary>
/// <param name="policy">The policy.</param>
/// <param name="options">How models are timed.</param>
/// <param name="timing">Where timings are taken down.</param>
/// <param name="noteFile">Told each file that the verdict rests on besides the model's own.</param>
/// <param name="cancellation">Ends it.</param>
internal sealed class RelationMeasuring(Policy policy, CheckOptions options, TimingAccount timing, Action<string> noteFile, CancellationToken cancellation)
{
    /// <summary>Measures a model's metrics that are about something else as well.</summary>
    public IReadOnlyList<Measurement> Measure(SelectedModel model, IReadOnlyList<Metric> metrics, Func<LatencyRequest> request, Action<LatencyProgress>? progress)
    {
        var limits = model.Entry.Budgets.Where(budget => !budget.OnIncrease).ToLookup(budget => budget.Metric, budget => budget.Limit.Value);
        var measuring = new RelatedMeasuring
        {
            Model = model.File.Path,
            Request = request,
            Host = ToolFiles.WorkerHost(),
            Samples = model.Entry.Samples is { } samples ? FileOf(samples) : null,
            Teacher = model.Entry.Teacher is { } teacher ? FileOf(teacher.Value) : null,
            Base = model.Entry.Base is { } before ? FileOf(before.Value) : null,
            TargetOf = policy.TargetOf,
            TimeAgainst = new(options.CompareModels),
            Settled = compared => limits[compared.Metric].All(limit => SpeedupJudgement.Of(compared.LogRatios, limit, policy.Benchmark.Confidence).IsFinal),
            Progress = progress,
        };
        foreach (string? related in (string?[])[measuring.Samples, measuring.Teacher, measuring.Base])
            Note(related);
        var measured = measuring.Measure(metrics, cancellation);
        if (metrics.Any(metric => metric.RunsTheModel))
            timing.Enter(model.Name, new(measured, measuring.Runtime, Waited: 0, measuring.Notes));
        return measured;
    }

    private string FileOf(string path) => Path.GetFullPath(path, Path.GetDirectoryName(Path.GetFullPath(policy.Path))!);

    private void Note(string? path)
    {
        if (path is null)
            return;
        noteFile(path);
        try
        {
            foreach (var external in path.EndsWith(".npz", StringComparison.OrdinalIgnoreCase) ? [] : ModelReader.Read(path).ExternalFiles)
                noteFile(external.Path);
        }
        catch (ModelException)
        {
            // Its measurements tell why it cannot be read.
        }
    }
}
