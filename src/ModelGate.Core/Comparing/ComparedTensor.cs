using ModelGate.Compressing;
using ModelGate.Models;

namespace ModelGate.Comparing;

/// <summary>What has become of a tensor from one model to another.</summary>
public enum TensorChange
{
    /// <summary>The same name and the same bytes.</summary>
    Identical,

    /// <summary>Another name and the same bytes.</summary>
    Renamed,

    /// <summary>The bytes of a tensor that the second model has elsewhere as well.</summary>
    Copied,

    /// <summary>The same name, or under another the same use, and other values, another shape or another type.</summary>
    Changed,

    /// <summary>Only the second model has it.</summary>
    Added,

    /// <summary>Only the first model has it.</summary>
    Removed,

    /// <summary>Both have it under one name, but its values are not read: those of a sparse tensor whose bytes outside of the model another tensor has as well, and what is said in more pieces than any writer makes.</summary>
    Unread,
}

/// <summary>A tensor of one model, of the other, or of both.</summary>
/// <param name="Change">What has become of it.</param>
/// <param name="Before">As the first model has it; null where it was added.</param>
/// <param name="After">As the second model has it; null where it was removed.</param>
public sealed record ComparedTensor(TensorChange Change, Tensor? Before, Tensor? After)
{
    /// <summary>Values that differ; null where the shapes or types do, or where they are packed below a byte.</summary>
    public long? ValuesChanged { get; init; }

    /// <summary>How far its values are from what they were; null but for float32 on both sides.</summary>
    public WeightFidelity? Fidelity { get; init; }

    /// <summary>The tensor, by whichever model has it.</summary>
    public Tensor Tensor => After ?? Before!;

    /// <summary>The name that the first model has it under, where that is another or where its values tell it; else null.</summary>
    public string? NameBefore => Change is TensorChange.Renamed or TensorChange.Copied || After is not null && Before?.Name != After.Name ? Before?.Name : null;
}
