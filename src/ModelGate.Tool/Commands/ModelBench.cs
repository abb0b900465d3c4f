using ModelGate.Gating;
using ModelGate.Measuring;
using ModelGate.Models;
using ModelGate.Policies;
using ModelGate.Reporting;

namespace ModelGate.Tool.Commands;

/// <summary>What <c>modelgate bench</c> does: times one model, or two in turns, and prints what came of it.</summary>
/// <param name="terminal">Where that goes.</param>
/// <param name="benchmark">How models are timed.</param>
/// <param name="requestFor">How a model is run.</param>
/// <param name="format">What is printed: text, json or markdown.</param>
/// <param name="cancellation">Ends it.</param>
internal sealed class ModelBench(Terminal terminal, Benchmark benchmark, Func<ModelFile, LatencyRequest> requestFor, string format, CancellationToken cancellation)
{
    // Where no limit is asked about, an interval this narrow is as good as anyone needs.
    private const double NarrowEnough = 0.02, NarrowIncrease = 0.01;

    // Enough for a spread that is known to a fifth.
    private const int RestartsOfNoiseFloor = 12;

    private readonly TimingProgress progress = new(terminal);

    /// <summary>Times a model alone.</summary>
    /// <param name="model">Path of the model.</param>
    /// <param name="profilesOperators">True to tell as well which operators the time goes to.</param>
    /// <param name="sweep">Measures how it grows over a dimension, and nothing else; null to time it at one size.</param>
    public ExitCode Time(string model, bool profilesOperators, Sweep? sweep)
    {
        if (terminal.Read(model) is not { } structure)
            return ExitCode.NotJudged;
        var request = Request(structure, sweep is null ? [.. MetricCatalogue.All.Where(metric => metric.RunsTheModel && metric.Relation == Relation.None && (benchmark.IsOfProcessor || !MetricCatalogue.IsOfProcessor(metric)))] : [MetricCatalogue.Growth(sweep.Dimension)]) with
        {
            ProfilesOperators = profilesOperators,
            Sweeps = sweep is null ? [] : [sweep],
        };
        var result = Shown(model, show => LatencyMeasuring.Measure(request, ToolFiles.WorkerHost(), IsNarrow, show, cancellation));
        var report = new BenchReport(ToolFiles.Version, model, MachineReader.Read(), result, benchmark.Confidence);
        Print(format switch { "json" => report.Json(), "markdown" => report.Markdown(), _ => report.Text() });
        return result.Measurements.Any(measurement => measurement is Measurement.Failed) ? ExitCode.NotJudged : ExitCode.Pass;
    }

    /// <summary>Compares a model with another one, or with itself.</summary>
    /// <param name="model">Path of the model.</param>
    /// <param name="against">Path of the other one; null to measure the noise floor alone.</param>
    /// <param name="metric">The percentile to compare by.</param>
    /// <param name="limit">How much slower it may be; null to ask nothing.</param>
    /// <param name="withNoiseFloor">True to measure beforehand what can be told apart here.</param>
    /// <param name="seed">Seed of the coin that decides which session is created first.</param>
    public ExitCode Compare(string model, string? against, Metric metric, double? limit, bool withNoiseFloor, int seed)
    {
        if (terminal.Read(model) is not { } structure || terminal.Read(against ?? model) is not { } baseline)
            return ExitCode.NotJudged;

        double? floor = null;
        if (withNoiseFloor)
        {
            // Of the baseline: the model may have changed in how much it varies as well.
            string same = against ?? model;
            var alike = Compare(Request(baseline, [metric]), new(Path.GetFullPath(same), baseline, seed), same, static compared => compared.LogRatios.Count >= RestartsOfNoiseFloor);
            floor = alike.Measurements[0] is Measurement.Compared itself ? IncreaseJudgement.NoiseFloor(itself.LogRatios, benchmark.Confidence) : null;
            if (against is null || floor is null)
                return Report(new(ToolFiles.Version, same, same, MachineReader.Read(), alike, benchmark.Confidence, seed) { NoiseFloor = floor });
            if (limit < floor)
                terminal.Error.WriteLine($"warning {Diagnostics.BelowNoiseFloor.Code}: the noise floor of this machine for this model is {Increase.Size(floor.Value)}. {Increase.BelowFloor(limit, floor.Value)}");
        }

        var result = Compare(Request(structure, [metric]), new(Path.GetFullPath(against!), baseline, seed), model,
            compared => limit is { } allowed ? IncreaseJudgement.Of(compared.LogRatios, allowed, benchmark.Confidence).IsFinal : IsNarrow(compared));
        return Report(new(ToolFiles.Version, model, against!, MachineReader.Read(), result, benchmark.Confidence, seed) { Limit = limit, NoiseFloor = floor });
    }

    private LatencyRequest Request(ModelFile structure, IReadOnlyList<Metric> metrics) => requestFor(structure) with { Metrics = metrics, Benchmark = benchmark };

    private LatencyResult Compare(LatencyRequest request, BaselineModel baseline, string name, Func<Measurement.Compared, bool> settled) =>
        Shown(name, show => ComparisonMeasuring.Measure(request, baseline, ToolFiles.WorkerHost(), settled, show, cancellation));

    // However it ends: what a shell writes after Ctrl-C begins on a line of its own.
    private LatencyResult Shown(string name, Func<Action<LatencyProgress>, LatencyResult> measure)
    {
        try
        {
            return measure(state => progress.Show(name, benchmark.Confidence, state));
        }
        finally
        {
            progress.Clear();
        }
    }

    private ExitCode Report(LatencyRatioReport report)
    {
        Print(format == "json" ? report.Json() : report.Text());
        return report switch
        {
            { Judgement: null } => ExitCode.NotJudged,
            { Limit: null } => ExitCode.Pass,
            { Judgement.Verdict: Verdict.Pass } => ExitCode.Pass,
            { Judgement.Verdict: Verdict.Breach } => ExitCode.Breach,
            _ => ExitCode.NotJudged,
        };
    }

    private void Print(string text)
    {
        terminal.Out.Write(text);
        terminal.Out.Flush();
    }

    private bool IsNarrow(Measurement.Sampled sampled)
    {
        var judgement = RestartJudgement.WithoutLimit(sampled.Restarts, benchmark.Confidence);
        return judgement.IsFinal || (judgement.Interval is { } interval && interval.High - interval.Low <= NarrowEnough * judgement.Estimate);
    }

    private bool IsNarrow(Measurement.Compared compared)
    {
        var judgement = IncreaseJudgement.WithoutLimit(compared.LogRatios, benchmark.Confidence);
        return judgement.IsFinal || (judgement.Interval is { } interval && interval.High - interval.Low <= Math.Max(NarrowIncrease, Math.Abs(judgement.Estimate) / 4));
    }
}
