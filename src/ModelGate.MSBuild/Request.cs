namespace ModelGate.MSBuild;

/// <summary>
/// What the task asks the tool, handed over as a text file of tab-separated lines. Every path is absolute. The question is what every
/// answer depends on; the surroundings, what it depends on besides where a model was run to obtain it.
/// </summary>
internal sealed class Request
{
    private const string Header = "modelgate-request\t1\n", End = "end\n";

    /// <summary>Policy, measure, package and tool, and the models in a fixed order.</summary>
    public string Question { get; private set; } = "";

    /// <summary>Framework, runtime identifier, assets file and machine.</summary>
    public string Surroundings { get; private set; } = "";

    /// <summary>The policy to judge by.</summary>
    public string Policy { get; private set; } = "";

    /// <summary>True where latency, start-up and memory are to be measured too.</summary>
    public bool MeasuresAll { get; private set; }

    /// <summary>The package that was just written; empty outside pack.</summary>
    public string Package { get; private set; } = "";

    /// <summary>The models: source path and deployed path, the latter with forward slashes.</summary>
    public List<KeyValuePair<string, string>> Models { get; } = [];

    /// <summary>Target framework as the project writes it; in the outer build of several, the first of them.</summary>
    public string Framework { get; private set; } = "";

    /// <summary>Runtime identifier of the project; empty where it has none.</summary>
    public string RuntimeIdentifier { get; private set; } = "";

    /// <summary>NuGet's record of what the project's restore resolved; empty where there is none.</summary>
    public string AssetsFile { get; private set; } = "";

    /// <summary>Where the answer belongs where no model was run: it holds for every framework.</summary>
    public string Receipt { get; private set; } = "";

    /// <summary>Where the answer belongs where a model was run.</summary>
    public string ReceiptOfRuntime { get; private set; } = "";

    /// <summary>Writes the question. The models' lines are sorted, so that build and publish ask the same where they deploy the same.</summary>
    /// <param name="policy">Path of the policy.</param>
    /// <param name="measure"><c>static</c> or <c>all</c>.</param>
    /// <param name="package">Path of the package, or empty.</param>
    /// <param name="tool">Path of the tool.</param>
    /// <param name="models">Source path, a tab, and deployed path of each, both escaped.</param>
    public static string WriteQuestion(string policy, string measure, string package, string tool, string[] models)
    {
        Array.Sort(models, StringComparer.Ordinal);
        return "policy\t" + TabSeparated.Escape(policy) +
            "\nmeasure\t" + measure +
            "\npackage\t" + TabSeparated.Escape(package) +
            "\ntool\t" + TabSeparated.Escape(tool) +
            "\nmodel\t" + string.Join("\nmodel\t", models) + "\n";
    }

    /// <summary>Writes the surroundings. A machine's name is part of them: what was timed on another machine is not cited here.</summary>
    public static string WriteSurroundings(string framework, string runtimeIdentifier, string assetsFile, string machine) =>
        "framework\t" + TabSeparated.Escape(framework) +
        "\nrid\t" + TabSeparated.Escape(runtimeIdentifier) +
        "\nassets\t" + TabSeparated.Escape(assetsFile) +
        "\nmachine\t" + TabSeparated.Escape(machine) + "\n";

    /// <summary>Writes the request.</summary>
    public static string Write(string question, string surroundings, string receipt, string receiptOfRuntime) =>
        Header + question + surroundings + "receipts\t" + TabSeparated.Escape(receipt) + "\t" + TabSeparated.Escape(receiptOfRuntime) + "\n" + End;

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="FormatException">The text is cut short, something else, or of another version.</exception>
    public static Request Parse(string text)
    {
        if (!text.StartsWith(Header, StringComparison.Ordinal) || !text.EndsWith(End, StringComparison.Ordinal))
            throw new FormatException("not a request of this version of ModelGate: the task and the tool come from different packages");
        var request = new Request();
        string[] lines = text.Substring(Header.Length, text.Length - Header.Length - End.Length).Split(['\n'], StringSplitOptions.RemoveEmptyEntries);
        foreach (string line in lines)
            request.Take(line, TabSeparated.Split(line));
        return request;
    }

    private void Take(string line, string[] fields)
    {
        switch (fields[0])
        {
            case "policy": Policy = fields[1]; break;
            case "measure": MeasuresAll = fields[1] == "all"; break;
            case "package": Package = fields[1]; break;
            case "tool": break;
            case "model": Models.Add(new(fields[1], fields[2])); break;
            case "framework": Framework = fields[1]; break;
            case "rid": RuntimeIdentifier = fields[1]; break;
            case "assets": AssetsFile = fields[1]; break;
            case "machine": break;
            case "receipts": (Receipt, ReceiptOfRuntime) = (fields[1], fields[2]); return;
            default: throw new FormatException("a request does not hold '" + fields[0] + "'");
        }
        if (fields[0] is "framework" or "rid" or "assets" or "machine")
            Surroundings += line + "\n";
        else
            Question += line + "\n";
    }
}
