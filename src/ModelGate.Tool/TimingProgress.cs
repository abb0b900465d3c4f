using System.Globalization;
using ModelGate.Gating;
using ModelGate.Measuring;
using ModelGate.Policies;
using ModelGate.Reporting;

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
        // Of a long path the end tells more than the beginning, and the figures more than either.
        if (model.Length > terminal.ProgressWidth / 2)
            model = "..." + model[^Math.Max((terminal.ProgressWidth / 2) - 3, 0)..];
        string elapsed = progress.Elapsed.ToString("0", CultureInfo.InvariantCulture);
        string line = Untrusted.Inert(progress.WaitsForMachine ? $"{model}: waiting for other work on this machine, {elapsed} s" : $"{model}: {elapsed} s{Restarts(progress.Measured)}");
        // As many metrics as the line has room for, and each of them whole.
        foreach (string told in progress.Measured.Select(measured => ", " + Describe(measured, confidence)))
        {
            if (line.Length + told.Length >= terminal.ProgressWidth)
                break;
            line += told;
        }

        if (line.Length >= terminal.ProgressWidth)
            line = line[..(terminal.ProgressWidth - 1)];
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

    private static string Restarts(IReadOnlyList<Measurement> measured)
    {
        int restarts = measured.Max(static one => one switch { Measurement.Sampled sampled => sampled.Restarts.Count, Measurement.Compared compared => compared.LogRatios.Count, _ => (int?)null }) ?? 0;
        return restarts == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $", {restarts} {(restarts == 1 ? "restart" : "restarts")}");
    }

    private static string Describe(Measurement measured, double confidence) => measured switch
    {
        Measurement.Sampled sampled => Describe(sampled, RestartJudgement.WithoutLimit(sampled.Restarts, confidence)),
        Measurement.Compared compared => Describe(compared, IncreaseJudgement.WithoutLimit(compared.LogRatios, confidence)),
        _ => "",
    };

    private static string Describe(Measurement.Sampled sampled, RestartJudgement known) =>
        $"{sampled.Metric} {Quantity.Format(known.Estimate, sampled.Metric.Unit)}{(known.Interval is { } interval ? $" [{Quantity.Format(interval.Low, sampled.Metric.Unit)}, {Quantity.Format(interval.High, sampled.Metric.Unit)}]" : "")}";

    private static string Describe(Measurement.Compared compared, IncreaseJudgement known) =>
        $"{compared.Metric} {Increase.Text(known.Estimate)}{(known.Interval is { } interval ? $" [{Increase.Text(interval.Low)}, {Increase.Text(interval.High)}]" : "")}";
}
