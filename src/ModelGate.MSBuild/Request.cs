using System.Text;

namespace ModelGate.MSBuild;

/// <summary>A model file as the project deploys it.</summary>
/// <param name="source">Full path of the file.</param>
/// <param name="deployed">Path in the output, with forward slashes.</param>
internal sealed class DeployedModel(string source, string deployed)
{
    /// <summary>Full path of the file.</summary>
    public string Source { get; } = source;

    /// <summary>Path in the output, with forward slashes.</summary>
    public string Deployed { get; } = deployed;
}

/// <summary>What the task asks the tool, handed over as a text file. Every path is absolute.</summary>
internal sealed class Request
{
    private const string Header = "modelgate-request\t1";

    /// <summary>The policy to judge by.</summary>
    public string Policy { get; set; } = "";

    /// <summary>True where latency, start-up and memory are to be measured too.</summary>
    public bool MeasuresAll { get; set; }

    /// <summary>The package that was just written; empty outside pack.</summary>
    public string Package { get; set; } = "";

    /// <summary>The tool that judges.</summary>
    public string Tool { get; set; } = "";

    /// <summary>The models to judge, in a fixed order.</summary>
    public List<DeployedModel> Models { get; } = [];

    /// <summary>Target framework as the project writes it; empty in the outer build of several.</summary>
    public string Framework { get; set; } = "";

    /// <summary>Target framework as NuGet writes it in an assets file where it does not use the project's spelling.</summary>
    public string FrameworkMoniker { get; set; } = "";

    /// <summary>Runtime identifier of the project; empty where it has none.</summary>
    public string RuntimeIdentifier { get; set; } = "";

    /// <summary>NuGet's record of what the project's restore resolved; empty where there is none.</summary>
    public string AssetsFile { get; set; } = "";

    /// <summary>This machine's name: what was timed on another one is not cited here.</summary>
    public string Machine { get; set; } = "";

    /// <summary>The folder of receipts.</summary>
    public string Receipts { get; set; } = "";

    /// <summary>Name of the project, since projects of one folder share their receipts' folder.</summary>
    public string Project { get; set; } = "";

    /// <summary>What every answer depends on.</summary>
    public List<string> Question()
    {
        var lines = new List<string>(Models.Count + 4)
        {
            TabSeparated.Join("policy", Policy),
            TabSeparated.Join("measure", MeasuresAll ? "all" : "static"),
            TabSeparated.Join("package", Package),
            TabSeparated.Join("tool", Tool),
        };
        foreach (var model in Models)
            lines.Add(TabSeparated.Join("model", model.Source, model.Deployed));
        return lines;
    }

    /// <summary>What an answer depends on besides, where a model was run to obtain it.</summary>
    public List<string> Surroundings() =>
    [
        TabSeparated.Join("framework", Framework, FrameworkMoniker),
        TabSeparated.Join("rid", RuntimeIdentifier),
        TabSeparated.Join("assets", AssetsFile),
        TabSeparated.Join("machine", Machine),
    ];

    /// <summary>
    /// Where the answer belongs: by the set of models, so that each set keeps its own, and by framework where a runtime was needed.
    /// Build and publish share what they both deploy.
    /// </summary>
    public string ReceiptPath(bool usedRuntime)
    {
        var set = new StringBuilder(Project);
        foreach (var model in Models)
            set.Append('\n').Append(model.Source).Append('\t').Append(model.Deployed);
        string name = Fnv1a.Of(set.ToString()) + (Package.Length > 0 ? ".pack" : "");
        string runtime = usedRuntime ? "." + Framework + (RuntimeIdentifier.Length > 0 ? "." + RuntimeIdentifier : "") : "";
        return Path.Combine(Receipts, name + runtime + ".receipt");
    }

    /// <summary>The file's text.</summary>
    public string Format()
    {
        var text = new StringBuilder(Header).Append('\n');
        foreach (string line in Question())
            text.Append(line).Append('\n');
        foreach (string line in Surroundings())
            text.Append(line).Append('\n');
        text.Append(TabSeparated.Join("receipts", Receipts)).Append('\n');
        text.Append(TabSeparated.Join("project", Project)).Append('\n');
        return text.ToString();
    }

    /// <summary>Reads what <see cref="Format"/> wrote.</summary>
    /// <exception cref="FormatException">The text is something else, or of another version.</exception>
    public static Request Parse(string text)
    {
        string[] lines = text.Split('\n');
        if (lines[0] != Header)
            throw new FormatException("not a request of this version of ModelGate: task and tool come from different packages");
        var request = new Request();
        for (int i = 1; i < lines.Length - 1; i++)
            request.Take(TabSeparated.Split(lines[i]));
        return request;
    }

    private void Take(string[] fields)
    {
        switch (fields[0])
        {
            case "policy": Policy = fields[1]; break;
            case "measure": MeasuresAll = fields[1] == "all"; break;
            case "package": Package = fields[1]; break;
            case "tool": Tool = fields[1]; break;
            case "model": Models.Add(new(fields[1], fields[2])); break;
            case "framework": (Framework, FrameworkMoniker) = (fields[1], fields[2]); break;
            case "rid": RuntimeIdentifier = fields[1]; break;
            case "assets": AssetsFile = fields[1]; break;
            case "machine": Machine = fields[1]; break;
            case "receipts": Receipts = fields[1]; break;
            case "project": Project = fields[1]; break;
            default: throw new FormatException("a request does not hold '" + fields[0] + "'");
        }
    }
}
