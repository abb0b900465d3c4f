namespace ModelGate.Models;

/// <summary>What kind of layer a learned tensor belongs to.</summary>
public enum LayerKind
{
    /// <summary>Kernels of convolutions, plain, grouped, depthwise or transposed.</summary>
    Convolution,

    /// <summary>Projections of attention, in a fused operator or around MatMul–Softmax–MatMul.</summary>
    Attention,

    /// <summary>Matrices of fully connected layers.</summary>
    Dense,

    /// <summary>Matrices of LSTM, GRU and RNN cells.</summary>
    Recurrent,

    /// <summary>Tables whose rows are looked up.</summary>
    Embedding,

    /// <summary>Scales and shifts of normalizations.</summary>
    Normalization,

    /// <summary>Biases of any layer.</summary>
    Bias,

    /// <summary>What trees, linear models and support vector machines have learned.</summary>
    Classical,

    /// <summary>Anything else that is learned.</summary>
    Other,
}

/// <summary>What the structure of a model tells about its layers.</summary>
/// <param name="Kinds">For each tensor of the model, in the same order, the kind of layer it belongs to; only learned tensors count.</param>
/// <param name="Depth">Layers with weights on the longest path; null where the format keeps no graph.</param>
/// <param name="Width">Output channels of the widest layer with weights; null where the format keeps no graph.</param>
public sealed record LayerGraph(IReadOnlyList<LayerKind> Kinds, long? Depth, long? Width)
{
    /// <summary>All kinds, in the order reports list them.</summary>
    public static IReadOnlyList<LayerKind> AllKinds { get; } =
    [
        LayerKind.Convolution, LayerKind.Attention, LayerKind.Dense, LayerKind.Recurrent, LayerKind.Embedding, LayerKind.Normalization, LayerKind.Bias, LayerKind.Classical, LayerKind.Other,
    ];

    /// <summary>The name of a kind in metrics, JSON and tables.</summary>
    public static string Name(LayerKind kind) => kind switch
    {
        LayerKind.Convolution => "convolution",
        LayerKind.Attention => "attention",
        LayerKind.Dense => "dense",
        LayerKind.Recurrent => "recurrent",
        LayerKind.Embedding => "embedding",
        LayerKind.Normalization => "normalization",
        LayerKind.Bias => "bias",
        LayerKind.Classical => "classical",
        _ => "other",
    };

    /// <summary>True of a layer that counts for depth and width: it has a weight of its own, more than a bias or a scale.</summary>
    public static bool IsWeighted(LayerKind kind) => kind is LayerKind.Convolution or LayerKind.Attention or LayerKind.Dense or LayerKind.Recurrent or LayerKind.Embedding;

    /// <summary>What the role of a tensor says about its kind; null where its operator has to.</summary>
    internal static LayerKind? OfRole(Role role) => role switch
    {
        Role.Bias => LayerKind.Bias,
        Role.Normalization => LayerKind.Normalization,
        Role.Embedding => LayerKind.Embedding,
        Role.Weight => null,
        _ => LayerKind.Other,
    };
}
