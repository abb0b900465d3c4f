using System.Xml;

namespace ModelGate.Policies;

/// <summary>The models that a project file names outside of its own folder, as far as its text says: what properties and imports make up, only a build knows.</summary>
public static class ProjectItems
{
    /// <summary>Full paths of those that are on disk; none where the file is no project, which its build will say.</summary>
    /// <param name="project">Full path of the project file.</param>
    public static IReadOnlyList<string> ModelsOutside(string project)
    {
        var search = new ModelSearch(Path.GetDirectoryName(project)!);
        SortedSet<string> models = new(StringComparer.Ordinal);
        try
        {
            using var reader = XmlReader.Create(project, new() { DtdProcessing = DtdProcessing.Prohibit });
            while (reader.Read())
            {
                foreach (string path in reader.GetAttribute("Include")?.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [])
                {
                    if (Outside(path) is { } outside)
                        models.UnionWith(search.Find(new(outside, outside, new(project))).Select(static found => found.Path));
                }
            }
        }
        catch (Exception e) when (e is XmlException or IOException or UnauthorizedAccessException)
        {
            return [.. models];
        }

        return [.. models];
    }

    // A path or glob that leads out of the folder, as a policy writes it; null for any other.
    private static string? Outside(string include)
    {
        string path = include.Replace('\\', '/');
        return path.StartsWith("../", StringComparison.Ordinal) && !path.AsSpan().ContainsAny("$@%?") && (GlobPath.IsGlob(path) || ModelExtensions.Match(path)) ? path : null;
    }
}
