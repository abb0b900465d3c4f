using System.Text.Json.Serialization;

namespace ModelGate.Measuring;

// What the tool and the worker say to each other: one JSON object per line. This file is compiled into both.
// Lines of the worker begin with the order's token, because a model's native code may print to the same stream.

/// <summary>How an input is to be made.</summary>
/// <param name="Name">Its name in the model.</param>
/// <param name="Shape">One per dimension, a number or a symbolic name; null to take the model's.</param>
/// <param name="Type">Element type; null to take the model's.</param>
/// <param name="Low">Smallest value; null for the default of its type.</param>
/// <param name="High">Largest value, inclusive; null for the default of its type.</param>
public sealed record WorkerInput(string Name, IReadOnlyList<string>? Shape, string? Type, double? Low, double? High)
{
    /// <summary>Full path of a .npy or .npz file that holds its values; null to make some.</summary>
    public string? Data { get; init; }

    /// <summary>Sizes that the model's weights fix, one per dimension and 0 for none, for where nobody says another; null where they fix none.</summary>
    public IReadOnlyList<long>? Sizes { get; init; }

    /// <summary>True where the model does not even say how many dimensions it has; the runtime tells that from a scalar to nobody.</summary>
    public bool HasOpenRank { get; init; }
}

/// <summary>The model that another one is compared with, in the same process.</summary>
/// <param name="Model">Full path of the baseline.</param>
/// <param name="IsCreatedFirst">True to create its session before the other's, and to let it lead each turn.</param>
public sealed record WorkerBaseline(string Model, bool IsCreatedFirst);

/// <summary>How the outputs of two models are held against each other, on the same inputs.</summary>
/// <param name="Model">Full path of the other model: the one that is taken to be right.</param>
/// <param name="Count">Seeded inputs to run both on, where no samples are given.</param>
public sealed record WorkerFidelity(string Model, int Count)
{
    /// <summary>Full path of a .npz file of samples; null to make inputs.</summary>
    public string? Samples { get; init; }
}

/// <summary>What a worker is to do: the first line it reads.</summary>
/// <param name="Token">What its lines begin with.</param>
/// <param name="Model">Full path of the model.</param>
/// <param name="ManagedFolders">Where the binding lies.</param>
/// <param name="NativeFolders">Where the native library lies.</param>
/// <param name="IntraOpThreads">Threads within an operator.</param>
/// <param name="InterOpThreads">Threads across operators.</param>
/// <param name="Inputs">How inputs are to be made, where the policy says.</param>
/// <param name="Seed">Seed of random inputs.</param>
/// <param name="TimesRuns">False where only start-up and memory are asked for: it then ends after the first inference.</param>
public sealed record WorkerOrder(
    string Token, string Model, IReadOnlyList<string> ManagedFolders, IReadOnlyList<string> NativeFolders,
    int IntraOpThreads, int InterOpThreads, IReadOnlyList<WorkerInput> Inputs, int Seed, bool TimesRuns)
{
    /// <summary>The model to time in turns with this one; null to time this one alone.</summary>
    public WorkerBaseline? Against { get; init; }

    /// <summary>Where set, the model is run under the runtime's profiler and nothing else is done.</summary>
    public WorkerProfile? Profile { get; init; }

    /// <summary>Where set, the model is timed at several sizes and nothing else is done.</summary>
    public WorkerSweep? Sweep { get; init; }

    /// <summary>Execution providers by their names in policies, preferred first; the CPU's takes what they leave.</summary>
    public IReadOnlyList<string> Providers { get; init; } = [];

    /// <summary>Where set, the outputs of two models are compared and nothing else is done.</summary>
    public WorkerFidelity? Fidelity { get; init; }

    /// <summary>Sizes of open dimensions, by name.</summary>
    public IReadOnlyList<WorkerDimension> Dimensions { get; init; } = [];

    /// <summary>Sessions to run at once, afterwards, for the throughput; 0 for none.</summary>
    public int Sessions { get; init; }

    /// <summary>Bytes to measure this machine's bandwidth with, afterwards, and its arithmetic as well; 0 for neither.</summary>
    public long WorkingSet { get; init; }
}

/// <summary>How a model is profiled.</summary>
/// <param name="Prefix">Full path that the profile's file name begins with.</param>
/// <param name="Optimized">True for the session that is timed; false for the graph as the file has it.</param>
/// <param name="Seconds">Seconds of further runs after the first; 0 for the first alone.</param>
public sealed record WorkerProfile(string Prefix, bool Optimized, double Seconds)
{
    /// <summary>Where set, there is one run at each size.</summary>
    public WorkerSweep? Sweep { get; init; }
}

/// <summary>Sizes to run a model at.</summary>
/// <param name="Dimension">Name of the dimension.</param>
/// <param name="Sizes">The sizes, rising.</param>
public sealed record WorkerSweep(string Dimension, IReadOnlyList<int> Sizes);

/// <summary>How large an open dimension is.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Size">Its size.</param>
public sealed record WorkerDimension(string Name, long Size);

/// <summary>The second line that a worker reads, once it has said how long a run takes.</summary>
/// <param name="Count">Runs to time; of each model, and an even number, where two are compared.</param>
public sealed record WorkerRuns(int Count);

/// <summary>What a worker says. Which properties are set follows from <see cref="Step"/>.</summary>
public sealed record WorkerMessage
{
    /// <summary><c>runtime</c>, <c>ready</c>, <c>warm</c>, <c>done</c>, <c>profiled</c>, <c>swept</c>, <c>comparing</c>, <c>compared</c> or <c>failed</c>.</summary>
    public required string Step { get; init; }

    /// <summary>runtime: version of the native library.</summary>
    public string? Version { get; init; }

    /// <summary>runtime: its build information.</summary>
    public string? Build { get; init; }

    /// <summary>ready: seconds to create the session.</summary>
    public double SessionCreation { get; init; }

    /// <summary>ready: seconds of the first inference.</summary>
    public double FirstInference { get; init; }

    /// <summary>ready: seconds spent on making inputs, which an app would have at hand.</summary>
    public double Preparation { get; init; }

    /// <summary>warm: seconds of a run (of both models, where two are compared), as the last runs of the warm-up took it.</summary>
    public double RunTime { get; init; }

    /// <summary>done: seconds of each timed run, in order. swept: the median at each size.</summary>
    public IReadOnlyList<double>? Runs { get; init; }

    /// <summary>done: seconds of each timed run of the baseline; each stands beside the run of the model that was taken with it.</summary>
    public IReadOnlyList<double>? BaselineRuns { get; init; }

    /// <summary>done: seconds of each timed run for which its thread had a processor, where two models are compared; null where the system does not tell.</summary>
    public IReadOnlyList<double>? ProcessorRuns { get; init; }

    /// <summary>done: the same of the baseline's runs.</summary>
    public IReadOnlyList<double>? ProcessorBaselineRuns { get; init; }

    /// <summary>done: how often that thread gave its processor away by itself during the timed loop, where the two above are set.</summary>
    public long GivenAway { get; init; }

    /// <summary>done: largest resident size of the process, in bytes.</summary>
    public long PeakRss { get; init; }

    /// <summary>done: bytes of managed memory allocated in the timed loop; anything but zero is a fault of the worker.</summary>
    public long Allocated { get; init; }

    /// <summary>done: seconds of all processors together that the hypervisor took during the timed loop, in steps of 10 ms; 0 where the system does not tell.</summary>
    public double Stolen { get; init; }

    /// <summary>done: seconds that threads of the worker waited for a processor during the timed loop; 0 where the system does not tell.</summary>
    public double Waited { get; init; }

    /// <summary>done: inferences per second of all sessions together.</summary>
    public double Throughput { get; init; }

    /// <summary>done: float32 operations per second that the machine reached.</summary>
    public double Peak { get; init; }

    /// <summary>done: bytes per second that the machine read.</summary>
    public double Bandwidth { get; init; }

    /// <summary>compared: each output of the two models.</summary>
    public IReadOnlyList<OutputFidelity>? Outputs { get; init; }

    /// <summary>comparing, compared: inputs that both models were run on.</summary>
    public int Samples { get; init; }

    /// <summary>comparing: inputs that both are to be run on.</summary>
    public int AllSamples { get; init; }

    /// <summary>compared: predictions of the model and of the other one held against labels; null where none are given.</summary>
    public Accuracy? Accuracy { get; init; }

    /// <summary>failed: code of the diagnostic.</summary>
    public string? Code { get; init; }

    /// <summary>failed: what happened.</summary>
    public string? Reason { get; init; }
}

/// <summary>Reads and writes the lines.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault, IgnoreReadOnlyProperties = true)]
[JsonSerializable(typeof(WorkerOrder))]
[JsonSerializable(typeof(WorkerRuns))]
[JsonSerializable(typeof(WorkerMessage))]
public sealed partial class WorkerJson : JsonSerializerContext;
