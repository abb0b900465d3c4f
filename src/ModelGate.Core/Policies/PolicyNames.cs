using ModelGate.Measuring;

namespace ModelGate.Policies;

/// <summary>Checks what a policy says in one place against what it says in another: names, machines, and that something is judged at all.</summary>
internal sealed class PolicyNames(PolicyErrors errors)
{
    /// <summary>Reports names defined twice or nowhere, and entries that judge nothing.</summary>
    internal void Check(PolicyNode.Mapping root)
    {
        var models = (root.Find("models") as PolicyNode.Sequence)?.Items.OfType<PolicyNode.Mapping>().ToArray() ?? [];
        CheckModelNames(models);
        CheckModelPaths(models);
        CheckMachines(root, models);
        CheckRanges(models);
        CheckProviders(root);
        new PolicyBaselines(errors).Check(root, models);
        new PolicySweeps(errors).Check(models);
        new PolicyRelations(errors).Check(models);
        new PolicyTargets(errors).Check(root, models);
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
        var given = new Dictionary<string, PolicyNode>(StringComparer.Ordinal);
        foreach (var model in models)
        {
            if (model.Find("name") is PolicyNode.Scalar name && !given.TryAdd(name.Text, name))
                errors.Add(Diagnostics.InvalidName, name, $"The name `{name.Text}` is already given in line {given[name.Text].Line}; give each entry its own.");
        }
    }

    // Of two entries that match a file equally well only one would hold, and what the other one says would never be judged.
    private void CheckModelPaths(PolicyNode.Mapping[] models)
    {
        var given = new Dictionary<string, PolicyNode>(StringComparer.Ordinal);
        for (var i = 0; i < models.Length; i++)
        {
            if (models[i].Find("path") is PolicyNode.Scalar path && !given.TryAdd(GlobPath.Trim(path.Text), path))
                errors.Add(Diagnostics.DuplicateKey, path, $"models[{i}].path: `{path.Text}` is the path of the entry in line {given[GlobPath.Trim(path.Text)].Line} already, and one entry holds for a file; put both entries' budgets into one.");
        }
    }

    private void CheckRanges(PolicyNode.Mapping[] models)
    {
        foreach (var model in models)
        {
            if (model.Find("inputs") is not PolicyNode.Mapping inputs)
                continue;
            foreach (var (key, value) in inputs.Entries)
            {
                if (value is PolicyNode.Mapping input && input.Find("range") is PolicyNode.Sequence { Items: [PolicyNode.Scalar low, PolicyNode.Scalar high] } range
                    && PolicyValues.ReadSigned(low.Text) > PolicyValues.ReadSigned(high.Text))
                    errors.Add(Diagnostics.InvalidValue, range, $"The range of the input `{key.Text}` is the wrong way round: write `[{high.Text}, {low.Text}]`.");
            }
        }
    }

    private void CheckProviders(PolicyNode.Mapping root)
    {
        if ((root.Find("benchmark") as PolicyNode.Mapping)?.Find("providers") is not PolicyNode.Sequence providers)
            return;
        var given = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < providers.Items.Count; i++)
        {
            if (providers.Items[i] is not PolicyNode.Scalar provider)
                continue;
            if (!given.Add(provider.Text))
                errors.Add(Diagnostics.InvalidValue, provider, $"The execution provider {provider.Text} stands twice; give each once.");
            else if (provider.Text == ExecutionProvider.Cpu.Name && i < providers.Items.Count - 1)
                errors.Add(Diagnostics.InvalidValue, provider, "cpu runs every node, so nothing is left for the providers after it: write it last.");
        }
    }

    private void CheckMachines(PolicyNode.Mapping root, PolicyNode.Mapping[] models)
    {
        var machines = root.Find("machines") as PolicyNode.Mapping;
        foreach (var model in models)
            CheckMachines(machines, model);
        CheckMachines(machines, root.Find("total"));
        CheckMachines(machines, root.Find("package"));
    }

    private void CheckMachines(PolicyNode.Mapping? machines, PolicyNode? holder)
    {
        if ((holder as PolicyNode.Mapping)?.Find("budgets") is not PolicyNode.Mapping budgets)
            return;
        foreach (var (_, value) in budgets.Entries)
        {
            if (value is PolicyNode.Mapping budget && budget.Find("machine") is PolicyNode.Scalar machine && machines?.Find(machine.Text) is null)
                errors.Add(Diagnostics.InvalidName, machine, $"The machine `{machine.Text}` is not defined under `machines:`.{Spelling.DidYouMean(machine.Text, machines?.Entries.Select(entry => entry.Key.Text) ?? [])}");
        }
    }
}
