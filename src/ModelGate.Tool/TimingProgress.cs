using System.Globalization;
using ModelGate.Gating;
using ModelGate.Measuring;
using ModelGate.Policies;

namespace ModelGate.Tool;

/// <summary>One line on a terminal that a person watches, overwritten while models are timed; nothing anywhere else.</summary>
internal sealed class TimingProgress(Terminal terminal)
{
    private int shown;

    /// <summary>Shows how far a model is: restarts so far and the narrowing interval of each metric.</summary>
    public void Show(string model, double confidence, LatencyProgress progress)
    {
        if (!terminal.ShowsProgress)
            return;
        string elapsed = progress.Elapsed.ToString("0", CultureInfo.InvariantCulture);
        string line = progress.WaitsForMachine
            ? $"{model}: waiting for other work on this machine, {elapsed} s"
            : $"{model}: {elapsed} s, {string.Join(", ", progress.Measured.Select(sampled => Describe(sampled, confidence)))}";
        line = Reporting.Untrusted.Inert(line);
        if (line.Length >= terminal.Width)
            line = line[..(terminal.Width - 1)];
        terminal.Error.Write('\r' + line.PadRight(shown));
        shown = line.Length;
    }

    /// <summary>Takes the line away again.</summary>
    public void Clear()
    {
        if (shown > 0)
            terminal.Error.Write('\r' + new string(' ', shown) + '\r');
        shown = 0;
    }

    private static string Describe(Measurement.Sampled sampled, double confidence)
    {
        var unit = sampled.Metric.Unit;
        var judgement = RestartJudgement.WithoutLimit(sampled.Restarts, confidence);
        string interval = judgement.Interval is { } known ? $" [{Quantity.Format(known.Low, unit)}, {Quantity.Format(known.High, unit)}]" : "";
        return $"{sampled.Metric} {Quantity.Format(judgement.Estimate, unit)}{interval} ({sampled.Restarts.Count} restarts)";
    }
}
