using System.Globalization;
using System.Text;

namespace ModelGate.Reporting;

/// <summary>The canonical form of MSBuild, <c>file(line,col): error MG1001: text</c>, one line for each error and warning: what IDEs and CI services already understand. Then the machine and the runtime, where anything was timed.</summary>
public static class MSBuildReport
{
    /// <summary>Renders a report.</summary>
    public static string Render(Report report)
    {
        var text = new StringBuilder();
        foreach (var diagnostic in Summary.Told(report).Where(told => told.Severity != Severity.Note))
            text.Append(Line(diagnostic)).Append('\n');
        if (report.TimedOn is { } timedOn)
            text.Append(Untrusted.Inert(timedOn)).Append('\n');
        return text.ToString();
    }

    /// <summary>Renders one diagnostic.</summary>
    public static string Line(Diagnostic diagnostic)
    {
        string origin = diagnostic.At is { } at
            ? at.Line > 0 ? string.Create(CultureInfo.InvariantCulture, $"{Untrusted.Inert(at.File)}({at.Line},{at.Column})") : Untrusted.Inert(at.File)
            : "modelgate";
        // "note" is no category of MSBuild's; a warning that must not be counted is told as a message.
        string category = diagnostic.Severity == Severity.Note ? "message" : Summary.Name(diagnostic.Severity);
        return $"{origin}: {category} {diagnostic.Kind.Code}: {Untrusted.Inert(diagnostic.Message)}";
    }
}
