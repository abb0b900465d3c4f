namespace ModelGate.Policies;

/// <summary>Where the baseline of a model lies.</summary>
public static class BaselineFile
{
    /// <summary>
    /// Full path of the baseline: the file that the policy names, or in the folder that it names the file under the model's own path, as in
    /// a checkout of an earlier version beside this one. Whether it is there is for its reader to say.
    /// </summary>
    /// <param name="policy">The policy; its path may be relative to the current folder.</param>
    /// <param name="model">A model whose entry has a baseline.</param>
    public static string Of(Policy policy, SelectedModel model)
    {
        string named = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Path.GetFullPath(policy.Path))!, model.Entry.Baseline!.Value));
        return Directory.Exists(named) ? Path.GetFullPath(Path.Combine(named, model.Path)) : named;
    }
}
