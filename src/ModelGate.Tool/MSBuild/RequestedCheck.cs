using System.Globalization;
using System.Text;
using ModelGate.Gating;
using ModelGate.Measuring;
using ModelGate.MSBuild;
using ModelGate.Policies;
using ModelGate.Reporting;
using ModelGate.Tool.Checking;

namespace ModelGate.Tool.MSBuild;

/// <summary>The tool's side of the MSBuild door: runs the check that the task's request asks for and leaves the answer as a receipt.</summary>
internal static class RequestedCheck
{
    /// <summary>Answers a request.</summary>
    /// <param name="requestFile">Path of the request.</param>
    /// <param name="terminal">Where the verdict goes if the receipt cannot be written, and what is wrong with the request.</param>
    /// <param name="cancellation">Ends it.</param>
    public static ExitCode Run(string requestFile, Terminal terminal, CancellationToken cancellation)
    {
        var started = DateTime.UtcNow;
        if (Read(requestFile, terminal) is not { } request)
            return ExitCode.PolicyOrUsage;
        var stamps = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string file in KnownBeforehand(request))
            stamps[file] = FileStamp.Of(file);

        var outcome = CheckRun.Execute(request.Policy, Options(request), cancellation);
        foreach (string file in outcome.Files)
        {
            if (!stamps.ContainsKey(file))
                stamps[file] = File.GetLastWriteTimeUtc(file) < started ? FileStamp.Of(file) : FileStamp.Never; // it may have changed after it was read
        }

        var exit = ExitCodes.Of(outcome.Report);
        string asked = outcome.UsedRuntime ? request.Question + request.Surroundings : request.Question;
        string receipt = Receipt.Write(asked, stamps, (int)exit, Lines(outcome.Report));
        return Leave(receipt, outcome.UsedRuntime ? request.ReceiptOfRuntime : request.Receipt, outcome.Report, terminal.Out) || exit != ExitCode.Pass ? exit : ExitCode.Internal;
    }

    // A line for each model that a project deploys: some thousands at most. The length is not asked for beforehand, since what grows or never ends tells none.
    private static Request? Read(string requestFile, Terminal terminal)
    {
        const int Longest = 16 << 20;
        try
        {
            using var reader = new StreamReader(requestFile);
            char[] text = new char[4096];
            int length = 0;
            for (int read; (read = reader.Read(text, length, text.Length - length)) > 0;)
            {
                length += read;
                if (length > Longest)
                    throw new FormatException($"more than {Longest} characters long, as no request is");
                if (length == text.Length)
                    Array.Resize(ref text, length * 2);
            }
            return Request.Parse(new(text, 0, length));
        }
        catch (Exception e) when (e is FormatException or IOException or UnauthorizedAccessException or IndexOutOfRangeException)
        {
            string why = e switch { FormatException => e.Message, IndexOutOfRangeException => "a line of it is cut short", _ => FileErrors.Reason(e) };
            terminal.Refuse($"--request {Untrusted.Inert(requestFile)}: {why}. The package ModelGate.MSBuild writes that file for itself; in a terminal, use `modelgate check POLICY`.");
            return null;
        }
    }

    private static IEnumerable<string> KnownBeforehand(Request request) =>
    [
        request.Policy,
        .. request.Models.Select(model => model.Key),
        .. request.Package.Length > 0 ? [request.Package] : Array.Empty<string>(),
        .. request.AssetsFile.Length > 0 && request.MeasuresAll ? [request.AssetsFile] : Array.Empty<string>(),
        .. ToolFiles.Assemblies,
        .. ToolFiles.Runtimes is { } runtimes ? [runtimes] : Array.Empty<string>(),
    ];

    private static CheckOptions Options(Request request)
    {
        var timings = new TimingStore(Path.GetDirectoryName(request.Receipt)!, new(MachineReader.Read));
        return new()
        {
            Package = request.Package.Length > 0 ? request.Package : null,
            RunsModels = request.MeasuresAll,
            Deployed = [.. request.Models.Select(model => new ModelCandidate(model.Key, model.Value))],
            FindRuntime = () => RuntimeOfProject.Read(request.AssetsFile, request.Framework, request.RuntimeIdentifier, RuntimeIdentifiers.OfThisProcess),
            TimeModel = timings.Measure,
            CompareModels = timings.Compare,
        };
    }

    // Errors and warnings as they stand, one line for what was put off, one for what was timed on where that matters, and the report as a whole for detailed logs.
    private static IEnumerable<string[]> Lines(Report report)
    {
        var told = report.Diagnostics.Concat(report.Budgets.Select(budget => budget.Diagnostic).OfType<Diagnostic>());
        foreach (var diagnostic in told.Where(diagnostic => diagnostic.Severity != Severity.Note).OrderByDescending(diagnostic => diagnostic.Severity))
        {
            var at = diagnostic.At ?? new SourceLocation("");
            yield return
            [
                diagnostic.Severity == Severity.Error ? Receipt.Error : Receipt.Warning, diagnostic.Kind.Code, Untrusted.Inert(at.File),
                at.Line.ToString(CultureInfo.InvariantCulture), at.Column.ToString(CultureInfo.InvariantCulture), Untrusted.Inert(diagnostic.Message),
            ];
        }

        BudgetResult[] unrun = [.. report.Budgets.Where(budget => budget.Verdict == Verdict.Deferred && budget.Budget.Metric.RunsTheModel)];
        if (unrun.Length > 0)
        {
            string others = unrun.Length > 1 ? $" and {unrun.Length - 1} more" : "";
            yield return Plain(Receipt.Message, $"ModelGate: {unrun[0].Budget.Metric} of {Untrusted.Inert(unrun[0].Subject)}{others} deferred: `modelgate check` judges it, or a build with -p:ModelGateMeasure=all.");
        }

        if (report.TimedOn is { } timedOn && report.Budgets.Any(budget => budget.Budget.Metric.RunsTheModel && budget.Diagnostic?.Severity > Severity.Note))
            yield return Plain(Receipt.Message, $"ModelGate: {Untrusted.Inert(timedOn)}.");

        foreach (string line in TextReport.Render(report, TextStyle.Plain).Split('\n', StringSplitOptions.RemoveEmptyEntries))
            yield return Plain(Receipt.Quiet, line.TrimEnd('\r'));
    }

    private static string[] Plain(string loudness, string text) => [loudness, "", "", "0", "0", text];

    private static bool Leave(string receipt, string path, Report report, TextWriter output)
    {
        try
        {
            AtomicFile.Write(path, Encoding.UTF8.GetBytes(receipt));
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            output.Write(MSBuildReport.Render(report));
            output.WriteLine(MSBuildReport.Line(new(Diagnostics.ReportNotWritten, new SourceLocation(path), $"The receipt could not be written: {FileErrors.Reason(e)}. {Diagnostics.ReportNotWritten.Fix}")));
            return false;
        }
    }
}
