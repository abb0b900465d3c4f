namespace ModelGate.Policies;

/// <summary>Checks that every <c>max_increase</c> has a baseline, and that this version can have it.</summary>
internal sealed class PolicyBaselines(PolicyErrors errors)
{
    /// <summary>Reports baselines of later versions, and increases from nothing.</summary>
    internal void Check(PolicyNode.Mapping root, PolicyNode.Mapping[] models)
    {
        bool forAll = CheckSource(root);
        foreach (var model in models)
        {
            if (!CheckSource(model) && !forAll)
                CheckIncreases(model);
        }

        if (!forAll && root.Find("total") is PolicyNode.Mapping total)
            CheckIncreases(total);
    }

    // True where there is a baseline.
    private bool CheckSource(PolicyNode.Mapping holder)
    {
        if (holder.Find("baseline") is not { } baseline)
            return false;
        if ((baseline as PolicyNode.Mapping)?.Find("from") is not PolicyNode.Scalar source)
            return true;
        foreach (string later in PolicyValues.LaterSources)
        {
            if (source.Text.StartsWith(later, StringComparison.Ordinal))
                errors.Add(Diagnostics.LaterVersion, source, $"baseline.from: baselines from `{later}` come in a later version of ModelGate; for now write `{PolicyValues.FileSource}` and a path.");
        }

        if (source.Text.EndsWith(".json", StringComparison.OrdinalIgnoreCase))
            errors.Add(Diagnostics.LaterVersion, source, $"baseline.from: baselines of recorded figures (`{source.Text}`) come in a later version of ModelGate; for now name a model or a folder of models.");
        return true;
    }

    private void CheckIncreases(PolicyNode.Mapping holder)
    {
        if (holder.Find("budgets") is not PolicyNode.Mapping budgets)
            return;
        foreach (var (_, value) in budgets.Entries)
        {
            if (value is PolicyNode.Mapping budget && budget.Find("max_increase") is { } increase)
                errors.Add(Diagnostics.MissingKey, increase, $"`max_increase` needs something to increase from: add `baseline: {{ from: {PolicyValues.FileSource}released }}` with the model, or the folder of models, to compare with.");
        }
    }
}
