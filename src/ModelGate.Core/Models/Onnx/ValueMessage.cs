namespace ModelGate.Models.Onnx;

/// <summary>The message of an ONNX file that holds the values of a tensor where they are not one run of bytes as they are.</summary>
/// <param name="Offset">Where it begins in the file, with its length.</param>
/// <param name="Fields">Which of its fields hold the values.</param>
internal sealed record ValueMessage(long Offset, ValueFields Fields);

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
}
