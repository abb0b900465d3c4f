using ModelGate.Measuring;

namespace ModelGate.Policies;

/// <summary>What may stand at a place of a policy. The validator and the JSON schema are both derived from these.</summary>
internal abstract record PolicyShape
{
    /// <summary>What a message asks for, with an example.</summary>
    internal abstract string Expected { get; }

    /// <summary>A single value.</summary>
    /// <param name="Form">What is expected, with an example in backquotes.</param>
    /// <param name="Refuse">Why a text is refused, or null where it is right.</param>
    /// <param name="Pattern">A regular expression that matches every text that is right, for the schema.</param>
    internal sealed record Value(string Form, Func<string, string?> Refuse, string Pattern) : PolicyShape
    {
        internal override string Expected => Form;

        /// <summary>All texts that are right, where they can be listed.</summary>
        internal IReadOnlyList<string> Choices { get; init; } = [];

        /// <summary>Which texts that YAML takes for numbers may be right: editors see those as numbers and never as text.</summary>
        internal NumberForm? Number { get; init; }

        /// <summary>The diagnostic of a text that is refused.</summary>
        internal DiagnosticKind Error { get; init; } = Diagnostics.InvalidValue;
    }

    /// <summary>A mapping with the keys of a table.</summary>
    internal sealed record Mapping(IReadOnlyList<PolicyKey> Keys) : PolicyShape
    {
        internal override string Expected => $"a mapping with {(Keys.Count == 1 ? "the key" : "keys such as")} `{Keys[0].Name}:`";
    }

    /// <summary>A mapping whose keys are names that the user gives.</summary>
    /// <param name="Key">What a name must look like.</param>
    /// <param name="Item">What each of them holds.</param>
    /// <param name="Example">A name, for messages.</param>
    internal sealed record Named(Value Key, PolicyShape Item, string Example) : PolicyShape
    {
        internal override string Expected => $"a mapping of names, such as `{Example}:`";
    }

    /// <summary>A list.</summary>
    /// <param name="Item">What each item is.</param>
    /// <param name="Fewest">Fewest items.</param>
    /// <param name="Most">Most items.</param>
    /// <param name="Example">How one is written, in backquotes.</param>
    internal sealed record List(PolicyShape Item, int Fewest, int Most, string Example) : PolicyShape
    {
        internal override string Expected => "a list, such as " + Example;
    }

    /// <summary>A mapping of metric names to their limits.</summary>
    /// <param name="Scope">Where it stands; decides which metrics it may name.</param>
    internal sealed record Budgets(Scopes Scope) : PolicyShape
    {
        internal override string Expected => "a mapping of metrics to limits, such as `size.on_disk: 50 MB`";
    }
}

/// <summary>Numbers that may stand without quotes or unit.</summary>
/// <param name="Whole">True for whole numbers only.</param>
/// <param name="Low">The smallest; null for any.</param>
/// <param name="High">The largest; null for any.</param>
internal sealed record NumberForm(bool Whole, double? Low = null, double? High = null);

/// <summary>A key of the policy language.</summary>
/// <param name="Name">As written.</param>
/// <param name="Shape">What it holds; null for a key that the language reserves for a later version.</param>
/// <param name="Description">What it is for, in one sentence; shown by editors.</param>
internal sealed record PolicyKey(string Name, PolicyShape? Shape, string Description)
{
    /// <summary>True where a mapping is incomplete without it.</summary>
    internal bool Required { get; init; }

    /// <summary>A key of a later version.</summary>
    internal static PolicyKey Later(string name) => new(name, null, "Not in this version of ModelGate.");
}
