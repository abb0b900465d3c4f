namespace ModelGate.MSBuild;

/// <summary>Finds the policy of a project that names none; by the same rule as the tool.</summary>
internal static class PolicyLocation
{
    /// <summary>
    /// The nearest policy in the folder or above it, up to the root of the repository (the folder that holds <c>.git</c>),
    /// or of the disk where there is no repository, as in a container; null where there is none.
    /// </summary>
    /// <param name="folder">Full path of the project's folder.</param>
    public static string? Above(string folder)
    {
        for (string? at = folder; !string.IsNullOrEmpty(at); at = Path.GetDirectoryName(at))
        {
            string policy = Path.Combine(at, "modelgate.yml");
            if (File.Exists(policy) || File.Exists(policy = Path.Combine(at, "modelgate.yaml")))
                return policy;
            string repository = Path.Combine(at, ".git");
            if (Directory.Exists(repository) || File.Exists(repository))
                return null;
        }
        return null;
    }
}
