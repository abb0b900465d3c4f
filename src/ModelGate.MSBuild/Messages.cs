using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

namespace ModelGate.MSBuild;

/// <summary>What the task itself has to say. No text is ever formatted: braces in a file's name are just braces.</summary>
internal static class Messages
{
    /// <summary>Says a line of a receipt.</summary>
    public static void Log(this TaskLoggingHelper log, Said said)
    {
        string? file = said.File.Length > 0 ? said.File : null;
        switch (said.Loudness)
        {
            case Loudness.Error:
                log.LogError(null, said.Code, null, file, said.Line, said.Column, 0, 0, said.Text);
                break;
            case Loudness.Warning:
                log.LogWarning(null, said.Code, null, file, said.Line, said.Column, 0, 0, said.Text);
                break;
            default:
                log.LogMessage(said.Loudness == Loudness.Message ? MessageImportance.High : MessageImportance.Low, Plain(said));
                break;
        }
    }

    /// <summary>There is no policy.</summary>
    public static void LogPolicyNotFound(this TaskLoggingHelper log, string project, string message) =>
        log.LogError(null, "MG2001", null, project, 0, 0, 0, 0, message);

    /// <summary>A property of the project is not understood.</summary>
    public static void LogUsage(this TaskLoggingHelper log, string project, string message) =>
        log.LogError(null, "MG2090", null, project, 0, 0, 0, 0, message);

    /// <summary>The tool did not run.</summary>
    public static void LogCannotStart(this TaskLoggingHelper log, string project, string why) =>
        log.LogError(null, "MG4001", null, project, 0, 0, 0, 0,
            "ModelGate cannot start: " + why +
            " Install the .NET 10 runtime (the project may build with an older SDK, the gate runs on .NET 10), or name its host with -p:ModelGateDotnetHost=PATH.");

    /// <summary>Something went wrong that is nobody's fault but ours.</summary>
    public static void LogInternalError(this TaskLoggingHelper log, Exception e) => log.LogInternalError(e.ToString());

    /// <inheritdoc cref="LogInternalError(TaskLoggingHelper, Exception)"/>
    public static void LogInternalError(this TaskLoggingHelper log, string what) =>
        log.LogError(null, "MG9001", null, null, 0, 0, 0, 0, "Internal error of ModelGate; please report it: " + what);

    private static string Plain(Said said)
    {
        string place = said.File.Length == 0 ? "" : said.Line > 0 ? said.File + "(" + said.Line + "," + said.Column + "): " : said.File + ": ";
        return place + (said.Code.Length > 0 ? "message " + said.Code + ": " : "") + said.Text;
    }
}
