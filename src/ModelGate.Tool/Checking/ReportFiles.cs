using System.Text;
using ModelGate.Models;
using ModelGate.Reporting;

namespace ModelGate.Tool.Checking;

/// <summary>Reports in files.</summary>
internal static class ReportFiles
{
    /// <summary>Writes the report of a run in the format of the file's extension, over no file that its verdict rests on.</summary>
    /// <returns>False where it could not be written; that is told, and the verdict stands.</returns>
    public static bool Write(CheckOutcome run, string file, TextWriter error)
    {
        try
        {
            string path = Path.GetFullPath(file);
            if (run.Files.Any(each => FileIdentity.AreSame(path, each)))
            {
                error.WriteLine(MSBuildReport.Line(new(Diagnostics.ReportNotWritten, new SourceLocation(file), "The report would replace a file that the verdict rests on. Give it another name; the verdict above stands.")));
                return false;
            }

            AtomicFile.Write(path, Encoding.UTF8.GetBytes(ReportFormat.Render(run.Report, ReportFormat.OfFile(file)!, TextStyle.Plain)));
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            error.WriteLine(MSBuildReport.Line(new(Diagnostics.ReportNotWritten, new SourceLocation(file), $"The report could not be written: {FileErrors.Reason(e)}. {Diagnostics.ReportNotWritten.Fix}")));
            return false;
        }
    }
}
