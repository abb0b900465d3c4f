namespace ModelGate.Policies;

/// <summary>Checks that every budget on what a model has to do with its teacher or base says which model that is.</summary>
internal sealed class PolicyRelations(PolicyErrors errors)
{
    /// <summary>Reports budgets beside a model that is not named.</summary>
    internal void Check(PolicyNode.Mapping[] models)
    {
        foreach (var model in models)
        {
            if (model.Find("budgets") is not PolicyNode.Mapping budgets)
                continue;
            foreach (var (key, _) in budgets.Entries)
            {
                string? relation = key.Text.StartsWith("teacher.", StringComparison.Ordinal) ? "teacher" : key.Text.StartsWith("base.", StringComparison.Ordinal) ? "base" : null;
                if (relation is not null && model.Find(relation) is null)
                    errors.Add(Diagnostics.MissingKey, key, $"{key.Text}: there is nothing to compare with; add `{relation}: models/{relation}.onnx` beside `budgets:`.");
            }
        }
    }
}
