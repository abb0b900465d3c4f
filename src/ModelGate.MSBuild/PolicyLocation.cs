namespace ModelGate.MSBuild;

/// <summary>Finds the policy of a project that names none.</summary>
internal static class PolicyLocation
{
    /// <summary>Name of a policy file.</summary>
    public const string FileName = "modelgate.yml";

    /// <summary>
    /// The nearest policy in the folder or above it, up to the root of the repository (the folder that holds <c>.git</c>),
    /// or of the disk where there is no repository, as in a container; null where there is none.
    /// </summary>
    /// <param name="folder">Full path of the project's folder.</param>
    public static string? Above(string folder)
    {
        for (string? at = folder; !string.IsNullOrEmpty(at); at = Path.GetDirectoryName(at))
        {
            string candidate = Path.Combine(at, FileName);
            if (File.Exists(candidate))
                return candidate;
            string repository = Path.Combine(at, ".git");
            if (Directory.Exists(repository) || File.Exists(repository))
                return null;
        }
        return null;
    }
}
