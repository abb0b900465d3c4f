namespace ModelGate.Policies;

/// <summary>Collects every error of one policy.</summary>
/// <param name="path">Path of the policy, as it was asked for.</param>
internal sealed class PolicyErrors(string path)
{
    /// <summary>Nobody mends more than this at once, and a file that is no policy at all may have an error in every line.</summary>
    private const int Most = 100;

    private readonly List<Diagnostic> all = [];
    private int more;

    internal bool Any => all.Count > 0;

    internal void Add(DiagnosticKind kind, int line, int column, string message)
    {
        if (all.Count < Most)
            all.Add(new(kind, new(path, line, column), message));
        else
            more++;
    }

    internal void Add(DiagnosticKind kind, PolicyNode node, string message) => Add(kind, node.Line, node.Column, message);

    internal SourceLocation At(PolicyNode node) => new(path, node.Line, node.Column);

    /// <summary>The errors in the order of the file; the last one says how many more there are, if there are.</summary>
    internal IReadOnlyList<Diagnostic> InOrder()
    {
        var inOrder = all.OrderBy(error => error.At!.Line).ThenBy(error => error.At!.Column).ToList();
        if (more > 0)
            inOrder[^1] = inOrder[^1] with { Message = $"{inOrder[^1].Message} There are {more} more errors." };
        return inOrder;
    }
}
