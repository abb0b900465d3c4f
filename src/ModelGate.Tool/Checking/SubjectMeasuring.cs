using ModelGate.Gating;
using ModelGate.Measuring;
using ModelGate.Models;
using ModelGate.Policies;
using ModelGate.Reporting;

namespace ModelGate.Tool.Checking;

/// <summary>Measures what the budgets of a policy name, subject by subject, and keeps account of what that rested on.</summary>
internal sealed class SubjectMeasuring(Policy policy, CheckOptions options, IReadOnlyList<string> packages, CancellationToken cancellation)
{
    private readonly StaticMeasuring weighing = new() { Progress = options.Compressing };
    private readonly TimingAccount timing = new();
    private readonly Lazy<Machine> machine = new(MachineReader.Read);
    private readonly HashSet<string> files = [Path.GetFullPath(policy.Path)];

    /// <summary>Everything read so far, as full paths.</summary>
    public IReadOnlyList<string> Files => [.. files];

    /// <summary>True where a runtime was sought, whether or not one was found.</summary>
    public bool UsedRuntime => timing.UsedRuntime;

    /// <summary>The runtime that timed models; null where none did.</summary>
    public RuntimeInfo? Runtime => timing.Runtime;

    /// <summary>The machine this runs on.</summary>
    public Machine Machine => machine.Value;

    /// <summary>What disturbed the timing.</summary>
    public IReadOnlyList<string> TimingNotes => timing.Notes;

    /// <summary>What models cost over the dimensions that were swept.</summary>
    public IReadOnlyList<SweptModel> Sweeps => timing.Sweeps;

    // Models are sought in a package only where it is plain which one holds them.
    private string? OnlyPackage => packages.Count == 1 ? packages[0] : null;

    /// <summary>Measures a model. Where another one takes its place meanwhile, no figure is told: some would be of one and some of the other.</summary>
    public Subject Model(SelectedModel model)
    {
        using var held = Hold(model.File.Path);
        var subject = Measure(model);
        try
        {
            held?.CheckUnchanged();
            return subject;
        }
        catch (ModelException e)
        {
            return subject with { Measurements = Stale(subject.Measurements, e), Increases = Stale(subject.Increases, e), Growth = null, Remedies = [] };
        }
    }

    // Null where it cannot be read: each measurement tells why.
    private HeldModel? Hold(string path)
    {
        try
        {
            return HeldModel.Open(path, _ => weighing.Read(path));
        }
        catch (ModelException)
        {
            return null;
        }
    }

    private static Measurement[] Stale(IReadOnlyList<Measurement> measurements, ModelException why) =>
        [.. measurements.Select(measurement => measurement is Measurement.Postponed or Measurement.Failed ? measurement : new Measurement.Failed(measurement.Metric, why.Kind, why.Message))];

    private Subject Measure(SelectedModel model)
    {
        var budgets = model.Entry.Budgets;
        var plan = Runnable(model, Plan(budgets, onIncrease: false, OnlyPackage is not null));
        NoteFiles(model.File.Path);
        var weighed = weighing.Measure(model.File.Path, Select(plan.Metrics, runsTheModel: false), OnlyPackage, cancellation);
        string? argument = ArgumentOf(model);
        Measurement[] measured = [.. plan.Postponed, .. weighed, .. Timed(model, Select(plan.Metrics, runsTheModel: true)), .. Related(model, plan.Metrics)];
        var increases = Increases(model, Runnable(model, Plan(budgets, onIncrease: true, hasPackage: false)));
        return new(model.Name, model.Path, budgets, measured)
        {
            Increases = increases,
            Growth = increases.Any(WeighsMore) ? BaselineMeasuring().GrowthOf(model) : null,
            Argument = argument,
            Remedies = Remedy.For(model.File.Path, argument ?? model.Path, budgets, weighed),
        };
    }

    /// <summary>Measures all models together.</summary>
    public Subject Total(Group total, IReadOnlyList<SelectedModel> models)
    {
        var plan = Plan(total.Budgets, onIncrease: false, hasPackage: false);
        var increases = Plan(total.Budgets, onIncrease: true, hasPackage: false);
        Measurement[] weighed = increases.Metrics.Count == 0 ? [] : [.. BaselineMeasuring().WeighTotal(models, increases.Metrics)];
        return new("total", null, total.Budgets, [.. plan.Postponed, .. weighing.MeasureTotal([.. models.Select(model => model.File.Path)], plan.Metrics, cancellation)])
        {
            Increases = [.. increases.Postponed, .. weighed],
            Grown = weighed.Any(WeighsMore) ? [.. models.Select(model => GrowthOf(model, increases.Metrics)).OfType<ModelGrowth>()] : [],
        };
    }

    /// <summary>Measures each package, or says that there is none to measure yet.</summary>
    public IEnumerable<Subject> Packages(Group group)
    {
        var plan = Plan(group.Budgets, onIncrease: false, packages.Count > 0);
        if (packages.Count == 0)
            yield return new("package", null, group.Budgets, plan.Postponed);
        foreach (string package in packages)
        {
            files.Add(Path.GetFullPath(package));
            yield return new(Path.GetFileName(package), package, group.Budgets, [.. plan.Postponed, .. plan.Metrics.Select(metric => StaticMeasuring.MeasurePackage(metric, package))]);
        }
    }

    // Null where it does not weigh more than its baseline.
    private ModelGrowth? GrowthOf(SelectedModel model, IReadOnlyList<Metric> metrics)
    {
        var baselines = BaselineMeasuring();
        Measurement.Changed[] changes = [.. baselines.Weigh(model, metrics).Where(WeighsMore).Cast<Measurement.Changed>()];
        return changes.Length == 0 ? null : new(model.Name, ArgumentOf(model) ?? model.Path, changes, baselines.GrowthOf(model));
    }

    private static bool WeighsMore(Measurement measurement) => measurement is Measurement.Changed { Metric.RunsTheModel: false } changed && changed.Value > changed.Baseline;

    // As a command in the user's current folder takes it; null where the file is what a build deploys, which may lie anywhere.
    private string? ArgumentOf(SelectedModel model) =>
        options.Deployed is null ? Path.Combine(Path.GetDirectoryName(policy.Path) ?? "", model.Path).Replace(Path.DirectorySeparatorChar, '/') : null;

    private MeasurementPlan Plan(IReadOnlyList<Budget> budgets, bool onIncrease, bool hasPackage) =>
        MeasurementPlan.For(Budgets(budgets, onIncrease), policy.Machines, new(options.RunsModels, hasPackage, machine));

    // A budget that could be judged on no machine and at no moment is a mistake of the policy, whether or not this run would have come to it.
    private MeasurementPlan Runnable(SelectedModel model, MeasurementPlan plan)
    {
        if (!plan.Metrics.Any(static metric => metric.RunsTheModel) && !plan.Postponed.Any(static postponed => postponed.Metric.RunsTheModel))
            return plan;
        if (FormatThatIsNotRun(model.File.Path) is not { } format)
            return plan;
        string reason = $"ONNX Runtime runs models in the formats onnx and ort (.onnx, .ort), and this one is {format}";
        return new(
            [.. plan.Metrics.Where(static metric => !metric.RunsTheModel)],
            [
                .. plan.Postponed.Select(postponed => postponed.Metric.RunsTheModel ? Refused(postponed.Metric) : postponed),
                .. plan.Metrics.Where(static metric => metric.RunsTheModel).Select(Refused),
            ]);

        Measurement Refused(Metric metric) => new Measurement.Failed(metric, Diagnostics.FormatNotRun, reason);
    }

    // Null where it is run, or where the file cannot be read: then each measurement tells why.
    private string? FormatThatIsNotRun(string path)
    {
        try
        {
            var format = weighing.Read(path).Format;
            return format is ModelFormat.Onnx or ModelFormat.OrtFormat ? null : format == ModelFormat.Other ? "of another kind" : Inspection.Name(format);
        }
        catch (ModelException)
        {
            return null;
        }
    }

    private static List<Budget> Budgets(IReadOnlyList<Budget> budgets, bool onIncrease)
    {
        List<Budget> some = [];
        foreach (var budget in budgets)
        {
            if (budget.OnIncrease == onIncrease)
                some.Add(budget);
        }

        return some;
    }

    // Those of the model alone.
    private static List<Metric> Select(IReadOnlyList<Metric> metrics, bool runsTheModel)
    {
        List<Metric> some = [];
        foreach (var metric in metrics)
        {
            if (metric.RunsTheModel == runsTheModel && metric.Relation == Relation.None)
                some.Add(metric);
        }

        return some;
    }

    private IReadOnlyList<Measurement> Related(SelectedModel model, IReadOnlyList<Metric> metrics)
    {
        List<Metric> related = [];
        foreach (var metric in metrics)
        {
            if (metric.Relation != Relation.None)
                related.Add(metric);
        }

        return related.Count == 0 ? [] : new RelationMeasuring(policy, options, timing, path => files.Add(path), cancellation).Measure(model, related, () => RequestFor(model), ProgressOf(model));
    }

    private IReadOnlyList<Measurement> Timed(SelectedModel model, List<Metric> metrics)
    {
        if (metrics.Count == 0)
            return [];
        if (RequestFor(model, metrics, out var failed) is not { } request)
            return failed;
        var result = options.TimeModel(
            request, RestartJudgement.Settles(Budgets(model.Entry.Budgets, onIncrease: false), policy.Benchmark.Confidence), ProgressOf(model), cancellation);
        return timing.Enter(model.Name, result);
    }

    private IReadOnlyList<Measurement> Increases(SelectedModel model, MeasurementPlan plan)
    {
        if (plan.Metrics.Count == 0)
            return plan.Postponed;
        var baselines = BaselineMeasuring();
        Metric[] weighed = [.. plan.Metrics.Where(metric => !metric.RunsTheModel)], timed = [.. plan.Metrics.Where(metric => metric.RunsTheModel)];
        return
        [
            .. plan.Postponed,
            .. baselines.Weigh(model, weighed),
            .. timed.Length == 0 ? [] : RequestFor(model, timed, out var failed) is { } request ? baselines.Time(model, request, ProgressOf(model)) : failed,
        ];
    }

    private BaselineMeasuring BaselineMeasuring() => new(policy, options, weighing, timing, NoteFiles, cancellation);

    private LatencyRequest? RequestFor(SelectedModel model, IReadOnlyList<Metric> metrics, out IReadOnlyList<Measurement> failed)
    {
        try
        {
            failed = [];
            return RequestFor(model) with { Metrics = metrics };
        }
        catch (ModelException e)
        {
            failed = [.. metrics.Select(metric => new Measurement.Failed(metric, e.Kind, e.Message))];
            return null;
        }
    }

    private LatencyRequest RequestFor(SelectedModel model) => new()
    {
        Model = model.File.Path,
        Structure = weighing.Read(model.File.Path),
        Metrics = [],
        Runtime = options.FindRuntime(),
        Benchmark = policy.Benchmark,
        Sweeps = model.Entry.Sweeps,
        Inputs = InputsOf(model.Entry),
    };

    private IReadOnlyList<WorkerInput> InputsOf(ModelEntry entry)
    {
        var inputs = entry.InputsIn(Path.GetDirectoryName(Path.GetFullPath(policy.Path))!);
        foreach (var input in inputs)
        {
            if (input.Data is { } data)
                files.Add(data);
        }

        return inputs;
    }

    private Action<LatencyProgress>? ProgressOf(SelectedModel model) =>
        options.Progress is { } progress ? state => progress(model.Name, policy.Benchmark.Confidence, state) : null;

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
