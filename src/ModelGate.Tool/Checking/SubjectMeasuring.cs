using ModelGate.Gating;
using ModelGate.Measuring;
using ModelGate.Models;
using ModelGate.Policies;

namespace ModelGate.Tool.Checking;

/// <summary>Measures what the budgets of a policy name, subject by subject, and keeps account of what that rested on.</summary>
internal sealed class SubjectMeasuring(Policy policy, CheckOptions options, IReadOnlyList<string> packages, CancellationToken cancellation)
{
    private readonly StaticMeasuring weighing = new();
    private readonly Lazy<Machine> machine = new(MachineReader.Read);
    private readonly HashSet<string> files = [Path.GetFullPath(policy.Path)];
    private readonly List<string> timingNotes = [];

    /// <summary>Everything read so far, as full paths.</summary>
    public IReadOnlyList<string> Files => [.. files];

    /// <summary>True where a runtime was sought, whether or not one was found.</summary>
    public bool UsedRuntime { get; private set; }

    /// <summary>The runtime that timed models; null where none did.</summary>
    public RuntimeInfo? Runtime { get; private set; }

    /// <summary>The machine this runs on.</summary>
    public Machine Machine => machine.Value;

    /// <summary>What disturbed the timing.</summary>
    public IReadOnlyList<string> TimingNotes => timingNotes;

    // Models are sought in a package only where it is plain which one holds them.
    private string? OnlyPackage => packages.Count == 1 ? packages[0] : null;

    /// <summary>Measures a model.</summary>
    public Subject Model(SelectedModel model)
    {
        var plan = Plan(model.Entry.Budgets, OnlyPackage is not null);
        NoteFiles(model.File.Path);
        return new(model.Name, model.Path, model.Entry.Budgets,
        [
            .. plan.Postponed,
            .. weighing.Measure(model.File.Path, [.. plan.Metrics.Where(metric => !metric.RunsTheModel)], OnlyPackage, cancellation),
            .. Timed(model, [.. plan.Metrics.Where(metric => metric.RunsTheModel)]),
        ]);
    }

    /// <summary>Measures all models together.</summary>
    public Subject Total(Group total, IReadOnlyList<SelectedModel> models)
    {
        var plan = Plan(total.Budgets, hasPackage: false);
        return new("total", null, total.Budgets, [.. plan.Postponed, .. weighing.MeasureTotal([.. models.Select(model => model.File.Path)], plan.Metrics, cancellation)]);
    }

    /// <summary>Measures each package, or says that there is none to measure yet.</summary>
    public IEnumerable<Subject> Packages(Group group)
    {
        var plan = Plan(group.Budgets, packages.Count > 0);
        if (packages.Count == 0)
            yield return new("package", null, group.Budgets, plan.Postponed);
        foreach (string package in packages)
        {
            files.Add(Path.GetFullPath(package));
            yield return new(Path.GetFileName(package), package, group.Budgets, [.. plan.Postponed, .. plan.Metrics.Select(metric => StaticMeasuring.MeasurePackage(metric, package))]);
        }
    }

    private MeasurementPlan Plan(IReadOnlyList<Budget> budgets, bool hasPackage) =>
        MeasurementPlan.For(budgets, policy.Machines, new(options.RunsModels, hasPackage, machine));

    private IReadOnlyList<Measurement> Timed(SelectedModel model, IReadOnlyList<Metric> metrics)
    {
        if (metrics.Count == 0)
            return [];
        ModelFile structure;
        try
        {
            structure = weighing.Read(model.File.Path);
        }
        catch (ModelException e)
        {
            return [.. metrics.Select(metric => new Measurement.Failed(metric, e.Kind, e.Message))];
        }

        UsedRuntime = true;
        var request = new LatencyRequest
        {
            Model = model.File.Path,
            Structure = structure,
            Metrics = metrics,
            Runtime = options.FindRuntime(),
            Benchmark = policy.Benchmark,
            Inputs = [.. model.Entry.Inputs.Select(input => new WorkerInput(input.Name, input.Shape, input.Type?.Name, input.Range?.Low, input.Range?.High))],
        };
        var limits = model.Entry.Budgets.ToDictionary(budget => budget.Metric, budget => budget.Limit.Value);
        var result = options.TimeModel(
            request,
            sampled => RestartJudgement.Of(sampled, limits[sampled.Metric], policy.Benchmark.Confidence).IsFinal,
            options.Progress is { } progress ? state => progress(model.Name, policy.Benchmark.Confidence, state) : null,
            cancellation);
        Runtime ??= result.Runtime;
        timingNotes.AddRange(result.Notes.Select(note => $"{model.Name}: {note}"));
        return result.Measurements;
    }

    private void NoteFiles(string model)
    {
        files.Add(model);
        try
        {
            foreach (var external in weighing.Read(model).ExternalFiles)
                files.Add(external.Path);
        }
        catch (ModelException)
        {
            // Each of its measurements tells why it cannot be read; the model file alone is what a mended one would change.
        }
    }
}
