using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

namespace ModelGate.MSBuild;

/// <summary>Picks the model files out of everything that a project deploys.</summary>
[MSBuildMultiThreadableTask]
public sealed class CollectModels : Microsoft.Build.Utilities.Task
{
    private const string DeployedPath = nameof(DeployedPath);

    // Where items of the different kinds keep the path they are deployed to, the most telling first.
    private static readonly string[] PathMetadata = [DeployedPath, "RelativePath", "TargetPath", "Link", "LogicalName"];

    /// <summary>Files that are copied, published, packed, embedded or bundled: those with a model's extension count.</summary>
    public ITaskItem[] Files { get; set; } = [];

    /// <summary>Files that the project names as models, whatever their extension.</summary>
    public ITaskItem[] Named { get; set; } = [];

    /// <summary>The models, each source once, with the metadata <c>DeployedPath</c>.</summary>
    [Output]
    public ITaskItem[] Models { get; private set; } = [];

    /// <inheritdoc/>
    public override bool Execute()
    {
        try
        {
            var models = new List<ITaskItem>();
            var sources = new HashSet<string>(StringComparer.Ordinal);
            foreach (var file in Files)
            {
                if (ModelExtensions.Contains(file.GetMetadata("Extension")))
                    Add(file, models, sources);
            }
            foreach (var file in Named)
                Add(file, models, sources);
            Models = [.. models];
        }
        catch (Exception e)
        {
            Log.LogInternalError(e);
        }
        return !Log.HasLoggedErrors;
    }

    private static void Add(ITaskItem file, List<ITaskItem> models, HashSet<string> sources)
    {
        string source = file.GetMetadata("FullPath"), deployed = Deployed(file);
        if (!sources.Add(source + "\n" + deployed))
            return;
        var model = new TaskItem(Escaped(source));
        model.SetMetadata(DeployedPath, Escaped(deployed));
        models.Add(model);
    }

    private static string Deployed(ITaskItem file)
    {
        string path = "";
        for (int i = 0; i < PathMetadata.Length && path.Length == 0; i++)
            path = file.GetMetadata(PathMetadata[i]);
        if (path.Length == 0)
            path = file.ItemSpec;
        path = path.Replace('\\', '/');
        bool isOutside = Path.IsPathRooted(path) || path.StartsWith("../", StringComparison.Ordinal);
        return isOutside ? Path.GetFileName(path) : path;
    }

    // An item's text is MSBuild-escaped: a percent sign or semicolon of a file name would otherwise be read as an escape or a list.
    private static string Escaped(string path) => path.Replace("%", "%25").Replace(";", "%3B").Replace("*", "%2A").Replace("?", "%3F");
}
