using Microsoft.Build.Framework;
using ModelGate.Policies;

namespace ModelGate.MSBuild;

/// <summary>Picks the model files out of everything that a project deploys.</summary>
internal static class DeployedModels
{
    /// <summary>Metadata of an item that an earlier pick has settled.</summary>
    public const string DeployedPath = nameof(DeployedPath);

    /// <summary>The models, each file once, the path it is deployed to taken from the first item that names it.</summary>
    /// <param name="files">Those with a model's extension count.</param>
    /// <param name="named">Those count whatever their extension.</param>
    public static List<ITaskItem> Pick(ITaskItem[]? files, ITaskItem[]? named)
    {
        var models = new List<ITaskItem>();
        var sources = new HashSet<string>(FilePaths.Comparer);
        foreach (var file in files ?? [])
        {
            if (ModelExtensions.Match(file.GetMetadata("Extension")) && sources.Add(file.GetMetadata("FullPath")))
                models.Add(file);
        }
        foreach (var file in named ?? [])
        {
            if (sources.Add(file.GetMetadata("FullPath")))
                models.Add(file);
        }
        return models;
    }

    /// <summary>The path a model is deployed to, with forward slashes; its name alone where that lies outside the output.</summary>
    public static string PathOf(ITaskItem model)
    {
        // Items of the different kinds keep it in different places; the most telling first.
        string path = model.GetMetadata(DeployedPath);
        if (path.Length == 0)
            path = model.GetMetadata("RelativePath");
        if (path.Length == 0)
            path = model.GetMetadata("TargetPath");
        if (path.Length == 0)
            path = model.GetMetadata("Link");
        if (path.Length == 0)
            path = model.GetMetadata("LogicalName");
        if (path.Length == 0)
            path = model.ItemSpec;
        path = path.Replace('\\', '/');
        return Path.IsPathRooted(path) || path.StartsWith("../", StringComparison.Ordinal) ? Path.GetFileName(path) : path;
    }
}
