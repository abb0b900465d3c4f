using ModelGate.Measuring;
using ModelGate.Models;
using NuGet.Versioning;

namespace ModelGate.Policies;

/// <summary>Makes the policy of nodes in which the validator found no error.</summary>
/// <param name="path">Path of the policy, as it was asked for.</param>
internal sealed class PolicyBuilder(string path)
{
    private readonly PolicyErrors errors = new(path);

    internal Policy Build(PolicyNode.Mapping root)
    {
        var said = Map(root, "defaults");
        var defaults = new Defaults(
            said is not null && Text(said, "warn_at") is { } share ? Measure(share, Unit.Share) : null,
            said is not null && Text(said, "ignore_change_below") is { } change ? new(Measure(change, Unit.Bytes), change.Text, errors.At(change)) : null);
        return new()
        {
            Path = path,
            Benchmark = Map(root, "benchmark") is { } benchmark ? BuildBenchmark(benchmark) : new(),
            Machines = BuildMachines(root),
            Targets = BuildTargets(root),
            Models = BuildModels(root, defaults),
            Total = Map(root, "total") is { } total ? BuildGroup(total, Scopes.Total, defaults) : null,
            Package = Map(root, "package") is { } package ? BuildGroup(package, Scopes.Package, defaults) : null,
            Unmatched = ReactionOf(root, "unmatched"),
        };
    }

    private Benchmark BuildBenchmark(PolicyNode.Mapping node)
    {
        var defaults = new Benchmark();
        var threads = Map(node, "threads");
        return defaults with
        {
            Runtime = Range(node, "runtime"),
            Providers = Items(node, "providers") is { Count: > 0 } providers ? ProvidersOf(providers) : defaults.Providers,
            AllowsFallback = Text(node, "allow_fallback")?.Text != "false",
            IntraOpThreads = Whole(threads, "intra_op") ?? defaults.IntraOpThreads,
            InterOpThreads = Whole(threads, "inter_op") ?? defaults.InterOpThreads,
            MaxTime = Text(node, "max_time") is { } time ? Measure(time, Unit.Seconds) : defaults.MaxTime,
            Confidence = Text(node, "confidence") is { } confidence ? Measure(confidence, Unit.Share) : defaults.Confidence,
            OnInconclusive = ReactionOf(node, "on_inconclusive"),
        };
    }

    private static ExecutionProvider[] ProvidersOf(IReadOnlyList<PolicyNode> nodes)
    {
        var providers = new ExecutionProvider[nodes.Count];
        for (var i = 0; i < providers.Length; i++)
            providers[i] = ExecutionProvider.Find(((PolicyNode.Scalar)nodes[i]).Text)!;
        return providers;
    }

    private MachineSpecification[] BuildMachines(PolicyNode.Mapping root)
    {
        var machines = Entries(root, "machines");
        return machines.Count == 0 ? [] : [.. machines.Select(entry => BuildMachine(entry.Key, (PolicyNode.Mapping)entry.Value))];
    }

    private static Target[] BuildTargets(PolicyNode.Mapping root)
    {
        var targets = Entries(root, "targets");
        return targets.Count == 0 ? [] : [.. targets.Select(entry => BuildTarget(entry.Key.Text, (PolicyNode.Mapping)entry.Value))];
    }

    private static Target BuildTarget(string name, PolicyNode.Mapping node)
    {
        var target = new Target(name) { Memory = Amount("memory", Unit.Bytes), Bandwidth = Amount("bandwidth", Unit.Bandwidth), Compute = Amount("compute", Unit.Compute), Downlink = Amount("downlink", Unit.BitRate) };
        return Text(node, "codec") is { } codec ? target with { Codec = codec.Text } : target;

        double? Amount(string key, Unit unit) => Text(node, key) is { } text ? Measure(text, unit) : null;
    }

    private ModelEntry[] BuildModels(PolicyNode.Mapping root, Defaults defaults)
    {
        var nodes = Items(root, "models");
        var baseline = BaselineOf(root);
        var models = new ModelEntry[nodes.Count];
        for (var i = 0; i < models.Length; i++)
            models[i] = BuildModel((PolicyNode.Mapping)nodes[i], defaults, BaselineOf((PolicyNode.Mapping)nodes[i]) ?? baseline);
        return models;
    }

    private MachineSpecification BuildMachine(PolicyNode.Scalar name, PolicyNode.Mapping node) =>
        new(name.Text, Text(node, "cpu")?.Text, Whole(node, "cores"), [.. Texts(node, "isa")], errors.At(name))
        {
            UsableCores = Text(node, "usable_cores") is { } usable ? PolicyValues.ReadSigned(usable.Text) : null,
            Memory = Text(node, "memory") is { } memory ? new(Measure(memory, Unit.Bytes), memory.Text, errors.At(memory)) : null,
            Os = Text(node, "os")?.Text,
            Architecture = Text(node, "architecture")?.Text,
            PowerGovernor = Text(node, "governor")?.Text,
        };

    private ModelEntry BuildModel(PolicyNode.Mapping node, Defaults defaults, Written<string>? baseline) =>
        new(Text(node, "name")?.Text, Written(Text(node, "path")!),
            Entries(node, "inputs") is { Count: > 0 } inputs ? [.. inputs.Select(entry => BuildInput(entry.Key, (PolicyNode.Mapping)entry.Value))] : [],
            BuildBudgets(node, Scopes.Model, defaults), errors.At(node))
        {
            Baseline = baseline,
            Teacher = Text(node, "teacher") is { } teacher ? Written(teacher) : null,
            Base = Text(node, "base") is { } before ? Written(before) : null,
            Samples = Text(node, "samples")?.Text,
            Sweeps = Entries(node, "sweep") is { Count: > 0 } sweeps ? [.. sweeps.Select(BuildSweep)] : [],
        };

    private static Sweep BuildSweep(PolicyNode.Entry entry) =>
        new(entry.Key.Text, [.. ((PolicyNode.Sequence)entry.Value).Items.Select(size => PolicyValues.ReadWhole(((PolicyNode.Scalar)size).Text)!.Value).Order()]);

    private Written<string>? BaselineOf(PolicyNode.Mapping node) =>
        Map(node, "baseline") is { } baseline && Text(baseline, "from") is { } source ? new(source.Text[PolicyValues.FileSource.Length..], source.Text, errors.At(source)) : null;

    private InputSpecification BuildInput(PolicyNode.Scalar name, PolicyNode.Mapping node)
    {
        double[] range = [.. Texts(node, "range").Select(text => PolicyValues.ReadSigned(text)!.Value)];
        return new(name.Text, node.Find("shape") is null ? null : [.. Texts(node, "shape")],
            Text(node, "type") is { } type ? DataTypes.Find(type.Text) : null, range is [var low, var high] ? (low, high) : null, errors.At(name))
        { Data = Text(node, "data")?.Text };
    }

    private Group BuildGroup(PolicyNode.Mapping node, Scopes scope, Defaults defaults) =>
        new(Text(node, "path") is { } glob ? Written(glob) : null, BuildBudgets(node, scope, defaults), errors.At(node));

    private List<Budget> BuildBudgets(PolicyNode.Mapping node, Scopes scope, Defaults defaults)
    {
        if (Map(node, "budgets") is not { } written)
            return [];
        var budgets = new BudgetReader(errors).Read(written, scope, "");
        for (var i = 0; i < budgets.Count; i++)
        {
            if (budgets[i].Warn is null && defaults.WarnAt is { } share)
                budgets[i] = WithDefaultWarning(budgets[i], share);
            if (budgets[i].OnIncrease && budgets[i].Metric.IsSize && defaults.IgnoreBelow is { } change)
                budgets[i] = budgets[i] with { IgnoreBelow = change.Value, Limit = budgets[i].Limit with { Text = $"{budgets[i].Limit.Text} or {change.Text}" } };
        }

        return budgets;
    }

    /// <summary>A share of a ceiling; above a floor nothing is used up, so there the default says nothing.</summary>
    private static Budget WithDefaultWarning(Budget budget, double share) =>
        budget.Metric.Direction != Direction.LowerIsBetter || budget.OnIncrease ? budget : budget with
        {
            Warn = new(budget.Limit.Value * share, $"{Quantity.FormatExact(share, Unit.Share)} of {budget.Limit.Text}", budget.Limit.At),
        };

    private Written<VersionRange>? Range(PolicyNode.Mapping node, string key) =>
        Text(node, key) is { } text ? new(VersionRange.Parse(text.Text), text.Text, errors.At(text)) : null;

    private Written<string> Written(PolicyNode.Scalar node) => new(node.Text, node.Text, errors.At(node));

    private static Reaction ReactionOf(PolicyNode.Mapping node, string key) => Text(node, key)?.Text switch
    {
        "ignore" => Reaction.Ignore,
        "error" => Reaction.Error,
        _ => Reaction.Warn,
    };

    private static double Measure(PolicyNode.Scalar node, Unit unit) =>
        Quantity.TryParse(node.Text, unit, out var value, out var error) ? value : throw new InvalidOperationException(error);

    private static int? Whole(PolicyNode.Mapping? node, string key) => node is not null && Text(node, key) is { } text ? PolicyValues.ReadWhole(text.Text) : null;

    private static PolicyNode.Scalar? Text(PolicyNode.Mapping node, string key) => (PolicyNode.Scalar?)node.Find(key);

    private static PolicyNode.Mapping? Map(PolicyNode.Mapping node, string key) => (PolicyNode.Mapping?)node.Find(key);

    private static IReadOnlyList<PolicyNode> Items(PolicyNode.Mapping node, string key) => ((PolicyNode.Sequence?)node.Find(key))?.Items ?? [];

    private static IReadOnlyList<PolicyNode.Entry> Entries(PolicyNode.Mapping node, string key) => Map(node, key)?.Entries ?? [];

    private static IEnumerable<string> Texts(PolicyNode.Mapping node, string key) => Items(node, key).Cast<PolicyNode.Scalar>().Select(item => item.Text);

    // What holds where a budget says nothing.
    private sealed record Defaults(double? WarnAt, Written<double>? IgnoreBelow);
}
