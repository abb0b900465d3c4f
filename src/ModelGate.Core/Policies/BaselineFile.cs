namespace ModelGate.Policies;

/// <summary>Where the baseline of a model lies.</summary>
public static class BaselineFile
{
    /// <summary>
    /// Full path of the baseline: the file that the policy names, or in the folder that it names the file under the model's own path, as in
    /// a checkout of an earlier version beside this one. A path that climbs out of the policy's folder counts from where its climb ends, so
    /// that nothing but the named folder is searched. Whether the file is there is for its reader to say.
    /// </summary>
    /// <param name="policy">The policy; its path may be relative to the current folder.</param>
    /// <param name="model">A model whose entry has a baseline.</param>
    public static string Of(Policy policy, SelectedModel model)
    {
        string named = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Path.GetFullPath(policy.Path))!, model.Entry.Baseline!.Value));
        return Directory.Exists(named) ? Path.GetFullPath(Path.Combine(named, Below(model.Path))) : named;
    }

    /// <summary>True where a baseline is the very file that it should be a measure for, under whatever name: beside itself no model ever grows.</summary>
    /// <param name="baseline">Full path of the baseline.</param>
    /// <param name="model">Full path of the model.</param>
    public static bool IsModel(string baseline, string model) => FileIdentity.AreSame(baseline, model);

    // A path with a root is that of another drive, of which the name is all that a folder here can share.
    private static string Below(string path) => Path.IsPathRooted(path) ? Path.GetFileName(path) : GlobPath.SplitClimb(path).Below;
}
