using System.ComponentModel;
using System.Text;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

namespace ModelGate.MSBuild;

/// <summary>One run of the tool in a process of its own. Says MG4001 itself where there is none; everything else is in the receipt.</summary>
internal sealed class ToolRun : ToolTask
{
    private const int LastLines = 20;
    private readonly List<string> output = [];

    /// <summary>Full path of the project.</summary>
    public string Project { get; set; } = "";

    /// <summary>The .NET host.</summary>
    public string DotnetHost { get; set; } = "";

    /// <summary>Full path of modelgate.dll.</summary>
    public string Tool { get; set; } = "";

    /// <summary>The request's text.</summary>
    public string Request { get; set; } = "";

    /// <summary>The last lines of its output.</summary>
    public IReadOnlyList<string> Output => output;

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
        if (!File.Exists(Tool))
            LogCannotStart("there is no tool at " + Tool + ".");
        else if (Path.IsPathRooted(DotnetHost) && !File.Exists(DotnetHost))
            LogCannotStart("there is no .NET host at " + DotnetHost + ".");
        else
            base.Execute();
        return !Log.HasLoggedErrors;
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
    protected override string GenerateResponseFileCommands() => Request;

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
        int exitCode;
        try
        {
            exitCode = base.ExecuteTool(pathToTool, responseFileCommands, commandLineCommands);
        }
        catch (Win32Exception e)
        {
            LogCannotStart("'" + pathToTool + "' does not run (" + e.Message + ").");
            return -1;
        }
        if (IsHostFailure(exitCode))
            LogCannotStart("its host says: " + string.Join(" ", output).Trim());
        return exitCode;
    }

    // What an exit code means is in the receipt.
    /// <inheritdoc/>
    protected override bool HandleTaskExecutionErrors() => true;

    // The host's own failures are 0x800080xx, of which Unix keeps the last byte, and it says why. A process that a signal ended has such
    // a code as well, and says nothing; 130, 134 and 143 are only ever signals.
    private bool IsHostFailure(int exitCode) =>
        unchecked((uint)exitCode & 0xFFFFFF00) == 0x80008000
        || (Path.DirectorySeparatorChar == '/' && exitCode is > 128 and < 0xB0 and not (130 or 134 or 143) && output.Count > 0);

    private void LogCannotStart(string why) => Log.LogError(null, "MG4001", null, Project, 0, 0, 0, 0,
        "ModelGate cannot start: " + why +
        " Install the .NET 10 runtime (the project may build with an older SDK, the gate runs on .NET 10), or name its host with -p:ModelGateDotnetHost=PATH.");
}
