namespace ModelGate.Compressing;

/// <summary>A change to one field of a model's file: messages put before it, and messages in its place. All take the field's own tag.</summary>
internal sealed class Edit
{
    /// <summary>Contents of the messages to put before the field.</summary>
    public List<IReadOnlyList<Piece>> Before { get; } = [];

    /// <summary>Contents of the messages in its place; null where the field stays.</summary>
    public IReadOnlyList<IReadOnlyList<Piece>>? Instead { get; set; }
}
