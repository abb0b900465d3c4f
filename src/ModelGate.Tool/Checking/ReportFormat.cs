using ModelGate.Reporting;

namespace ModelGate.Tool.Checking;

/// <summary>The formats of a report, and which one a file name asks for.</summary>
internal static class ReportFormat
{
    /// <summary>The names that <c>--format</c> takes.</summary>
    public static readonly string[] Names = ["text", "json", "markdown", "msbuild", "github"];

    /// <summary>The format of a report file, by its extension; null where the extension says nothing.</summary>
    public static string? OfFile(string path) => Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".json" => "json",
        ".md" or ".markdown" => "markdown",
        ".txt" or ".log" => "text",
        _ => null,
    };

    /// <summary>Renders a report.</summary>
    public static string Render(Report report, string format, TextStyle style) => format switch
    {
        "json" => JsonReport.Render(report),
        "markdown" => MarkdownReport.Render(report),
        "msbuild" => MSBuildReport.Render(report),
        "github" => GitHubReport.Render(report, Environment.GetEnvironmentVariable("GITHUB_WORKSPACE") ?? "", Environment.CurrentDirectory),
        _ => TextReport.Render(report, style),
    };
}
