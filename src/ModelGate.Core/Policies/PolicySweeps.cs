using ModelGate.Measuring;

namespace ModelGate.Policies;

/// <summary>Checks that every growth that has a budget has sizes to be read from.</summary>
internal sealed class PolicySweeps(PolicyErrors errors)
{
    /// <summary>Reports sizes that stand twice, and budgets on the growth over a dimension that is not swept.</summary>
    internal void Check(PolicyNode.Mapping[] models)
    {
        foreach (var model in models)
        {
            var sweep = model.Find("sweep") as PolicyNode.Mapping;
            foreach (var (_, sizes) in sweep?.Entries ?? [])
                CheckSizes(sizes);
            if (model.Find("budgets") is PolicyNode.Mapping budgets)
                CheckBudgets(budgets, sweep);
        }
    }

    private void CheckSizes(PolicyNode sizes)
    {
        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach (var size in (sizes as PolicyNode.Sequence)?.Items ?? [])
        {
            if (size is PolicyNode.Scalar scalar && !seen.Add(scalar.Text))
                errors.Add(Diagnostics.InvalidValue, size, $"The size {scalar.Text} stands twice; give each once.");
        }
    }

    private void CheckBudgets(PolicyNode.Mapping budgets, PolicyNode.Mapping? sweep)
    {
        foreach (var (key, _) in budgets.Entries)
        {
            if (key.Text.Length <= MetricCatalogue.GrowthPrefix.Length || !key.Text.StartsWith(MetricCatalogue.GrowthPrefix, StringComparison.Ordinal))
                continue;
            string dimension = key.Text[MetricCatalogue.GrowthPrefix.Length..];
            if (sweep?.Find(dimension) is null)
                errors.Add(Diagnostics.MissingKey, key, $"{key.Text}: the model is not swept over `{dimension}`; add `sweep: {{ {dimension}: [32, 64, 128, 256] }}` beside `budgets:`.");
        }
    }
}
