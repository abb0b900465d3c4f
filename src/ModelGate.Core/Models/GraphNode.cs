namespace ModelGate.Models;

/// <summary>A node as the model's file says it.</summary>
/// <param name="Name">Its name (untrusted text); empty where it has none.</param>
/// <param name="Operator">Its operator, without the domain.</param>
/// <param name="HasInput">For each input, whether it is given or left out.</param>
/// <param name="HasOutput">For each output, whether it is given or left out.</param>
public sealed record GraphNode(string Name, string Operator, IReadOnlyList<bool> HasInput, IReadOnlyList<bool> HasOutput)
{
    /// <summary>Its attributes that are an integer, by name.</summary>
    public IReadOnlyDictionary<string, long> Ints { get; init; } = new Dictionary<string, long>();

    /// <summary>Its attributes that are short lists of integers and tell how a kernel is put to an image, by name: pads, strides, dilations.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<long>> IntLists { get; init; } = new Dictionary<string, IReadOnlyList<long>>();

    /// <summary>Name of the stored tensor that its second input is read from, of a convolution the weight (untrusted text); empty where there is none.</summary>
    public string Weight { get; init; } = "";

    /// <summary>How many floats its attributes that are lists of them hold, by name.</summary>
    public IReadOnlyDictionary<string, long> FloatCounts { get; init; } = new Dictionary<string, long>();

    /// <summary>The equation of an Einsum; null for other operators.</summary>
    public string? Equation { get; init; }

    /// <summary>True where an optimizer may keep it out of an inference: it computes the same each time, or nobody asks for its results.</summary>
    public bool IsSpared { get; init; }

    /// <summary>The integer of an attribute; null where it is not given.</summary>
    public long? Int(string attribute) => Ints.TryGetValue(attribute, out long value) ? value : null;

    /// <summary>How many floats an attribute holds; none where it is not given.</summary>
    public long Floats(string attribute) => FloatCounts.GetValueOrDefault(attribute);
}
