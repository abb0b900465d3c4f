using ModelGate.Measuring;

namespace ModelGate.Policies;

/// <summary>Reads budgets: metric names and their limits, in the unit and the direction that the metric fixes.</summary>
internal sealed class BudgetReader(PolicyErrors errors)
{
    /// <summary>The budgets of a mapping of metrics to limits, without those that have errors.</summary>
    internal List<Budget> Read(PolicyNode.Mapping mapping, Scopes scope, string path)
    {
        if (mapping.Entries.Count == 0)
            errors.Add(Diagnostics.MissingKey, mapping, $"{path}: there is no budget in it; write one, such as `{Example(scope)}`.");

        var budgets = new List<Budget>();
        foreach (var (key, value) in mapping.Entries)
        {
            if (FindMetric(key, value, scope, path) is { } metric)
                budgets.AddRange(ReadBudgets(metric, key, value, PolicyValidator.Join(path, key.Text)));
        }

        return budgets;
    }

    // One for the ceiling or floor, one for the increase; none where they have errors.
    private List<Budget> ReadBudgets(Metric metric, PolicyNode.Scalar key, PolicyNode value, string path)
    {
        var limitKey = metric.Direction == Direction.LowerIsBetter ? "max" : "min";
        switch (value)
        {
            case PolicyNode.Scalar { IsNull: false } floor when metric.Direction == Direction.HigherIsBetter:
                var right = Quantity.TryParse(floor.Text, metric.Unit, out _, out _) ? floor.Text : Example(metric.Unit);
                errors.Add(Diagnostics.InvalidLimit, value, $"{path}: higher is better for {metric.Name}, so its limit is a floor: write `{{ min: {right} }}`.");
                return [];
            case PolicyNode.Scalar { IsNull: false } scalar:
                return ReadLimit(metric.Unit, scalar, path) is { } ceiling ? [new(metric, ceiling, null, null, false, errors.At(key))] : [];
            case PolicyNode.Mapping mapping:
                return ReadLongForm(metric, limitKey, key, mapping, path);
            default:
                errors.Add(Diagnostics.WrongShape, value, $"{path}: expected a limit such as {Quantity.Example(metric.Unit)}, or a mapping such as `{{ {limitKey}: … }}`; here stands {value.Kind}.");
                return [];
        }
    }

    private List<Budget> ReadLongForm(Metric metric, string limitKey, PolicyNode.Scalar key, PolicyNode.Mapping mapping, string path)
    {
        new PolicyValidator(errors).CheckMapping(mapping, PolicyGrammar.Budget, path);
        var wrongKey = limitKey == "max" ? "min" : "max";
        if (mapping.Find(wrongKey) is { } wrong)
        {
            var better = limitKey == "max" ? "lower" : "higher";
            errors.Add(Diagnostics.InvalidLimit, wrong, $"{path}: {better} is better for {metric.Name}, so a `{wrongKey}` could never be breached as meant: use `{limitKey}`.");
        }

        var limitNode = mapping.Find(limitKey);
        var increase = mapping.Find("max_increase") is { } increaseNode ? ReadIncrease(metric, increaseNode, path) : null;
        if (limitNode is null && mapping.Find(wrongKey) is null && !mapping.Entries.Any(entry => entry.Key.Text is "max_increase" or "max_decrease"))
            errors.Add(Diagnostics.MissingKey, mapping, $"{path}: `{limitKey}:` is missing; write `{{ {limitKey}: {Example(metric.Unit)} }}`.");

        var limit = limitNode is null ? null : ReadLimit(metric.Unit, limitNode, path + "." + limitKey);
        var warn = mapping.Find("warn") is { } warnNode ? ReadLimit(metric.Unit, warnNode, path + ".warn") : null;
        if (limit is not null && warn is not null && (limitKey == "max" ? warn.Value > limit.Value : warn.Value < limit.Value))
        {
            errors.Add(Diagnostics.InvalidLimit, mapping.Find("warn")!,
                $"{path}: `warn` ({warn.Text}) lies beyond `{limitKey}` ({limit.Text}), so it would never warn in time; {(limitKey == "max" ? "lower" : "raise")} it.");
        }

        if (limitKey == "min" && limit?.Value > Most(metric))
            errors.Add(Diagnostics.InvalidLimit, limitNode!, $"{path}: no model can reach {limit.Text}: {metric.Name} is at most {Quantity.Format(Most(metric), metric.Unit)}. Write a `min` that one can.");

        if (limitNode is null && increase is not null && warn is not null)
            errors.Add(Diagnostics.InvalidLimit, mapping.Find("warn")!, $"{path}: `warn` is a level below `{limitKey}`, and there is none: add `{limitKey}`, or remove `warn`.");

        var machine = mapping.Find("machine") is PolicyNode.Scalar machineNode ? new Written<string>(machineNode.Text, machineNode.Text, errors.At(machineNode)) : null;
        bool optional = mapping.Find("optional") is PolicyNode.Scalar { Text: "true" };
        List<Budget> budgets = [];
        if (limit is not null)
            budgets.Add(new(metric, limit, warn, machine, optional, errors.At(key)));
        if (increase is not null)
            budgets.Add(new(metric, increase, null, machine, optional, errors.At(key)) { OnIncrease = true });
        return budgets;
    }

    private Written<double>? ReadIncrease(Metric metric, PolicyNode node, string path)
    {
        if (metric.Direction != Direction.LowerIsBetter)
        {
            errors.Add(Diagnostics.InvalidLimit, node, $"{path}: higher is better for {metric.Name}, so an increase of it is no loss: use `min`.");
            return null;
        }

        if (!metric.TakesIncrease)
        {
            errors.Add(Diagnostics.LaterVersion, node, $"{path}.max_increase: `max_increase` of {metric.Name} comes in a later version of ModelGate; use `max` for now.");
            return null;
        }

        // What is no percentage has been reported against the table of keys.
        return node is PolicyNode.Scalar scalar && Quantity.TryParse(scalar.Text, Unit.Share, out var share, out _) ? new(share, scalar.Text, errors.At(scalar)) : null;
    }

    private Written<double>? ReadLimit(Unit unit, PolicyNode node, string path)
    {
        // What is no single value has been reported against the table of keys.
        if (node is not PolicyNode.Scalar { IsNull: false } scalar)
            return null;
        if (Quantity.TryParse(scalar.Text, unit, out var value, out var error))
            return new(value, scalar.Text, errors.At(scalar));
        errors.Add(Diagnostics.InvalidValue, scalar, $"{path}: {error}.");
        return null;
    }

    private Metric? FindMetric(PolicyNode.Scalar key, PolicyNode value, Scopes scope, string path)
    {
        if (MetricCatalogue.Find(key.Text) is { } metric)
        {
            if (metric.Scopes.HasFlag(scope))
                return metric;
            errors.Add(Diagnostics.InvalidLimit, key, $"{path}: {metric.Name} cannot have a budget here; it can have one under {Places(metric.Scopes)}.");
            return null;
        }

        if (MetricCatalogue.IsOfLaterVersion(key.Text))
            errors.Add(Diagnostics.LaterVersion, key, $"{PolicyValidator.Join(path, key.Text)}: the metric comes in a later version of ModelGate; remove it for now.");
        else if (value is PolicyNode.Mapping nested && !nested.Entries.Any(entry => PolicyGrammar.Budget.Any(limit => limit.Name == entry.Key.Text)))
            Flatten(key, nested, key.Text, path);
        else
        {
            var names = MetricCatalogue.All.Concat(MetricCatalogue.OfSchemes).Where(candidate => candidate.Scopes.HasFlag(scope)).Select(candidate => candidate.Name);
            errors.Add(Diagnostics.UnknownKey, key, $"{PolicyValidator.Join(path, key.Text)}: unknown metric.{(Spelling.DidYouMean(key.Text, names) is { Length: > 0 } guess ? guess : " `modelgate metrics` lists them.")}");
        }

        return null;
    }

    /// <summary>Shows the dotted form of each metric that was written as nested mappings.</summary>
    private void Flatten(PolicyNode.Scalar key, PolicyNode.Mapping nested, string name, string path)
    {
        if (nested.Entries.Count == 0)
            errors.Add(Diagnostics.UnknownKey, key, $"{path}.{name}: unknown metric; `modelgate metrics` lists them.");
        foreach (var (inner, value) in nested.Entries)
        {
            var dotted = name + "." + inner.Text;
            if (value is PolicyNode.Mapping deeper && !deeper.Entries.Any(entry => PolicyGrammar.Budget.Any(limit => limit.Name == entry.Key.Text)))
                Flatten(inner, deeper, dotted, path);
            else
                errors.Add(Diagnostics.WrongShape, inner, $"{path}: metric names are flat: write `{dotted}: {(value is PolicyNode.Scalar scalar ? scalar.Text : "{ … }")}`.");
        }
    }

    private static string Places(Scopes scopes) => string.Join(" or ",
        new[] { (Scopes.Model, "`models[].budgets`"), (Scopes.Total, "`total.budgets`"), (Scopes.Package, "`package.budgets`") }
            .Where(place => scopes.HasFlag(place.Item1)).Select(place => place.Item2));

    // No share is more than the whole, and no vector more like another one than itself.
    private static double Most(Metric metric) => metric.Unit == Unit.Share || metric.Quality == "cosine" ? 1 : double.PositiveInfinity;

    private static string Example(Unit unit) => Quantity.Example(unit).Split('`')[1];

    private static string Example(Scopes scope) => scope == Scopes.Package ? "package.size: 240 MB" : "size.on_disk: 50 MB";
}
