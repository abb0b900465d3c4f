namespace ModelGate.Policies;

/// <summary>A node of a policy's YAML with the one-based place where it begins.</summary>
internal abstract record PolicyNode(int Line, int Column)
{
    /// <summary>What a message calls it.</summary>
    internal abstract string Kind { get; }

    /// <summary>Text; nothing is resolved to numbers, booleans or dates by YAML's own rules, in which 010 is 8.</summary>
    /// <param name="Text">The text, unquoted.</param>
    /// <param name="IsPlain">True where it stands without quotes.</param>
    /// <param name="Line">One-based line.</param>
    /// <param name="Column">One-based column.</param>
    internal sealed record Scalar(string Text, bool IsPlain, int Line, int Column) : PolicyNode(Line, Column)
    {
        internal override string Kind => IsNull ? "nothing" : "a single value";

        /// <summary>True where nothing, <c>~</c> or <c>null</c> is written.</summary>
        internal bool IsNull => IsPlain && Text is "" or "~" or "null";
    }

    internal sealed record Sequence(IReadOnlyList<PolicyNode> Items, int Line, int Column) : PolicyNode(Line, Column)
    {
        internal override string Kind => "a list";
    }

    internal sealed record Mapping(IReadOnlyList<Entry> Entries, int Line, int Column) : PolicyNode(Line, Column)
    {
        internal override string Kind => "a mapping";

        /// <summary>The value of a key, or null.</summary>
        internal PolicyNode? Find(string key)
        {
            foreach (var entry in Entries)
            {
                if (entry.Key.Text == key)
                    return entry.Value;
            }

            return null;
        }
    }

    /// <summary>A key and its value.</summary>
    internal sealed record Entry(Scalar Key, PolicyNode Value);
}
