namespace ModelGate.Policies;

/// <summary>Finds the policy that holds for a folder.</summary>
public static class PolicyLocator
{
    /// <summary>File names of a policy, the preferred one first.</summary>
    public static IReadOnlyList<string> FileNames { get; } = ["modelgate.yml", "modelgate.yaml"];

    /// <summary>The policy in a folder or in the nearest one above it, up to and including the root of the repository (the folder with <c>.git</c>); null where there is none.</summary>
    /// <param name="folder">Where to begin.</param>
    public static string? Find(string folder)
    {
        for (var current = new DirectoryInfo(Path.GetFullPath(folder)); current is not null; current = current.Parent)
        {
            foreach (var name in FileNames)
            {
                var path = Path.Combine(current.FullName, name);
                if (File.Exists(path))
                    return path;
            }

            // A file in worktrees and submodules, a folder elsewhere.
            if (Path.Exists(Path.Combine(current.FullName, ".git")))
                return null;
        }

        return null;
    }
}
