namespace ModelGate.Measuring;

/// <summary>A tensor that went into or came out of a node.</summary>
/// <param name="Type">Element type in the runtime's words, such as <c>float</c> or <c>uint8</c>.</param>
/// <param name="Dims">Its dimensions; none for a scalar.</param>
public sealed record ProfiledTensor(string Type, IReadOnlyList<long> Dims)
{
    /// <summary>Elements it holds. A double: exact up to 2^53, and never wraps.</summary>
    public double Elements => Dims.Aggregate(1.0, static (product, dim) => product * dim);
}

/// <summary>What the runtime's allocator held when a node had run.</summary>
/// <param name="Held">Bytes in use, weights included.</param>
/// <param name="Change">By how much the node changed that.</param>
/// <param name="Requested">Bytes in use as they were asked for, without the allocator's rounding.</param>
/// <param name="RequestedChange">By how much the node changed that.</param>
/// <param name="Peak">Most bytes that were ever in use, within a node as well.</param>
public sealed record ProfiledMemory(long Held, long Change, long Requested, long RequestedChange, long Peak);

/// <summary>One execution of one node, as the runtime's profile tells it.</summary>
/// <param name="Name">Its name in the graph that ran; the runtime's own where the model gives none.</param>
/// <param name="Index">Its index in its graph.</param>
/// <param name="Operator">Its operator, without the domain.</param>
/// <param name="Provider">The execution provider that ran it.</param>
/// <param name="Inputs">The tensors it read; inputs that were left out are not among them.</param>
/// <param name="Outputs">The tensors it wrote; outputs that were left out are not among them.</param>
/// <param name="Start">Seconds since the session began.</param>
/// <param name="Duration">Seconds it took, the nodes of its bodies included.</param>
public sealed record ProfiledNode(
    string Name, int Index, string Operator, string Provider, IReadOnlyList<ProfiledTensor> Inputs, IReadOnlyList<ProfiledTensor> Outputs, double Start, double Duration)
{
    /// <summary>What the allocator held afterwards; null where this runtime does not tell.</summary>
    public ProfiledMemory? Memory { get; init; }
}
