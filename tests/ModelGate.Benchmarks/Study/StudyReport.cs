using System.Globalization;
using ModelGate.Gating;
using ModelGate.Measuring;

namespace ModelGate.Benchmarks.Study;

/// <summary>The tables of the study, as Markdown, from what is recorded of one machine. A figure that misses its aim says so itself.</summary>
/// <param name="title">The machine.</param>
/// <param name="recordings">Every cell.</param>
/// <param name="output">Takes the tables.</param>
internal sealed class StudyReport(string title, IReadOnlyList<Recording> recordings, TextWriter output)
{
    // Fewer restarts say too little of a tail.
    private const int LeastLines = 20;

    private const double Rarely = 0.01, Nearly = 0.99, Mostly = 0.95, Largely = 0.9;
    // Beyond the increase that is allowed.
    private const double LeastTold = 0.02;

    private const double SecondsOfComparison = 20, SecondsOfPercentile = 60, SecondsOfClearPercentile = 10;

    private static readonly Percentile[] Percentiles = [Percentile.Of(MetricCatalogue.Find("latency.p50")!)!, Percentile.Of(MetricCatalogue.Find("latency.p95")!)!];

    private string[] head = [];

    /// <summary>Writes every table.</summary>
    public void Write()
    {
        output.WriteLine(title + ".");
        WriteGates();
        WriteAlike();
        WriteSlower();
        WriteAbsolute();
        WriteClear();
    }

    private void WriteGates()
    {
        Head("Whole gates of a model against itself, `max_increase: 5%`; aim: no breach", "model", "machine", "gates", "breach", "inconclusive", "pass", "median time", "longest");
        foreach (var recording in Of(Kind.Gate, 1))
        {
            GateLine[] gates = [.. recording.Lines.Select(GateLine.Of)];
            double[] seconds = [.. gates.Select(gate => gate.Seconds).Order()];
            Row(recording, gates.Length, Held(Count(Verdict.Breach).ToString(CultureInfo.InvariantCulture), Count(Verdict.Breach) == 0), Count(Verdict.Inconclusive), Count(Verdict.Pass), Seconds(seconds[seconds.Length / 2]), Seconds(seconds[^1]));

            int Count(Verdict verdict) => gates.Count(gate => gate.Verdict == verdict);
        }
    }

    private void WriteAlike()
    {
        Head("A model against itself: how often each rule calls it slower; aim for `max_increase`: at most 1 %",
            "model", "machine", "restarts", "spread of a restart", "by the time that passed", "`max_increase: 5%`", "`max_increase: 0%`", "p95 + 5 % between two processes", "Mann–Whitney, p < 5 %, between two processes");
        foreach (var recording in Of(Kind.Pair, LeastLines).Where(one => one.Cell.Extra == 0))
        {
            PairLine[] pairs = [.. recording.Lines.Select(PairLine.Of)];
            // The mean of the restarts recorded is not quite none; taken off, none is the truth of what is drawn.
            double mean = pairs.Average(pair => pair.LogRatio);
            PairLine[] centred = [.. pairs.Select(pair => pair with { LogRatio = pair.LogRatio - mean })];
            AloneLine[] alone = [.. recordings.First(one => one.Cell == recording.Cell with { Kind = Kind.Alone }).Lines.Select(AloneLine.Of)];
            Row(recording, pairs.Length, Spread(pairs, pair => pair.LogRatio), Spread(pairs, pair => pair.PassedLogRatio),
                AtMost(Rarely, Resampling.Increase(pairs, 0.05).Share(Verdict.Breach)), AtMost(Rarely, Resampling.Increase(centred, 0).Share(Verdict.Breach)),
                Fires(alone, OtherRules.P95FivePercentHigher), Fires(alone, (before, after) => OtherRules.MannWhitney(before.Runs, after.Runs)));
        }
    }

    private void WriteSlower()
    {
        Head("A model that real extra nodes make slower; aim: called slower within 20 s by 95 % of gates",
            "model", "machine", "restarts", "truly slower by", "allowed", "called slower within 20 s", "within 60 s", "median time", "were it 2 or 7 % exactly: within 20 s", "within 60 s");
        foreach (var recording in Of(Kind.Pair, LeastLines).Where(one => one.Cell.Extra > 0))
        {
            PairLine[] pairs = [.. recording.Lines.Select(PairLine.Of)];
            double truth = Math.Exp(pairs.Average(pair => pair.LogRatio)) - 1, allowed = recording.Cell.Allowed;
            var ends = Resampling.Increase(pairs, allowed);
            // The same restarts, moved to the smallest increase that is asked for.
            double shift = Math.Log((1 + allowed + LeastTold) / (1 + truth));
            var least = Resampling.Increase([.. pairs.Select(pair => pair with { LogRatio = pair.LogRatio + shift })], allowed);
            Row(recording, pairs.Length, Percent(truth), $"{allowed * 100:0} %", AtLeast(Mostly, ends.Share(Verdict.Breach, SecondsOfComparison)), Percent(ends.Share(Verdict.Breach)), Seconds(ends.Within(0.5)),
                Percent(least.Share(Verdict.Breach, SecondsOfComparison)), Percent(least.Share(Verdict.Breach)));
        }
    }

    private void WriteAbsolute()
    {
        Head("A limit at the truth, and a tenth off it; aims: wrong at most 1 % per side; right 99 % (p50), and on a quiet machine 90 % within 60 s (p95)",
            "model", "machine", "restarts", "metric", "truth", "wrong breach", "wrong pass", "breach, limit 10 % below", "pass, limit 10 % above", "median time");
        foreach (var (recording, lines, percentile, truth) in Alone())
        {
            var at = Resampling.Absolute(lines, percentile, truth);
            var below = Resampling.Absolute(lines, percentile, truth * 0.9);
            var above = Resampling.Absolute(lines, percentile, truth * 1.1);
            double aim = percentile.Fraction == 0.5 ? Nearly : recording.Cell.Busy ? 0 : Largely;
            Row(recording, lines.Length, percentile.Metric, Milliseconds(truth), AtMost(Rarely, at.Share(Verdict.Breach)), AtMost(Rarely, at.Share(Verdict.Pass)),
                AtLeast(aim, below.Share(Verdict.Breach, SecondsOfPercentile)), AtLeast(aim, above.Share(Verdict.Pass, SecondsOfPercentile)), Seconds(above.Within(0.5)));
        }
    }

    private void WriteClear()
    {
        Head("Clear cases, the truth at half the limit or at twice the limit; aim: right in time by 99 % of gates", "model", "machine", "metric", "time", "pass at half", "breach at twice", "99 % over within");
        foreach (var (recording, lines, percentile, truth) in Alone())
        {
            var half = Resampling.Absolute(lines, percentile, truth * 2);
            var twice = Resampling.Absolute(lines, percentile, truth / 2);
            double time = percentile.Fraction == 0.5 ? recording.Cell.Model.SecondsOfClearMedian : SecondsOfClearPercentile;
            Row(recording, percentile.Metric, $"{time:0} s", AtLeast(Nearly, half.Share(Verdict.Pass, time)), AtLeast(Nearly, twice.Share(Verdict.Breach, time)), Seconds(Math.Max(half.Within(Nearly), twice.Within(Nearly))));
        }
    }

    private IEnumerable<(Recording Recording, AloneLine[] Lines, Percentile Percentile, double Truth)> Alone() =>
        from recording in Of(Kind.Alone, LeastLines)
        let lines = recording.Lines.Select(AloneLine.Of).ToArray()
        from percentile in Percentiles
        let sorted = lines.Select(line => line.Value(percentile)).Order().ToArray()
        select (recording, lines, percentile, (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2);

    private IEnumerable<Recording> Of(Kind kind, int least) => recordings.Where(one => one.Cell.Kind == kind && one.Lines.Count >= least);

    private static string Spread(PairLine[] pairs, Func<PairLine, double> of)
    {
        double mean = pairs.Average(of);
        return Percent(Math.Sqrt(pairs.Sum(pair => (of(pair) - mean) * (of(pair) - mean)) / (pairs.Length - 1)));
    }

    // Written with the first row: a table of nothing is left out.
    private void Head(string name, params string[] columns) =>
        head = ["", $"**{name}**", "", $"| {string.Join(" | ", columns)} |", $"|{string.Concat(Enumerable.Repeat("---|", columns.Length))}"];

    private void Row(Recording recording, params object[] cells)
    {
        foreach (string line in head)
            output.WriteLine(line);
        head = [];
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {recording.Cell.Model.Name} | {recording.Cell.Condition} | {string.Join(" | ", cells)} |"));
    }

    private static string Fires(AloneLine[] alone, Func<AloneLine, AloneLine, bool> rule) => alone.Length < LeastLines ? "–" : Percent(Resampling.Fires(alone, rule));

    private static string AtMost(double aim, double share) => Held(Percent(share), share <= aim);

    private static string AtLeast(double aim, double share) => Held(Percent(share), share >= aim);

    private static string Held(string text, bool held) => held ? text : $"**{text}, missed**";

    private static string Percent(double share) => (share * 100).ToString("0.0#", CultureInfo.InvariantCulture) + " %";

    private static string Seconds(double seconds) => seconds.ToString("0.0", CultureInfo.InvariantCulture) + " s";

    private static string Milliseconds(double microseconds) => (microseconds / 1000).ToString("0.###", CultureInfo.InvariantCulture) + " ms";
}
