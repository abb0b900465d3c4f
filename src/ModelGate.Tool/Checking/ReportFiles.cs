using System.Text;
using ModelGate.Reporting;

namespace ModelGate.Tool.Checking;

/// <summary>Reports in files.</summary>
internal static class ReportFiles
{
    /// <summary>Writes a report in the format of the file's extension.</summary>
    /// <returns>False where it could not be written; that is told, and the verdict stands.</returns>
    public static bool Write(Report report, string file, TextWriter error)
    {
        try
        {
            AtomicFile.Write(file, Encoding.UTF8.GetBytes(ReportFormat.Render(report, ReportFormat.OfFile(file)!, TextStyle.Plain)));
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            error.WriteLine(MSBuildReport.Line(new(Diagnostics.ReportNotWritten, new SourceLocation(file), $"The report could not be written: {FileErrors.Reason(e)}. {Diagnostics.ReportNotWritten.Fix}")));
            return false;
        }
    }
}
