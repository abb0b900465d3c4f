using System.ComponentModel;
using System.Text;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

namespace ModelGate.MSBuild;

/// <summary>
/// Gates the models that a project deploys: cites the receipt of an earlier run where nothing it depends on has changed,
/// and otherwise runs the tool in a process of its own. Models never enter this process.
/// </summary>
[MSBuildMultiThreadableTask]
public sealed class CheckModels : ToolTask
{
    private const int LastLines = 20;
    private readonly List<string> output = [];
    private Request request = new();
    private volatile bool cancelled;

    /// <summary>The models, with the metadata <c>DeployedPath</c>.</summary>
    public ITaskItem[] Models { get; set; } = [];

    /// <summary>Full path of the policy; empty to look for it from the project's folder upward.</summary>
    public string Policy { get; set; } = "";

    /// <summary><c>static</c> or <c>all</c>.</summary>
    [Required]
    public string Measure { get; set; } = "";

    /// <summary>Full path of the package that was just written; empty outside pack.</summary>
    public string Package { get; set; } = "";

    /// <summary>Full path of the project.</summary>
    [Required]
    public string Project { get; set; } = "";

    /// <summary>Target framework; empty in the outer build of several.</summary>
    public string TargetFramework { get; set; } = "";

    /// <summary>The same as NuGet spells it.</summary>
    public string TargetFrameworkMoniker { get; set; } = "";

    /// <summary>Runtime identifier; empty where the project has none.</summary>
    public string RuntimeIdentifier { get; set; } = "";

    /// <summary>Full path of project.assets.json.</summary>
    public string AssetsFile { get; set; } = "";

    /// <summary>Full path of the folder of receipts.</summary>
    [Required]
    public string Receipts { get; set; } = "";

    /// <summary>Full path of a file that is newer than the policy after a pass and absent after a failure; empty for none.</summary>
    public string PassStamp { get; set; } = "";

    /// <summary>Full path of modelgate.dll.</summary>
    [Required]
    public string Tool { get; set; } = "";

    /// <summary>The .NET host that runs it.</summary>
    [Required]
    public string DotnetHost { get; set; } = "";

    /// <summary>What an earlier moment of this build has told, by <see cref="Told"/>: warnings are not told twice, errors are.</summary>
    public ITaskItem[] AlreadyTold { get; set; } = [];

    /// <summary>What has been told so far.</summary>
    [Output]
    public ITaskItem[] Told { get; private set; } = [];

    /// <inheritdoc/>
    protected override string ToolName => "dotnet";

    /// <inheritdoc/>
    protected override Encoding ResponseFileEncoding => new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);

    /// <inheritdoc/>
    protected override Encoding StandardOutputEncoding => Encoding.UTF8;

    /// <inheritdoc/>
    protected override Encoding StandardErrorEncoding => Encoding.UTF8;

    /// <inheritdoc/>
    public override bool Execute()
    {
        try
        {
            bool judgedAnew = Models.Length > 0 && Ask() && Gate();
            if (PassStamp.Length > 0)
                LeavePassStamp(judgedAnew);
        }
        catch (Exception e)
        {
            Log.LogInternalError(e);
        }
        return !Log.HasLoggedErrors;
    }

    /// <inheritdoc/>
    public override void Cancel()
    {
        cancelled = true;
        base.Cancel();
    }

    /// <inheritdoc/>
    protected override string GenerateFullPathToTool() => DotnetHost;

    /// <inheritdoc/>
    protected override string GenerateCommandLineCommands()
    {
        var line = new CommandLineBuilder();
        line.AppendSwitch("exec");
        line.AppendFileNameIfNotNull(Tool);
        line.AppendSwitch("check");
        return line.ToString();
    }

    /// <inheritdoc/>
    protected override string GenerateResponseFileCommands() => request.Format();

    /// <inheritdoc/>
    protected override string GetResponseFileSwitch(string responseFilePath) => "--request \"" + responseFilePath + "\"";

    /// <inheritdoc/>
    protected override string GetWorkingDirectory() => Path.GetDirectoryName(Project) ?? "";

    /// <inheritdoc/>
    protected override void LogToolCommand(string message) => Log.LogMessage(MessageImportance.Low, message);

    /// <inheritdoc/>
    protected override void LogEventsFromTextOutput(string singleLine, MessageImportance messageImportance)
    {
        Log.LogMessage(MessageImportance.Low, singleLine);
        if (output.Count == LastLines)
            output.RemoveAt(0);
        output.Add(singleLine);
    }

    /// <inheritdoc/>
    protected override int ExecuteTool(string pathToTool, string responseFileCommands, string commandLineCommands)
    {
        try
        {
            return base.ExecuteTool(pathToTool, responseFileCommands, commandLineCommands);
        }
        catch (Win32Exception e)
        {
            Log.LogCannotStart(Project, "'" + pathToTool + "' does not run (" + e.Message + ").");
            return -1;
        }
    }

    // The receipt says what the exit code means.
    /// <inheritdoc/>
    protected override bool HandleTaskExecutionErrors() => true;

    private bool Ask()
    {
        string? policy = Policy.Length > 0 ? Policy : PolicyLocation.Above(GetWorkingDirectory());
        if (policy is null || !File.Exists(policy))
        {
            Log.LogPolicyNotFound(Project, policy is null
                ? "The project deploys " + Models[0].GetMetadata("DeployedPath") + ", and neither its folder nor one above it holds a " + PolicyLocation.FileName +
                  ". Run `modelgate init` to write one, name it with -p:ModelGatePolicy=PATH, or set ModelGateSkip to true."
                : "There is no policy at " + policy + ". Run `modelgate init` to write one, or correct ModelGatePolicy.");
            return false;
        }
        bool measuresAll = Measure.Equals("all", StringComparison.OrdinalIgnoreCase);
        if (!measuresAll && !Measure.Equals("static", StringComparison.OrdinalIgnoreCase))
        {
            Log.LogUsage(Project, "ModelGateMeasure is '" + Measure + "'; it may be 'static' or 'all'.");
            return false;
        }

        request = new()
        {
            Policy = policy, MeasuresAll = measuresAll, Package = Package, Tool = Tool,
            Framework = TargetFramework, FrameworkMoniker = TargetFrameworkMoniker, RuntimeIdentifier = RuntimeIdentifier, AssetsFile = AssetsFile,
            Machine = Environment.MachineName, Receipts = Receipts, Project = Path.GetFileName(Project),
        };
        foreach (var model in Models)
            request.Models.Add(new(model.GetMetadata("FullPath"), model.GetMetadata("DeployedPath")));
        request.Models.Sort((one, other) =>
            string.CompareOrdinal(one.Deployed, other.Deployed) is var order and not 0 ? order : string.CompareOrdinal(one.Source, other.Source));
        return true;
    }

    // True where the tool ran for it.
    private bool Gate()
    {
        var receipt = Cited();
        bool judgedAnew = receipt is null;
        if (receipt is null)
        {
            using var turn = WaitForTurn();
            receipt = Cited() ?? Judge();
        }
        if (receipt is not null)
            Tell(receipt);
        return judgedAnew;
    }

    // A run that needed no runtime holds for every framework; one that did, for its own.
    private Receipt? Cited() =>
        Receipt.Read(request.ReceiptPath(usedRuntime: false)) is { } any && any.Answers(request, usedRuntime: false) ? any
        : Receipt.Read(request.ReceiptPath(usedRuntime: true)) is { } own && own.Answers(request, usedRuntime: true) ? own
        : null;

    // One run at a time for one project: who waited finds the receipt of the one before. The system takes the lock back from a process that dies.
    private FileStream? WaitForTurn()
    {
        try
        {
            Directory.CreateDirectory(Receipts);
            string path = Path.Combine(Receipts, "lock");
            while (!cancelled)
            {
                try
                {
                    return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
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

    private Receipt? Judge()
    {
        if (cancelled)
            return null;
        string any = request.ReceiptPath(usedRuntime: false), own = request.ReceiptPath(usedRuntime: true);
        if (Directory.Exists(Receipts))
        {
            File.Delete(any); // a run that dies half-way leaves nothing to cite
            File.Delete(own);
        }
        if (!File.Exists(Tool))
        {
            Log.LogCannotStart(Project, "there is no tool at " + Tool + ".");
            return null;
        }
        if (Path.IsPathRooted(DotnetHost) && !File.Exists(DotnetHost))
        {
            Log.LogCannotStart(Project, "there is no .NET host at " + DotnetHost + ".");
            return null;
        }

        base.Execute();

        var receipt = Receipt.Read(any) ?? Receipt.Read(own);
        if (receipt is null && !Log.HasLoggedErrors && !cancelled)
            ExplainSilence();
        return receipt;
    }

    private void ExplainSilence()
    {
        if (IsHostFailure(ExitCode))
        {
            Log.LogCannotStart(Project, "its host says: " + string.Join(" ", output).Trim());
            return;
        }
        foreach (string line in output)
            Log.LogMessageFromText(line, MessageImportance.High); // a receipt that could not be written: the verdict is in the output
        Log.LogInternalError("the tool ended with exit code " + ExitCode + " and left no receipt in " + Receipts + ".");
    }

    // The host's own failures are 0x800080xx, of which Unix keeps the last byte. 130 and 143 are signals.
    private static bool IsHostFailure(int exitCode) =>
        unchecked((uint)exitCode & 0xFFFFFF00) == 0x80008000 || (exitCode is > 128 and <= 0xAF and not 130 and not 143 && Path.DirectorySeparatorChar == '/');

    private void Tell(Receipt receipt)
    {
        var told = new HashSet<string>(StringComparer.Ordinal);
        foreach (var item in AlreadyTold)
            told.Add(item.ItemSpec);
        foreach (var line in receipt.Lines)
        {
            if (told.Add(Fnv1a.Of(line.Format())) || line.Loudness == Loudness.Error)
                Log.Log(line);
        }
        if (receipt.ExitCode != 0 && !Log.HasLoggedErrors)
            Log.LogInternalError("the tool ended with exit code " + receipt.ExitCode + " and named no error.");

        Told = new ITaskItem[told.Count];
        int i = 0;
        foreach (string line in told)
            Told[i++] = new TaskItem(line);
    }

    // Visual Studio skips a build whose outputs are newer than its inputs: a failed gate must never look up to date.
    private void LeavePassStamp(bool judgedAnew)
    {
        if (Log.HasLoggedErrors)
        {
            File.Delete(PassStamp);
        }
        else if (judgedAnew || !File.Exists(PassStamp) || (request.Policy.Length > 0 && File.GetLastWriteTimeUtc(PassStamp) < File.GetLastWriteTimeUtc(request.Policy)))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(PassStamp)!);
            File.WriteAllText(PassStamp, "");
        }
    }
}
