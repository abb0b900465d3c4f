using System.Globalization;
using ModelGate.Measuring;
using ModelGate.Tests;

namespace ModelGate.Benchmarks.Study;

/// <summary>
/// The study behind the latency verdicts: how often they are wrong, how much it takes for them to be right, and what other rules say of the
/// same runs. What is recorded stays in the repository, so that anyone can judge it anew without a quiet machine.
/// </summary>
internal static class LatencyStudy
{
    private static string Recordings => Path.Combine(Repository.Root, "tests", "ModelGate.Benchmarks", "Recordings");

    /// <summary>Records for some minutes what is still missing, then prints the tables of all that is recorded.</summary>
    /// <param name="arguments"><c>--minutes N</c>, without which nothing is recorded; <c>--condition quiet|busy</c>, without which both are.</param>
    /// <param name="output">Takes the tables.</param>
    /// <param name="log">Takes the progress.</param>
    public static int Run(string[] arguments, TextWriter output, TextWriter log)
    {
        if (Wanted(arguments) is not var (minutes, condition))
        {
            log.WriteLine("usage: study [--minutes N [--condition quiet|busy]]   record for N minutes what is missing, then print the tables");
            return 2;
        }

        if (minutes > 0)
            Record(minutes, condition, log);
        foreach (string folder in RecordedMachine.Folders(Recordings))
        {
            IReadOnlyList<Recording> recordings = Recording.AllOf(folder);
            new StudyReport(RecordedMachine.Title(folder), recordings, output).Write();
            log.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{recordings.Sum(one => Math.Min(one.Lines.Count, one.Cell.Target))} of {recordings.Sum(one => one.Cell.Target)} lines are recorded in {folder}."));
        }

        return 0;
    }

    private static void Record(double minutes, string? condition, TextWriter log)
    {
        using var recorder = new Recorder();
        string folder = RecordedMachine.FolderOf(Recordings, MachineReader.Read(), recorder.LoadedRuntime());
        recorder.Record([.. Recording.AllOf(folder).Where(one => condition is null || one.Cell.Condition == condition)], minutes, log);
    }

    private static (double Minutes, string? Condition)? Wanted(string[] arguments) => arguments switch
    {
        [] => (0, null),
        ["--minutes", var minutes] => Number(minutes) is { } number ? (number, null) : null,
        ["--minutes", var minutes, "--condition", "quiet" or "busy"] => Number(minutes) is { } number ? (number, arguments[3]) : null,
        _ => null,
    };

    private static double? Number(string text) => double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number) ? number : null;
}
