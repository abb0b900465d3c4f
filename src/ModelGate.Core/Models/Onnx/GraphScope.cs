namespace ModelGate.Models.Onnx;

/// <summary>Which graph a tensor stands in.</summary>
/// <param name="Path">The graphs and nodes that hold it, from the outside; empty for the main graph.</param>
/// <param name="Place">Where all tensors in it are said to stand; null where each has a place of its own.</param>
internal sealed record GraphScope(string Path, Place? Place)
{
    private const int Longest = 128;

    /// <summary>A name as a part of a path: cut, since a hostile file could otherwise make paths that grow with the square of its nesting.</summary>
    public static string Part(string name) => name.Length <= Longest ? name : name[..Longest] + "…";

    /// <summary>The scope of a body.</summary>
    public GraphScope Inner(string name) => new(Path.Length == 0 ? Part(name) : $"{Path}/{Part(name)}", Place);
}
