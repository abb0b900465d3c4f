using System.Globalization;
using ModelGate.Tests;

namespace ModelGate.Benchmarks.Study;

/// <summary>
/// The study behind the latency verdicts: how often they are wrong, how much it takes for them to be right, and what other rules say of the
/// same runs. What is recorded stays in the repository, so that anyone can judge it anew without a quiet machine.
/// </summary>
internal static class LatencyStudy
{
    private static string Folder => Path.Combine(Repository.Root, "tests", "ModelGate.Benchmarks", "Recordings");

    /// <summary>Records for some minutes what is still missing, then prints the tables of all that is recorded.</summary>
    /// <param name="arguments"><c>--minutes N</c>; without it nothing is recorded.</param>
    /// <param name="output">Takes the tables.</param>
    /// <param name="log">Takes the progress.</param>
    public static int Run(string[] arguments, TextWriter output, TextWriter log)
    {
        double minutes = 0;
        if (arguments is not ([] or ["--minutes", _]) || (arguments is [_, var given] && !double.TryParse(given, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out minutes)))
        {
            log.WriteLine("usage: study [--minutes N]   record for N minutes what is missing, then print the tables");
            return 2;
        }

        Directory.CreateDirectory(Folder);
        Recording[] recordings = [.. Cell.All.Select(cell => new Recording(Folder, cell))];
        if (minutes > 0)
        {
            using var recorder = new Recorder();
            recorder.Record(recordings, minutes, log);
        }

        new StudyReport(recordings, output).Write();
        log.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{recordings.Sum(one => Math.Min(one.Lines.Count, one.Cell.Target))} of {recordings.Sum(one => one.Cell.Target)} lines are recorded in {Folder}."));
        return 0;
    }
}
