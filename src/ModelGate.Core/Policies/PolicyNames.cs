namespace ModelGate.Policies;

/// <summary>Checks what a policy says in one place against what it says in another: names, machines, and that something is judged at all.</summary>
internal sealed class PolicyNames(PolicyErrors errors)
{
    /// <summary>Reports names defined twice or nowhere, and entries that judge nothing.</summary>
    internal void Check(PolicyNode.Mapping root)
    {
        var models = (root.Find("models") as PolicyNode.Sequence)?.Items.OfType<PolicyNode.Mapping>().ToArray() ?? [];
        CheckModelNames(models);
        CheckMachines(root, models);
        CheckRanges(models);
        if (root.Find("models") is null)
        {
            if (root.Find("total") is { } total)
                errors.Add(Diagnostics.MissingKey, total, "total: it adds up the models that `models:` matches; add `models:`, with at least a `path:`.");
            else if (root.Find("package") is null)
                errors.Add(Diagnostics.MissingKey, root, "The policy: `models:` is missing, so there is nothing to judge; expected a list, such as `- path: models/*.onnx`.");
        }

        if (root.Find("total") is not null)
            return;
        for (var i = 0; i < models.Length; i++)
        {
            if (models[i].Find("budgets") is null)
                errors.Add(Diagnostics.MissingKey, models[i], $"models[{i}]: `budgets:` is missing, so the entry judges nothing; write one, such as `size.on_disk: 50 MB`.");
        }
    }

    private void CheckModelNames(PolicyNode.Mapping[] models)
    {
        var lines = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var name in models.Select(model => model.Find("name")).OfType<PolicyNode.Scalar>())
        {
            if (!lines.TryAdd(name.Text, name.Line))
                errors.Add(Diagnostics.InvalidName, name, $"The name `{name.Text}` is already given in line {lines[name.Text]}; give each entry its own.");
        }
    }

    private void CheckRanges(PolicyNode.Mapping[] models)
    {
        var inputs = models.Select(model => model.Find("inputs")).OfType<PolicyNode.Mapping>().SelectMany(named => named.Entries);
        foreach (var (key, value) in inputs)
        {
            if (value is PolicyNode.Mapping input && input.Find("range") is PolicyNode.Sequence { Items: [PolicyNode.Scalar low, PolicyNode.Scalar high] } range
                && PolicyValues.ReadSigned(low.Text) > PolicyValues.ReadSigned(high.Text))
                errors.Add(Diagnostics.InvalidValue, range, $"The range of the input `{key.Text}` is the wrong way round: write `[{high.Text}, {low.Text}]`.");
        }
    }

    private void CheckMachines(PolicyNode.Mapping root, PolicyNode.Mapping[] models)
    {
        var machines = (root.Find("machines") as PolicyNode.Mapping)?.Entries.Select(entry => entry.Key.Text).ToArray() ?? [];
        var holders = models.Append(root.Find("total")).Append(root.Find("package")).OfType<PolicyNode.Mapping>();
        var named = holders.Select(holder => holder.Find("budgets")).OfType<PolicyNode.Mapping>()
            .SelectMany(budgets => budgets.Entries).Select(budget => budget.Value).OfType<PolicyNode.Mapping>()
            .Select(budget => budget.Find("machine")).OfType<PolicyNode.Scalar>();
        foreach (var machine in named.Where(machine => !machines.Contains(machine.Text, StringComparer.Ordinal)))
            errors.Add(Diagnostics.InvalidName, machine, $"The machine `{machine.Text}` is not defined under `machines:`.{Spelling.DidYouMean(machine.Text, machines)}");
    }
}
