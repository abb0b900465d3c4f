using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

namespace ModelGate.MSBuild;

/// <summary>Lists the models of one target framework for the outer build that packs them all.</summary>
[MSBuildMultiThreadableTask]
public sealed class CollectModels : Microsoft.Build.Utilities.Task
{
    /// <inheritdoc cref="CheckModels.Files"/>
    public ITaskItem[]? Files { get; set; }

    /// <inheritdoc cref="CheckModels.Named"/>
    public ITaskItem[]? Named { get; set; }

    /// <summary>The models, with the metadata <c>DeployedPath</c>.</summary>
    [Output]
    public ITaskItem[] Models { get; private set; } = [];

    /// <inheritdoc/>
    public override bool Execute()
    {
        try
        {
            var models = DeployedModels.Pick(Files, Named);
            Models = new ITaskItem[models.Count];
            for (int i = 0; i < Models.Length; i++)
            {
                Models[i] = new TaskItem(Escaped(models[i].GetMetadata("FullPath")));
                Models[i].SetMetadata(DeployedModels.DeployedPath, Escaped(DeployedModels.PathOf(models[i])));
            }
        }
        catch (Exception e)
        {
            Log.LogError(null, "MG9001", null, null, 0, 0, 0, 0, "Internal error of ModelGate; please report it: " + e);
        }
        return !Log.HasLoggedErrors;
    }

    // An item's text is MSBuild-escaped: a percent sign or semicolon of a file name would otherwise be read as an escape or a list.
    private static string Escaped(string path) => path.Replace("%", "%25").Replace(";", "%3B").Replace("*", "%2A").Replace("?", "%3F");
}
