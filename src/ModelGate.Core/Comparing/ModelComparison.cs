using ModelGate.Measuring;
using ModelGate.Models;

namespace ModelGate.Comparing;

/// <summary>Two models held against each other in everything that was asked for.</summary>
/// <param name="Before">The first: what the second is compared with.</param>
/// <param name="After">The second.</param>
public sealed record ModelComparison(ModelFile Before, ModelFile After)
{
    /// <summary>Their tensors; null where those of one are not read.</summary>
    public TensorComparison? Tensors { get; init; }

    /// <summary>Their outputs on the same inputs; null where they were not run.</summary>
    public OutputResult? Outputs { get; init; }

    /// <summary>Their latency in turns; null where they were not timed.</summary>
    public LatencyResult? Latency { get; init; }

    /// <summary>Bytes on disk of the first, external data included.</summary>
    public long SizeBefore => Before.SizeOnDisk;

    /// <summary>Bytes on disk of the second, external data included.</summary>
    public long SizeAfter => After.SizeOnDisk;

    /// <summary>Size of the second over that of the first.</summary>
    public double SizeRatio => (double)SizeAfter / SizeBefore;

    /// <summary>Parameters of the first; null where its tensors are not read.</summary>
    public long? ParametersBefore => ParametersOf(Before);

    /// <summary>Parameters of the second; null where its tensors are not read.</summary>
    public long? ParametersAfter => ParametersOf(After);

    private static long? ParametersOf(ModelFile model) => model.IsWeighable ? model.Tensors.Where(static tensor => tensor.IsParameter).Sum(static tensor => tensor.LogicalElements) : null;
}
