namespace ModelGate.Measuring;

/// <summary>Sizes to run a model at, over one symbolic dimension of its inputs.</summary>
/// <param name="Dimension">Name of the dimension, in the model or in the shape that an input is given.</param>
/// <param name="Sizes">The sizes, rising; at least three.</param>
public sealed record Sweep(string Dimension, IReadOnlyList<int> Sizes)
{
    /// <summary>Fewest sizes that a growth can be read from: two always lie on a line.</summary>
    public const int FewestSizes = 3;
}

/// <summary>What a model costs at one size.</summary>
/// <param name="Size">The size.</param>
/// <param name="Latency">Seconds of an inference: the median over restarts of the median in each.</param>
/// <param name="Activations">Bytes of intermediate tensors that live at once; null where they are not known.</param>
/// <param name="Macs">Multiply-accumulates; null where they are not known.</param>
public sealed record SweepPoint(int Size, double Latency, double? Activations, double? Macs);

/// <summary>What a model costs over one dimension.</summary>
/// <param name="Dimension">Name of the dimension.</param>
/// <param name="Points">One per size, rising.</param>
public sealed record SweepResult(string Dimension, IReadOnlyList<SweepPoint> Points)
{
    /// <summary>Growth of the activations; null where they are not known at every size.</summary>
    public double? GrowthOfActivations => Growth.Of(Points, static point => point.Activations);

    /// <summary>Growth of the multiply-accumulates; null where they are not known at every size.</summary>
    public double? GrowthOfMacs => Growth.Of(Points, static point => point.Macs);
}
