using System.Globalization;
using ModelGate.Gating;
using ModelGate.Measuring;

namespace ModelGate.Benchmarks.Study;

/// <summary>The tables of the study, as Markdown, from what is recorded.</summary>
internal sealed class StudyReport(string title, IReadOnlyList<Recording> recordings, TextWriter output)
{
    // Fewer restarts say too little of a tail.
    private const int LeastLines = 20;

    private static readonly Percentile[] Percentiles = [Percentile.Of(MetricCatalogue.Find("latency.p50")!)!, Percentile.Of(MetricCatalogue.Find("latency.p95")!)!];

    /// <summary>Writes every table for which there is something.</summary>
    public void Write()
    {
        output.WriteLine(title);
        WriteGates();
        WriteAlike();
        WriteSlower();
        WriteAbsolute();
        WriteClear();
    }

    private void WriteGates()
    {
        Head("Whole gates of a model against itself, `max_increase: 5%`, on a quiet machine", "model", "gates", "breach", "inconclusive", "pass", "median", "slowest");
        foreach (var recording in Of(Kind.Gate, 1))
        {
            GateLine[] gates = [.. recording.Lines.Select(GateLine.Of)];
            double[] seconds = [.. gates.Select(gate => gate.Seconds).Order()];
            Row(recording.Cell.Model.Name, gates.Length, Count(Verdict.Breach), Count(Verdict.Inconclusive), Count(Verdict.Pass), Seconds(seconds[seconds.Length / 2]), Seconds(seconds[^1]));

            int Count(Verdict verdict) => gates.Count(gate => gate.Verdict == verdict);
        }
    }

    private void WriteAlike()
    {
        Head($"False alarms on identical models: share of {Resampling.Gates} gates resampled from recorded restarts",
            "model", "machine", "restarts", "spread of a restart", "`max_increase: 5%`", "`max_increase: 0%`", "p95 + 5 % of two processes", "Mann–Whitney p < 5 % of two processes");
        foreach (var recording in Of(Kind.Pair, LeastLines).Where(one => one.Cell.Extra == 0))
        {
            PairLine[] pairs = [.. recording.Lines.Select(PairLine.Of)];
            // What is left of a true difference of nothing is the restarts' own mean; taken off, zero is the truth of what is drawn.
            double mean = pairs.Average(pair => pair.LogRatio);
            PairLine[] centred = [.. pairs.Select(pair => pair with { LogRatio = pair.LogRatio - mean })];
            AloneLine[] alone = [.. recordings.First(one => one.Cell == recording.Cell with { Kind = Kind.Alone }).Lines.Select(AloneLine.Of)];
            Row(recording.Cell.Model.Name, recording.Cell.Condition, pairs.Length, Percent(Math.Sqrt(centred.Sum(pair => pair.LogRatio * pair.LogRatio) / (pairs.Length - 1))),
                Percent(Resampling.Increase(pairs, 0.05).Breaches), Percent(Resampling.Increase(centred, 0).Breaches),
                alone.Length < 2 ? "–" : Percent(Resampling.Fires(alone, OtherRules.P95FivePercentHigher)),
                alone.Length < 2 ? "–" : Percent(Resampling.Fires(alone, (before, after) => OtherRules.MannWhitney(before.Runs, after.Runs))));
        }
    }

    private void WriteSlower()
    {
        Head("Power: models made slower by real extra nodes", "model", "machine", "restarts", "true increase", "allowed", "flagged", "flagged within 20 s", "median", "95 % within");
        foreach (var recording in Of(Kind.Pair, LeastLines).Where(one => one.Cell.Extra > 0))
        {
            PairLine[] pairs = [.. recording.Lines.Select(PairLine.Of)];
            double truth = Math.Exp(pairs.Average(pair => pair.LogRatio)) - 1;
            foreach (double allowed in (double[])[0, 0.05])
            {
                if ((1 + truth) / (1 + allowed) < 1.015)
                    continue;
                var outcome = Resampling.Increase(pairs, allowed);
                double inTime = (double)outcome.Seconds.Count(seconds => seconds <= 20) / Resampling.Gates;
                Row(recording.Cell.Model.Name, recording.Cell.Condition, pairs.Length, Percent(truth), Percent(allowed), Percent(outcome.Breaches), Percent(Math.Min(outcome.Breaches, inTime)), Seconds(outcome.Within(0.5)), Seconds(outcome.Within(0.95)));
            }
        }
    }

    private void WriteAbsolute()
    {
        Head("Absolute limits: the limit at the truth, and a tenth off it", "model", "machine", "restarts", "metric", "truth", "wrong breach at the truth", "wrong pass at the truth", "breach, limit 10 % below", "pass, limit 10 % above", "median", "95 % within");
        foreach (var (recording, lines, percentile, truth) in Alone())
        {
            var at = Resampling.Absolute(lines, percentile, truth);
            var below = Resampling.Absolute(lines, percentile, truth * 0.9);
            var above = Resampling.Absolute(lines, percentile, truth * 1.1);
            Row(recording.Cell.Model.Name, recording.Cell.Condition, lines.Length, $"`{percentile.Metric}`", Micro(truth), Percent(at.Breaches), Percent(at.Passes), Percent(below.Breaches), Percent(above.Passes), Seconds(above.Within(0.5)), Seconds(above.Within(0.95)));
        }
    }

    private void WriteClear()
    {
        Head("Clear cases: the truth at half the limit, and at twice the limit", "model", "machine", "metric", "pass at half", "99 % within", "breach at twice", "99 % within");
        foreach (var (recording, lines, percentile, truth) in Alone())
        {
            var half = Resampling.Absolute(lines, percentile, truth * 2);
            var twice = Resampling.Absolute(lines, percentile, truth / 2);
            Row(recording.Cell.Model.Name, recording.Cell.Condition, $"`{percentile.Metric}`", Percent(half.Passes), Seconds(half.Within(0.99)), Percent(twice.Breaches), Seconds(twice.Within(0.99)));
        }
    }

    private IEnumerable<(Recording Recording, AloneLine[] Lines, Percentile Percentile, double Truth)> Alone() =>
        from recording in Of(Kind.Alone, LeastLines)
        let lines = recording.Lines.Select(AloneLine.Of).ToArray()
        from percentile in Percentiles
        let sorted = lines.Select(line => Resampling.Value(line, percentile)).Order().ToArray()
        select (recording, lines, percentile, (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2);

    private IEnumerable<Recording> Of(Kind kind, int least) => recordings.Where(one => one.Cell.Kind == kind && one.Lines.Count >= least);

    private void Head(string title, params string[] columns)
    {
        output.WriteLine();
        output.WriteLine($"**{title}**");
        output.WriteLine();
        output.WriteLine($"| {string.Join(" | ", columns)} |");
        output.WriteLine($"|{string.Concat(Enumerable.Repeat("---|", columns.Length))}");
    }

    private void Row(params object[] cells) => output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {string.Join(" | ", cells)} |"));

    private static string Percent(double share) => (share * 100).ToString("0.0#", CultureInfo.InvariantCulture) + " %";

    private static string Seconds(double seconds) => seconds.ToString("0.0", CultureInfo.InvariantCulture) + " s";

    private static string Micro(double microseconds) => (microseconds / 1000).ToString("0.###", CultureInfo.InvariantCulture) + " ms";
}
