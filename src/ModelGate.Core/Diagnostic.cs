namespace ModelGate;

/// <summary>How much a diagnostic weighs.</summary>
public enum Severity
{
    /// <summary>Worth knowing; changes no verdict.</summary>
    Note,

    /// <summary>Worth acting on; changes no exit code.</summary>
    Warning,

    /// <summary>The run does not pass.</summary>
    Error,
}

/// <summary>A place in a text file: what an editor jumps to.</summary>
/// <param name="File">Path as the user wrote it or as the tool found it.</param>
/// <param name="Line">One-based line; 0 where the whole file is meant.</param>
/// <param name="Column">One-based column; 0 where the whole file is meant.</param>
public sealed record SourceLocation(string File, int Line = 0, int Column = 0);

/// <summary>One thing to tell the user: what happened, where, and what to do next.</summary>
/// <param name="Kind">Its code, title and help.</param>
/// <param name="At">The place in the policy, or the model file, that it is about.</param>
/// <param name="Message">One line of plain text; holds names from untrusted files as they are (every report makes them inert).</param>
public sealed record Diagnostic(DiagnosticKind Kind, SourceLocation? At, string Message)
{
    /// <summary>How much this one weighs; the kind's own severity unless the policy says otherwise.</summary>
    public Severity Severity { get; init; } = Kind.Severity;
}
