using ModelGate.Models;

namespace ModelGate.Measuring;

/// <summary>
/// The least time an inference can take on a machine: the longer of doing its arithmetic at the machine's peak and of reading its weights
/// once at the machine's bandwidth. Williams, Waterman, Patterson: "Roofline", 2009. Wherever something is not known it errs towards less
/// time, so that no model can be faster than its bound.
/// </summary>
/// <param name="Macs">Multiply-accumulates, those of narrow types taken at the rate that the widest instructions have for them.</param>
/// <param name="Bytes">Bytes of weights that every inference reads.</param>
public sealed record Roofline(double Macs, long Bytes)
{
    /// <summary>The roofline of a model.</summary>
    /// <param name="macs">Its multiply-accumulates.</param>
    /// <param name="model">Its structure.</param>
    public static Roofline Of(MacCount macs, ModelFile model) => new(macs.AtFloatRate, model.Tensors.Where(tensor => IsReadEachTime(tensor, macs.Graph)).Sum(tensor => (long)(tensor.Bytes * macs.ReadShares.GetValueOrDefault(tensor.Name, 1))));

    /// <summary>Seconds that an inference takes at least.</summary>
    /// <param name="peak">Peak of the machine, in float32 operations per second; a multiply-accumulate is two.</param>
    /// <param name="bandwidth">Bytes per second that it reads a set of this size with.</param>
    public double Seconds(double peak, double bandwidth) => Math.Max(2 * Macs / peak, Bytes / bandwidth);

    /// <summary>
    /// What a machine can do at least, where a probe told one thing and a model did another: what the model itself did, the machine can do.
    /// Its kernels may use instructions that the probe knows nothing of, and a processor may run at another frequency from one moment to the next.
    /// </summary>
    /// <param name="probed">What the probe reached.</param>
    /// <param name="fastest">Seconds of the model's fastest run; 0 where none was timed.</param>
    public Reach Reached(Reach probed, double fastest) => fastest > 0
        ? new(Math.Max(probed.Peak, 2 * Macs / fastest), Math.Max(probed.Bandwidth, Bytes / fastest))
        : probed;

    // Of an embedding only the rows asked for are read, of a branch only the one taken, of experts only those chosen, of a tree one path.
    private static bool IsReadEachTime(Tensor tensor, ModelGraph? graph) =>
        tensor.Graph.Length == 0 && tensor.Operator.Length > 0 && tensor.Operator is not ("MoE" or "QMoE")
        && (tensor.Role is Role.Scale || (tensor.IsParameter && tensor.Role != Role.Embedding))
        && (tensor.Place == Place.Attribute ? tensor.Operator is "LinearRegressor" or "LinearClassifier" or "SVMRegressor" or "SVMClassifier" : graph is null || graph.IsReadEachTime(tensor.Name));
}

/// <summary>What a machine reached.</summary>
/// <param name="Peak">Float32 operations per second; a multiply-accumulate is two.</param>
/// <param name="Bandwidth">Bytes per second.</param>
public readonly record struct Reach(double Peak, double Bandwidth)
{
    /// <summary>The best of several, each of the two for itself.</summary>
    public static Reach Best(IEnumerable<Reach> reached) => reached.Aggregate((one, other) => new(Math.Max(one.Peak, other.Peak), Math.Max(one.Bandwidth, other.Bandwidth)));
}

/// <summary>How far a model is from the least time it can take here.</summary>
/// <param name="Roofline">What bounds it.</param>
/// <param name="Peak">Float32 operations per second that this machine reached; the most over restarts.</param>
/// <param name="Bandwidth">Bytes per second that it read; the most over restarts.</param>
public sealed record BoundHere(Roofline Roofline, double Peak, double Bandwidth)
{
    /// <summary>Seconds that an inference takes at least.</summary>
    public double Seconds => Roofline.Seconds(Peak, Bandwidth);

    /// <summary>
    /// Seconds by the machine's probe alone, whatever the model itself reached. More than the model takes says that its work is counted too
    /// high or that the probe is too slow, which <see cref="Seconds"/> would not show.
    /// </summary>
    public required double OfProbe { get; init; }

    /// <summary>True where reading the weights takes longer than the arithmetic.</summary>
    public bool IsOfMemory => Roofline.Bytes / Bandwidth > 2 * Roofline.Macs / Peak;
}
