using ModelGate.Measuring;

namespace ModelGate.Policies;

/// <summary>Every key of the policy language, version 1, in one table: the validator, the suggestions and the JSON schema are derived from it.</summary>
internal static class PolicyGrammar
{
    /// <summary>The keys of a budget's long form. Their limits are read in the unit of the metric, so only the others have a shape here.</summary>
    internal static readonly IReadOnlyList<PolicyKey> Budget =
    [
        new("max", PolicyValues.Limit, "The ceiling; for metrics where lower is better."),
        new("min", PolicyValues.Limit, "The floor; for metrics where higher is better."),
        new("warn", PolicyValues.Limit, "The level past which a warning is given."),
        new("machine", PolicyValues.Name, "Name of the machine, defined under `machines`, that the budget is judged on; deferred elsewhere."),
        new("optional", PolicyValues.Flag, "`true` defers the budget where it cannot be measured, instead of failing."),
        new("max_increase", PolicyValues.Increase, "How much more than the baseline's it may be; for metrics where lower is better."),
        PolicyKey.Later("max_decrease"),
    ];

    private static readonly PolicyShape Baseline = new PolicyShape.Mapping(
    [
        new("from", PolicyValues.BaselineSource, "Where it is: `file:` and the path of a model, or of a folder that holds the models under the same paths.") { Required = true },
        PolicyKey.Later("also"),
        PolicyKey.Later("drift"),
        PolicyKey.Later("ratchet"),
    ]);

    private static readonly PolicyShape Inputs = new PolicyShape.Named(PolicyValues.Words,
        new PolicyShape.Mapping(
        [
            new("shape", new PolicyShape.List(PolicyValues.Dimension, 0, 64, "`[1, 3, 640, 640]`"), "One number or dimension name per dimension."),
            new("type", PolicyValues.ElementType, "Element type; the model's own where none is given."),
            new("range", new PolicyShape.List(PolicyValues.SignedNumber, 2, 2, "`[0, 255]`"), "Smallest and largest value, inclusive."),
            new("data", PolicyValues.DataFile, "A .npy file with its values, or a .npz archive with an array of its name; relative to the policy."),
        ]), "pixels");

    private static readonly PolicyShape Sweep = new PolicyShape.Named(PolicyValues.Words,
        new PolicyShape.List(PolicyValues.Count, Measuring.Sweep.FewestSizes, 32, "`[32, 64, 128, 256]`"), "seq");

    private static readonly PolicyShape Model = new PolicyShape.Mapping(
    [
        new("path", PolicyValues.Glob, "Path or glob of model files, relative to the policy, with forward slashes; quote globs.") { Required = true },
        new("name", PolicyValues.ModelName, "What reports call it."),
        new("inputs", Inputs, "How the inputs of the model are made when it is timed."),
        new("budgets", new PolicyShape.Budgets(Scopes.Model), "Limits for each model that the path matches."),
        new("baseline", Baseline, "What `max_increase` of this model is measured from."),
        new("sweep", Sweep, "Sizes of dimensions to time the model at, for `latency.growth.DIMENSION`."),
        new("samples", PolicyValues.SampleFile, "A .npz archive of inputs, one array for each, along whose first dimension stand the samples; `labels` in it are the right classes. For budgets on outputs."),
        new("teacher", PolicyValues.RelatedModel, "The model that this one was distilled from, for `teacher.*`; relative to the policy."),
        new("base", PolicyValues.RelatedModel, "The model that this one was trained on from, for `base.*`; relative to the policy."),
    ]);

    /// <summary>The whole policy.</summary>
    internal static readonly PolicyShape.Mapping Root = new(
    [
        new("version", PolicyValues.LanguageVersion, "Version of the policy language.") { Required = true },
        new("requires", PolicyValues.VersionRangeText, "Versions of ModelGate that the policy is written for, as a NuGet version range."),
        new("defaults", new PolicyShape.Mapping(
        [
            new("warn_at", PolicyValues.WarnLevel, "Share of a ceiling past which a warning is given, for budgets without `warn`."),
            new("ignore_change_below", PolicyValues.Size, "How much more than the baseline's any `size.*` may be, whatever share that is; for `max_increase`."),
        ]), "What holds where a budget says nothing."),
        new("benchmark", new PolicyShape.Mapping(
        [
            new("runtime", PolicyValues.VersionRangeText, "ONNX Runtime versions accepted, as a NuGet version range."),
            new("providers", new PolicyShape.List(PolicyValues.Provider, 1, 8, "`[cuda]`"), "Execution providers to time on, preferred first; what they leave runs on `cpu`."),
            new("allow_fallback", PolicyValues.Flag, "`false` where no node may run on a provider that is not listed."),
            new("threads", new PolicyShape.Mapping(
            [
                new("intra_op", PolicyValues.Count, "Threads within an operator."),
                new("inter_op", PolicyValues.Count, "Threads across operators."),
            ]), "Threads that ONNX Runtime may use; one of each where nothing is said."),
            new("max_time", PolicyValues.MaxTime, "How long one measuring of one model may take: its own times, each increase and each copy or teacher have it anew."),
            new("confidence", PolicyValues.Confidence, "Confidence of a verdict on a timing."),
            new("on_inconclusive", PolicyValues.Reaction, "What a timing too close to its limit leads to."),
        ]), "How models are timed."),
        new("baseline", Baseline, "What `max_increase` is measured from."),
        new("machines", new PolicyShape.Named(PolicyValues.Name, new PolicyShape.Mapping(
        [
            new("cpu", PolicyValues.Words, "Glob over the CPU model, with `*` and `?`, whatever the case."),
            new("cores", PolicyValues.Count, "Logical processors."),
            new("isa", new PolicyShape.List(PolicyValues.Words, 1, 64, "`[avx2]`"), "Instruction sets that it must have."),
            new("usable_cores", PolicyValues.Cores, "Logical processors that a process may use there, by affinity and container quota."),
            new("memory", PolicyValues.Size, "Memory that it must have at least."),
            new("os", PolicyValues.Words, "Glob over the operating system and its version, such as `*24.04*`."),
            new("architecture", PolicyValues.Architecture, "Architecture of the process."),
            new("governor", PolicyValues.Words, "Frequency governor or power scheme, such as `performance`."),
        ]), "perf-runner"), "Names for hardware that an absolute limit was agreed on."),
        new("targets", new PolicyShape.Named(PolicyValues.Name, new PolicyShape.Mapping(
        [
            new("memory", PolicyValues.MemorySize, "Memory that an app may use."),
            new("bandwidth", PolicyValues.Bandwidth, "Memory that can be read in a second."),
            new("compute", PolicyValues.Compute, "Operations in float32 that can be done in a second; a multiply-accumulate is two."),
            new("downlink", PolicyValues.Downlink, "Bits that arrive in a second."),
            new("codec", PolicyValues.Codec, "What the model is compressed with on the wire; brotli where nothing is said."),
        ]), "pixel-8"), "Hardware the models are meant for, judged by arithmetic and not by timing; `modelgate advise --targets` knows some."),
        new("models", new PolicyShape.List(Model, 1, 10_000, "`- path: models/*.onnx`"), "The models and their budgets."),
        new("total", new PolicyShape.Mapping(
        [
            new("budgets", new PolicyShape.Budgets(Scopes.Total), "Limits for all models together, shared external data counted once.") { Required = true },
        ]), "All models together."),
        new("package", new PolicyShape.Mapping(
        [
            new("budgets", new PolicyShape.Budgets(Scopes.Package), "Limits for the package.") { Required = true },
            new("path", PolicyValues.Glob, "Path or glob of packages, relative to the policy; `dotnet pack` knows its package by itself."),
        ]), "The package that is shipped."),
        new("unmatched", PolicyValues.Reaction, "What a deployed model that no entry matches leads to."),
        PolicyKey.Later("extends"),
        PolicyKey.Later("exceptions"),
        PolicyKey.Later("report"),
    ]);
}
