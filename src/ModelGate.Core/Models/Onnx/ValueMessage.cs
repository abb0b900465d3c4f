namespace ModelGate.Models.Onnx;

/// <summary>What holds the values of a tensor where they are not one run of bytes as they are: a message of an ONNX file, a vector of the runtime's own format, or runs.</summary>
/// <param name="Offset">Where it begins in the file, with its length.</param>
/// <param name="Fields">Which of its fields hold the values.</param>
internal sealed record ValueMessage(long Offset, ValueFields Fields)
{
    /// <summary>Where the same message goes on: of one that stands again, its values follow those that stand before.</summary>
    public IReadOnlyList<long> More { get; init; } = [];

    /// <summary>The runs, of <see cref="ValueFields.Runs"/>.</summary>
    public IReadOnlyList<DataRange> Runs { get; init; } = [];

    /// <summary>The values of a list that lies as one run, or of a sparse tensor of which the values and what says where they stand do.</summary>
    public static ValueMessage Of(params IReadOnlyList<DataRange> runs) => new(runs[0].Offset, ValueFields.Runs) { Runs = runs };
}

/// <summary>Which fields of a message hold values.</summary>
internal enum ValueFields
{
    /// <summary>The typed fields of a TensorProto.</summary>
    Tensor,

    /// <summary>The values of a SparseTensorProto, and the indices that say where they stand.</summary>
    Sparse,

    /// <summary>The one float of an attribute.</summary>
    Float,

    /// <summary>The one integer of an attribute.</summary>
    Int,

    /// <summary>The one text of an attribute.</summary>
    Text,

    /// <summary>The floats of an attribute, as those that a tree ensemble has learned.</summary>
    Floats,

    /// <summary>The integers of an attribute.</summary>
    Ints,

    /// <summary>The texts of an attribute.</summary>
    Texts,

    /// <summary>Runs of bytes, one behind the other.</summary>
    Runs,

    /// <summary>A vector of texts of the runtime's own format.</summary>
    FlatTexts,
}
