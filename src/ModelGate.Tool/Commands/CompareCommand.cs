using System.CommandLine;
using System.Security.Cryptography;
using ModelGate.Comparing;
using ModelGate.Gating;
using ModelGate.Measuring;
using ModelGate.Models;
using ModelGate.Policies;
using ModelGate.Reporting;

namespace ModelGate.Tool.Commands;

/// <summary><c>modelgate compare BEFORE AFTER</c>: what is different between two models, in files, tensors, outputs and, on request, time.</summary>
internal static class CompareCommand
{
    // An interval this narrow is as good as anyone needs who asks for no limit.
    private const double NarrowEnough = 0.01;

    public static Command Create(Terminal terminal)
    {
        var before = new Argument<string>("BEFORE") { Description = "The model to compare with." };
        var after = new Argument<string>("AFTER") { Description = "The model that is compared." };
        var noRun = new Option<bool>("--no-run") { Description = "Compare what the files hold, and run nothing." };
        var time = new Option<bool>("--time") { Description = "Time both in turns, in the same processes: ten seconds to a minute." };
        var format = new Option<string>("--format") { Description = "text, json or markdown.", DefaultValueFactory = _ => "text" };
        format.AcceptOnlyFromAmong("text", "json", "markdown");
        var (running, sampling) = (new RunOptions("each of running and timing may take"), new SampleOptions());
        var command = new Command("compare", """
            Compare two models: size, parameters, tensors added, removed, changed and renamed, outputs on the same inputs, and latency.

            Examples:
              modelgate compare released/detector.onnx models/detector.onnx
              modelgate compare models/detector.onnx models/detector.int8.onnx --samples eval.npz --time
            """)
        { before, after, noRun, time, format };
        sampling.AddTo(command);
        running.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetValue(noRun) && result.GetValue(time))
                result.AddError("--no-run and --time contradict each other.");
        });
        command.SetAction(parsed =>
        {
            using var interruption = new Interruption();
            try
            {
                if (terminal.Read(parsed.GetValue(before)!) is not { } old || terminal.Read(parsed.GetValue(after)!) is not { } now)
                    return (int)ExitCode.NotJudged;
                var request = running.RequestFor(parsed, now);
                var reference = new ReferenceModel(Path.GetFullPath(old.Path), old) { Samples = sampling.Samples(parsed), Count = sampling.Inputs(parsed) };
                bool runs = !parsed.GetValue(noRun);
                var comparison = new ModelComparison(old, now)
                {
                    Tensors = old.IsWeighable && now.IsWeighable ? TensorComparison.Of(old, now, interruption.Token) : null,
                    Outputs = runs ? OutputMeasuring.Measure(request, reference, ToolFiles.WorkerHost(), interruption.Token) : null,
                    Latency = parsed.GetValue(time) ? Time(terminal, request, old, interruption.Token) : null,
                };
                return (int)Print(terminal, new(ToolFiles.Version, comparison, runs ? MachineReader.Read() : null, request.Benchmark.Confidence), parsed.GetValue(format)!);
            }
            catch (ModelException e)
            {
                terminal.Error.WriteLine(MSBuildReport.Line(e.At(parsed.GetValue(after)!)));
                return (int)ExitCode.NotJudged;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                terminal.Error.WriteLine(MSBuildReport.Line(new(Diagnostics.ModelUnreadable, new SourceLocation(parsed.GetValue(after)!), $"{FileErrors.Reason(e)}. Next: {Diagnostics.ModelUnreadable.Fix}")));
                return (int)ExitCode.NotJudged;
            }
            catch (OperationCanceledException)
            {
                return (int)interruption.ExitCode;
            }
        });
        return command;
    }

    private static LatencyResult Time(Terminal terminal, LatencyRequest request, ModelFile before, CancellationToken cancellation)
    {
        var progress = new TimingProgress(terminal);
        try
        {
            return ComparisonMeasuring.Measure(
                request with { Metrics = [MetricCatalogue.Find("latency.p50")!] }, new(Path.GetFullPath(before.Path), before, RandomNumberGenerator.GetInt32(int.MaxValue)), ToolFiles.WorkerHost(),
                compared => IncreaseJudgement.WithoutLimit(compared.LogRatios, request.Benchmark.Confidence) is var known && (known.IsFinal || known.Interval is { } interval && interval.High - interval.Low <= NarrowEnough),
                state => progress.Show(request.Model, request.Benchmark.Confidence, state), cancellation);
        }
        finally
        {
            progress.Clear();
        }
    }

    private static ExitCode Print(Terminal terminal, CompareReport report, string format)
    {
        terminal.Out.Write(format switch { "json" => report.Json(), "markdown" => report.Markdown(), _ => report.Text(new(terminal.OutColor, terminal.Unicode) { Width = terminal.ReportWidth }) });
        bool isWhole = report.Comparison is { Outputs.Failure: null } && report.Comparison.Outputs?.Fidelity?.Obstacle is null && report.Comparison.Latency?.Measurements[0] is not Measurement.Failed;
        return isWhole || report.Comparison is { Outputs: null, Latency: null } ? ExitCode.Pass : ExitCode.NotJudged;
    }
}
