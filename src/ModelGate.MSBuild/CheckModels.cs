using System.Globalization;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;
using ModelGate.Policies;

namespace ModelGate.MSBuild;

/// <summary>
/// Gates the models that a project deploys: cites the receipt of an earlier run where nothing it depends on has changed,
/// and otherwise runs the tool. Models never enter this process. The path that cites is kept short, since every build pays
/// for compiling it just in time.
/// </summary>
[MSBuildMultiThreadableTask]
public sealed class CheckModels : Microsoft.Build.Utilities.Task, ICancelableTask
{
    private string question = "", receipt = "", receiptOfRuntime = "";
    private volatile bool cancelled;
    private bool toolDidNotRun;
    private ToolRun? run;

    /// <summary>Files that are copied, published, packed, embedded or bundled: those with a model's extension count.</summary>
    public ITaskItem[]? Files { get; set; }

    /// <summary>Files that the project names as models, whatever their extension.</summary>
    public ITaskItem[]? Named { get; set; }

    /// <summary>Full path of the policy; null to look for it from the project's folder upward.</summary>
    public string? Policy { get; set; }

    /// <summary><c>static</c> or <c>all</c>.</summary>
    [Required]
    public string Measure { get; set; } = "";

    /// <summary>Full path of the package that was just written; null outside pack.</summary>
    public string? Package { get; set; }

    /// <summary>Full path of the project.</summary>
    [Required]
    public string Project { get; set; } = "";

    /// <summary>Target framework; in the outer build of several, the first of them.</summary>
    public string? TargetFramework { get; set; }

    /// <summary>Runtime identifier; null where the project has none.</summary>
    public string? RuntimeIdentifier { get; set; }

    /// <summary>Full path of project.assets.json.</summary>
    public string? AssetsFile { get; set; }

    /// <summary>Full path of the folder of receipts.</summary>
    [Required]
    public string Receipts { get; set; } = "";

    /// <summary>Full path of a file that is newer than the policy after a pass and absent after a failure; null for none.</summary>
    public string? PassStamp { get; set; }

    /// <summary>Full path of modelgate.dll.</summary>
    [Required]
    public string Tool { get; set; } = "";

    /// <summary>The .NET host that runs it.</summary>
    [Required]
    public string DotnetHost { get; set; } = "";

    /// <summary>What an earlier moment of this build has told, by <see cref="Told"/>: warnings are not told twice, errors are.</summary>
    public ITaskItem[]? AlreadyTold { get; set; }

    /// <summary>What has been told so far.</summary>
    [Output]
    public ITaskItem[]? Told { get; private set; }

    private bool HasFailed => toolDidNotRun || Log.HasLoggedErrors;

    /// <inheritdoc/>
    public override bool Execute()
    {
        try
        {
            string? policy = null;
            bool judgedAnew = false;
            var models = DeployedModels.Pick(Files, Named);
            if (models.Count > 0 && (policy = FindPolicy(models)) is not null)
            {
                Ask(policy, models);
                string[]? said = Cited();
                judgedAnew = said is null;
                said ??= Judge();
                if (said is not null)
                    Tell(said);
            }
            if (PassStamp is not null)
                LeavePassStamp(PassStamp, policy, judgedAnew);
        }
        catch (Exception e)
        {
            LogInternalError(e.ToString());
        }
        return !HasFailed;
    }

    /// <inheritdoc/>
    public void Cancel()
    {
        cancelled = true;
        run?.Cancel();
    }

    private string? FindPolicy(List<ITaskItem> models)
    {
        string? policy = Policy ?? PolicyLocator.Find(Path.GetDirectoryName(Project)!);
        if (policy is not null && File.Exists(policy))
            return policy;
        Log.LogError(null, "MG2001", null, Project, 0, 0, 0, 0, policy is null
            ? "The project deploys " + DeployedModels.PathOf(models[0]) + ", and neither its folder nor one above it holds a modelgate.yml." +
              " Run `modelgate init` to write one (`dnx ModelGate init` where the tool is not installed), name it with -p:ModelGatePolicy=PATH, or set ModelGateSkip to true."
            : "There is no policy at " + policy + ". Run `modelgate init` to write one, or correct ModelGatePolicy.");
        return null;
    }

    private void Ask(string policy, List<ITaskItem> models)
    {
        string[] lines = new string[models.Count];
        for (int i = 0; i < lines.Length; i++)
            lines[i] = TabSeparated.Escape(models[i].GetMetadata("FullPath")) + "\t" + TabSeparated.Escape(DeployedModels.PathOf(models[i]));
        question = Request.WriteQuestion(policy, Measure, Package ?? "", Tool, lines);

        // Named by the set of models, so that each set of a project keeps its own, whatever else changes. Projects may share a folder.
        string set = Fnv1a.Of(Path.GetFileName(Project) + "\n" + string.Join("\n", lines));
        receipt = Path.Combine(Receipts, Package is null ? set : set + ".pack");
        receiptOfRuntime = receipt + "." + TargetFramework + RuntimeIdentifier + ".receipt";
        receipt += ".receipt";
    }

    // A run that needed no runtime holds for every framework; one that did, for its own.
    private string[]? Cited() =>
        Receipt.Read(receipt, question, toCite: true) ?? (File.Exists(receiptOfRuntime) ? Receipt.Read(receiptOfRuntime, question + Surroundings(), toCite: true) : null);

    private string Surroundings() =>
        Request.WriteSurroundings(TargetFramework ?? "", RuntimeIdentifier ?? "", AssetsFile ?? "", Environment.MachineName);

    private string[]? Judge()
    {
        if (Measure is not ("static" or "all"))
        {
            Log.LogError(null, "MG2090", null, Project, 0, 0, 0, 0, "ModelGateMeasure is '" + Measure + "'; it may be 'static' or 'all'.");
            return null;
        }
        using var turn = WaitForTurn();
        if (cancelled)
            return null;
        if (Cited() is { } made)
            return made;
        if (Directory.Exists(Receipts))
        {
            File.Delete(receipt); // a run that dies half-way leaves nothing to cite
            File.Delete(receiptOfRuntime);
        }
        string surroundings = Surroundings();
        run = new()
        {
            BuildEngine = BuildEngine,
            HostObject = HostObject,
            Project = Project,
            DotnetHost = DotnetHost,
            Tool = Tool,
            Request = Request.Write(question, surroundings, receipt, receiptOfRuntime),
        };
        if (!run.Execute())
        {
            toolDidNotRun = true; // and has said why, in a log of its own
            return null;
        }
        string[]? said = Receipt.Read(receipt, question, toCite: false) ?? Receipt.Read(receiptOfRuntime, question + surroundings, toCite: false);
        if (said is null && !cancelled)
        {
            foreach (string line in run.Output)
                Log.LogMessageFromText(line, MessageImportance.High); // a receipt that could not be written: the verdict is in the output
            LogInternalError("the tool ended with exit code " + run.ExitCode + " and left no receipt in " + Receipts + ".");
        }
        return said;
    }

    // One run at a time for one project: who waited finds the receipt of the one before. The system takes the lock back from a process that dies.
    private FileStream? WaitForTurn()
    {
        try
        {
            Directory.CreateDirectory(Receipts);
            while (!cancelled)
            {
                try
                {
                    return new FileStream(Path.Combine(Receipts, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
                }
                catch (IOException e) when (IsHeldByAnother(e))
                {
                    Thread.Sleep(50);
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.LogMessage(MessageImportance.Low, "The folder of receipts cannot be locked: " + e.Message); // the tool says so where it matters
        }
        return null;
    }

    private static bool IsHeldByAnother(IOException e)
    {
        const int SharingViolation = unchecked((int)0x80070020), LockViolation = unchecked((int)0x80070021), LinuxWouldBlock = 11, MacWouldBlock = 35;
        return e.HResult is SharingViolation or LockViolation or LinuxWouldBlock or MacWouldBlock;
    }

    private void Tell(string[] said)
    {
        var told = new HashSet<string>(StringComparer.Ordinal);
        foreach (var item in AlreadyTold ?? [])
            told.Add(item.ItemSpec);
        for (int i = 1; i < said.Length; i++)
        {
            string[] fields = TabSeparated.Split(said[i]);
            string? file = fields[3].Length > 0 ? fields[3] : null;
            int line = int.Parse(fields[4], CultureInfo.InvariantCulture), column = int.Parse(fields[5], CultureInfo.InvariantCulture);
            // No text is ever formatted: braces in a file's name are just braces.
            if (fields[1] == Receipt.Error)
                Log.LogError(null, fields[2], null, file, line, column, 0, 0, fields[6]);
            else if (!told.Add(Fnv1a.Of(said[i])))
                continue;
            else if (fields[1] == Receipt.Warning)
                Log.LogWarning(null, fields[2], null, file, line, column, 0, 0, fields[6]);
            else
                Log.LogMessage(fields[1] == Receipt.Message ? MessageImportance.High : MessageImportance.Low, fields[6]);
        }
        if (said[0] != "exit\t0" && !Log.HasLoggedErrors)
            LogInternalError("the tool ended with " + said[0] + " and named no error.");

        Told = new ITaskItem[told.Count];
        int next = 0;
        foreach (string line in told)
            Told[next++] = new TaskItem(line);
    }

    // Visual Studio skips a build whose outputs are newer than its inputs: a failed gate must never look up to date.
    private void LeavePassStamp(string stamp, string? policy, bool judgedAnew)
    {
        if (HasFailed)
        {
            if (File.Exists(stamp)) // its folder may not be there yet either
                File.Delete(stamp);
        }
        else if (judgedAnew || !File.Exists(stamp) || (policy is not null && File.GetLastWriteTimeUtc(stamp) < File.GetLastWriteTimeUtc(policy)))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(stamp)!);
            File.WriteAllText(stamp, "");
        }
    }

    private void LogInternalError(string what) =>
        Log.LogError(null, "MG9001", null, null, 0, 0, 0, 0, "Internal error of ModelGate; please report it: " + what);
}
