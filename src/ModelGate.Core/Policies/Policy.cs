using ModelGate.Measuring;
using ModelGate.Models;
using NuGet.Versioning;

namespace ModelGate.Policies;

/// <summary>What happens to something the policy leaves open.</summary>
public enum Reaction
{
    /// <summary>Say nothing.</summary>
    Ignore,

    /// <summary>Warn; the exit code stays.</summary>
    Warn,

    /// <summary>Fail.</summary>
    Error,
}

/// <summary>A value of the policy with the text it was written as and the place it stands at.</summary>
/// <typeparam name="T">Type of the value.</typeparam>
/// <param name="Value">The value, in base units.</param>
/// <param name="Text">As written.</param>
/// <param name="At">Where.</param>
public sealed record Written<T>(T Value, string Text, SourceLocation At);

/// <summary>A metric's limits for some models.</summary>
/// <param name="Metric">The metric.</param>
/// <param name="Limit">The ceiling (<c>max</c>) or, where higher is better, the floor (<c>min</c>); in the metric's base unit.</param>
/// <param name="Warn">The level past which a warning is given; null where there is none.</param>
/// <param name="Machine">Name of the machine it is judged on; null for any.</param>
/// <param name="Optional">True where a measurement that cannot be had defers the budget instead of failing the run.</param>
/// <param name="At">The budget's own line.</param>
public sealed record Budget(Metric Metric, Written<double> Limit, Written<double>? Warn, Written<string>? Machine, bool Optional, SourceLocation At)
{
    /// <summary>True where the limit is not on the value but on how much more it is than the baseline's: <c>max_increase</c>, a share.</summary>
    public bool OnIncrease { get; init; }

    /// <summary>Bytes that a size may be more than the baseline's, whatever share that is: <c>ignore_change_below</c>; 0 where nothing is ignored.</summary>
    public double IgnoreBelow { get; init; }

    /// <summary>The unit that the limit and what is held against it are in.</summary>
    public Unit Unit => OnIncrease ? Unit.Share : Metric.Unit;
}

/// <summary>How an input of a model is to be made.</summary>
/// <param name="Name">Name of the input in the model.</param>
/// <param name="Shape">One per dimension: a number or the name of a symbolic dimension (then 1); null where the policy gives none.</param>
/// <param name="Type">Element type; null to take the model's.</param>
/// <param name="Range">Smallest and largest value, inclusive; null for the default of its type.</param>
/// <param name="At">Where it stands.</param>
public sealed record InputSpecification(string Name, IReadOnlyList<string>? Shape, DataType? Type, (double Low, double High)? Range, SourceLocation At)
{
    /// <summary>A .npy or .npz file with its values, relative to the policy's folder; null to make some.</summary>
    public string? Data { get; init; }
}

/// <summary>An entry under <c>models:</c>.</summary>
/// <param name="Name">Its name; null where it has none, and its models go by their paths.</param>
/// <param name="Path">Path or glob, relative to the policy's folder, with forward slashes.</param>
/// <param name="Inputs">How inputs are to be made.</param>
/// <param name="Budgets">Its budgets, in the order of the file.</param>
/// <param name="At">Where the entry begins.</param>
public sealed record ModelEntry(string? Name, Written<string> Path, IReadOnlyList<InputSpecification> Inputs, IReadOnlyList<Budget> Budgets, SourceLocation At)
{
    /// <summary>What increases are measured from: a model file, or a folder that holds the models under the same paths; relative to the policy's folder. Null where there is none.</summary>
    public Written<string>? Baseline { get; init; }

    /// <summary>The model it was distilled from, relative to the policy's folder; null where there is none.</summary>
    public Written<string>? Teacher { get; init; }

    /// <summary>The model it was trained on from, relative to the policy's folder; null where there is none.</summary>
    public Written<string>? Base { get; init; }

    /// <summary>A .npz file of samples to compare outputs on, relative to the policy's folder; null to make inputs.</summary>
    public string? Samples { get; init; }

    /// <summary>The sizes that it is timed at, over each dimension whose growth may have a budget.</summary>
    public IReadOnlyList<Sweep> Sweeps { get; init; } = [];

    /// <summary>How inputs are to be made, as a worker is told.</summary>
    /// <param name="folder">Full path of the policy's folder.</param>
    public IReadOnlyList<WorkerInput> InputsIn(string folder) =>
        [.. Inputs.Select(input => new WorkerInput(input.Name, input.Shape, input.Type?.Name, input.Range?.Low, input.Range?.High) { Data = input.Data is { } data ? System.IO.Path.GetFullPath(data, folder) : null })];
}

/// <summary>Budgets that hold for one thing as a whole: all models together, or the package.</summary>
/// <param name="Path">Glob of packages; null for <c>total:</c> and where the package is known otherwise.</param>
/// <param name="Budgets">Its budgets.</param>
/// <param name="At">Where it begins.</param>
public sealed record Group(Written<string>? Path, IReadOnlyList<Budget> Budgets, SourceLocation At);

/// <summary>A machine that an absolute limit was agreed on.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Cpu">Glob over the CPU model (<c>*</c> and <c>?</c>, case-insensitive); null for any.</param>
/// <param name="Cores">Logical processors; null for any.</param>
/// <param name="InstructionSets">Instruction sets it must have.</param>
/// <param name="At">Where it stands.</param>
public sealed record MachineSpecification(string Name, string? Cpu, int? Cores, IReadOnlyList<string> InstructionSets, SourceLocation At)
{
    /// <summary>Logical processors that the process may use, by affinity and container quota; null for any.</summary>
    public double? UsableCores { get; init; }

    /// <summary>Bytes of memory at least; null for any.</summary>
    public Written<double>? Memory { get; init; }

    /// <summary>Glob over the operating system and its version; null for any.</summary>
    public string? Os { get; init; }

    /// <summary>Process architecture; null for any.</summary>
    public string? Architecture { get; init; }

    /// <summary>Frequency governor or power scheme; null for any.</summary>
    public string? PowerGovernor { get; init; }
}

/// <summary>How models are timed.</summary>
public sealed record Benchmark
{
    /// <summary>ONNX Runtime versions accepted; null for any.</summary>
    public Written<VersionRange>? Runtime { get; init; }

    /// <summary>Execution providers, preferred first; the CPU's takes what they leave.</summary>
    public IReadOnlyList<ExecutionProvider> Providers { get; init; } = [ExecutionProvider.Cpu];

    /// <summary>False where no node may run on a provider that is not listed.</summary>
    public bool AllowsFallback { get; init; } = true;

    /// <summary>Threads within an operator.</summary>
    public int IntraOpThreads { get; init; } = 1;

    /// <summary>Threads across operators.</summary>
    public int InterOpThreads { get; init; } = 1;

    /// <summary>Seconds that one measuring of one model may take; each of several has them anew.</summary>
    public double MaxTime { get; init; } = 60;

    /// <summary>Confidence of a verdict: 0.95, 0.99 or 0.999.</summary>
    public double Confidence { get; init; } = 0.99;

    /// <summary>What an inconclusive verdict leads to.</summary>
    public Reaction OnInconclusive { get; init; } = Reaction.Warn;

    /// <summary>True where every provider computes on the processor.</summary>
    public bool IsOfProcessor => Providers.All(static provider => provider.IsOfProcessor);

    /// <summary>Providers in the words of policies, such as <c>tensorrt, cuda</c>.</summary>
    public static string Text(IReadOnlyList<ExecutionProvider> providers) => string.Join(", ", providers.Select(static provider => provider.Name));
}

/// <summary>A policy: what the models of a build may weigh and take.</summary>
public sealed record Policy
{
    /// <summary>Path of the file it was read from, as it was asked for.</summary>
    public required string Path { get; init; }

    /// <summary>How models are timed.</summary>
    public Benchmark Benchmark { get; init; } = new();

    /// <summary>Named machines.</summary>
    public IReadOnlyList<MachineSpecification> Machines { get; init; } = [];

    /// <summary>Hardware that models are meant for.</summary>
    public IReadOnlyList<Target> Targets { get; init; } = [];

    /// <summary>The target of a name: the policy's own, or a built-in one; null where there is none.</summary>
    public Target? TargetOf(string name) => Targets.FirstOrDefault(target => target.Name == name) ?? TargetPresets.Find(name);

    /// <summary>The entries under <c>models:</c>, in the order of the file. Their budgets already hold <c>defaults.warn_at</c>, and they the policy's baseline where they have none of their own.</summary>
    public IReadOnlyList<ModelEntry> Models { get; init; } = [];

    /// <summary>Budgets of all models together.</summary>
    public Group? Total { get; init; }

    /// <summary>Budgets of the package.</summary>
    public Group? Package { get; init; }

    /// <summary>What a deployed model that no entry matches leads to.</summary>
    public Reaction Unmatched { get; init; } = Reaction.Warn;
}

/// <summary>What reading a policy yields: the policy, or every error in it.</summary>
/// <param name="Policy">The policy; null where there is an error.</param>
/// <param name="Diagnostics">Every error found, in the order of the file.</param>
public sealed record PolicyReading(Policy? Policy, IReadOnlyList<Diagnostic> Diagnostics);
