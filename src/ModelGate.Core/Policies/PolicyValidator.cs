using ModelGate.Measuring;

namespace ModelGate.Policies;

/// <summary>Compares a policy's nodes with the grammar and reports every difference.</summary>
internal sealed class PolicyValidator(PolicyErrors errors)
{
    /// <summary>Reports what does not fit the shape, here and below.</summary>
    /// <param name="node">The node.</param>
    /// <param name="shape">What it should be.</param>
    /// <param name="path">Keys that lead to it, such as <c>models[0].budgets</c>; empty for the root.</param>
    internal void Check(PolicyNode node, PolicyShape shape, string path)
    {
        switch (shape, node)
        {
            case (PolicyShape.Value { Choices: var choices }, PolicyNode.Scalar { IsPlain: true, Text: "true" or "false" } truth) when choices.Count == 0:
                errors.Add(Diagnostics.WrongShape, truth, $"{path}: expected {shape.Expected}; `{truth.Text}` is a truth value in YAML: quote it if it is meant as text.");
                break;
            case (PolicyShape.Value value, PolicyNode.Scalar { IsNull: false } scalar):
                if (value.Refuse(scalar.Text) is { } reason)
                    errors.Add(value.Error, scalar, $"{path}: {Sentence(reason)}");
                break;
            case (PolicyShape.Mapping { Keys: var keys }, PolicyNode.Mapping mapping):
                CheckMapping(mapping, keys, path);
                break;
            case (PolicyShape.Named named, PolicyNode.Mapping mapping):
                CheckNamed(mapping, named, path);
                break;
            case (PolicyShape.List list, PolicyNode.Sequence sequence):
                CheckList(sequence, list, path);
                break;
            case (PolicyShape.Budgets { Scope: var scope }, PolicyNode.Mapping mapping):
                new BudgetReader(errors).Read(mapping, scope, path);
                break;
            default:
                errors.Add(Diagnostics.WrongShape, node, path.Length == 0
                    ? $"A policy is a mapping that begins with `version: 1`; here stands {node.Kind}."
                    : $"{path}: expected {shape.Expected}; here stands {node.Kind}.");
                break;
        }
    }

    /// <summary>Reports keys that are not in the table, belong to a later version, or are missing; then checks the values of the others.</summary>
    internal void CheckMapping(PolicyNode.Mapping mapping, IReadOnlyList<PolicyKey> keys, string path)
    {
        foreach (var (key, value) in mapping.Entries)
        {
            if (Find(keys, key.Text) is not { } known)
                errors.Add(Diagnostics.UnknownKey, key, $"{Join(path, key.Text)}: unknown key.{Suggestion(key.Text, keys)}");
            else if (known.Shape is null)
                errors.Add(Diagnostics.LaterVersion, key, $"{Join(path, key.Text)}: `{key.Text}` comes in a later version of ModelGate; remove it for now.");
            else
                Check(value, known.Shape, Join(path, key.Text));
        }

        foreach (var key in keys)
        {
            if (key.Required && mapping.Find(key.Name) is null)
                errors.Add(Diagnostics.MissingKey, mapping, $"{(path.Length == 0 ? "The policy" : path)}: `{key.Name}:` is missing; expected {key.Shape!.Expected}.");
        }
    }

    private static PolicyKey? Find(IReadOnlyList<PolicyKey> keys, string name)
    {
        foreach (var key in keys)
        {
            if (key.Name == name)
                return key;
        }

        return null;
    }

    /// <summary>A key below a path.</summary>
    internal static string Join(string path, string key) => path.Length == 0 ? key : path + "." + key;

    /// <summary>A reason that may already be a sentence, as one.</summary>
    internal static string Sentence(string reason) => reason.EndsWith('.') || reason.EndsWith('?') ? reason : reason + ".";

    private void CheckNamed(PolicyNode.Mapping mapping, PolicyShape.Named named, string path)
    {
        foreach (var (key, value) in mapping.Entries)
        {
            if (named.Key.Refuse(key.Text) is { } reason)
                errors.Add(named.Key.Error, key, $"{path}: {Sentence(reason)}");
            Check(value, named.Item, Join(path, key.Text));
        }
    }

    private void CheckList(PolicyNode.Sequence sequence, PolicyShape.List list, string path)
    {
        if (sequence.Items.Count < list.Fewest || sequence.Items.Count > list.Most)
        {
            var count = list.Fewest == list.Most ? $"exactly {list.Fewest}" : sequence.Items.Count < list.Fewest ? $"at least {list.Fewest}" : $"at most {list.Most}";
            errors.Add(Diagnostics.WrongShape, sequence, $"{path}: expected {count} {(count.EndsWith(" 1", StringComparison.Ordinal) ? "item" : "items")}, such as {list.Example}; here are {sequence.Items.Count}.");
        }

        for (var i = 0; i < sequence.Items.Count; i++)
            Check(sequence.Items[i], list.Item, $"{path}[{i}]");
    }

    private static string Suggestion(string key, IReadOnlyList<PolicyKey> keys)
    {
        var known = keys.Where(candidate => candidate.Shape is not null).Select(candidate => candidate.Name).ToArray();
        return Spelling.DidYouMean(key, known) is { Length: > 0 } guess ? guess
            : MetricCatalogue.Find(key) is not null ? $" It is a metric: write it under `budgets:`."
            : $" Known here: {string.Join(", ", known.Select(name => $"`{name}`"))}.";
    }
}
