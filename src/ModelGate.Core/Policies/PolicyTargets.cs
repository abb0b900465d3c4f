using ModelGate.Measuring;

namespace ModelGate.Policies;

/// <summary>Checks that every target that has a budget is defined, here or built in, with the figures that the budget needs.</summary>
internal sealed class PolicyTargets(PolicyErrors errors)
{
    /// <summary>Reports targets that are nowhere, and figures that they lack.</summary>
    internal void Check(PolicyNode.Mapping root, PolicyNode.Mapping[] models)
    {
        var defined = root.Find("targets") as PolicyNode.Mapping;
        foreach (var model in models)
        {
            foreach (var (key, _) in (model.Find("budgets") as PolicyNode.Mapping)?.Entries ?? [])
            {
                if (key.Text.StartsWith("target.", StringComparison.Ordinal) && MetricCatalogue.Find(key.Text) is { Relation: Relation.Target } metric)
                    Check(key, metric, defined);
            }
        }
    }

    private void Check(PolicyNode.Scalar key, Metric metric, PolicyNode.Mapping? defined)
    {
        string name = metric.Subject;
        if (defined?.Find(name) is { } node)
        {
            // What is no mapping has been reported as that.
            if (node is PolicyNode.Mapping target && Missing(target, metric.Quality) is { } missing)
                errors.Add(Diagnostics.MissingKey, key, $"{key.Text}: the target `{name}` has no `{missing}:`; add it under `targets:`.");
        }
        else if (TargetPresets.Find(name) is not { } preset)
        {
            var known = (defined?.Entries.Select(entry => entry.Key.Text) ?? []).Concat(TargetPresets.All.Select(each => each.Name));
            errors.Add(Diagnostics.InvalidName, key, $"The target `{name}` is not defined under `targets:`, and none of that name is built in.{Spelling.DidYouMean(name, known)}");
        }
        else if (preset.MissingFor(metric.Quality) is { } missing)
        {
            errors.Add(Diagnostics.MissingKey, key, $"{key.Text}: nothing is known of the `{missing}` of `{name}`; define a target of your own under `targets:`.");
        }
    }

    private static string? Missing(PolicyNode.Mapping target, string quality)
    {
        string[] needed = quality switch { "memory" => ["memory"], "latency_bound" => ["bandwidth", "compute"], _ => ["downlink"] };
        return Array.Find(needed, key => target.Find(key) is null);
    }
}
