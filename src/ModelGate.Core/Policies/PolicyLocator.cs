namespace ModelGate.Policies;

/// <summary>Finds the policy that holds for a folder. Compiled into the tool and into the MSBuild task, so that both find the same one.</summary>
public static class PolicyLocator
{
    /// <summary>File names of a policy, the preferred one first.</summary>
    public static IReadOnlyList<string> FileNames { get; } = ["modelgate.yml", "modelgate.yaml"];

    /// <summary>The policy in a folder or in the nearest one above it, up to and including the root of the repository (the folder with <c>.git</c>), or of the disk where there is no repository, as in a container; null where there is none.</summary>
    /// <param name="folder">Where to begin.</param>
    public static string? Find(string folder)
    {
        for (string? current = Path.GetFullPath(folder); !string.IsNullOrEmpty(current); current = Path.GetDirectoryName(current))
        {
            foreach (string name in FileNames)
            {
                string path = Path.Combine(current, name);
                if (File.Exists(path))
                    return path;
            }

            // A file in worktrees and submodules, a folder elsewhere.
            string repository = Path.Combine(current, ".git");
            if (Directory.Exists(repository) || File.Exists(repository))
                return null;
        }

        return null;
    }
}
