using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using ModelGate.Gating;
using ModelGate.Measuring;
using ModelGate.Models;
using ModelGate.Policies;
using ModelGate.Reporting;

namespace ModelGate.Tool.Commands;

/// <summary><c>modelgate bench MODEL</c>: times one model alone, with nothing to judge it by.</summary>
internal static class BenchCommand
{
    // Where no limit is asked about, an interval this narrow is as good as anyone needs.
    private const double NarrowEnough = 0.02;

    public static Command Create(Terminal terminal)
    {
        var model = new Argument<string>("model") { Description = "The model file." };
        var runtime = new Option<string?>("--runtime") { Description = "Folder of the ONNX Runtime to time it with, such as an app's output folder; by default the one this tool carries.", HelpName = "DIR" };
        var maxTime = new Option<double>("--max-time") { Description = "How long it may take, such as 90 s or 2 min; by default 60 s.", HelpName = "TIME", DefaultValueFactory = _ => 60, CustomParser = result => Parse(result, Unit.Seconds) };
        var confidence = new Option<string>("--confidence") { Description = "Confidence of the intervals: 95%, 99% or 99.9%.", DefaultValueFactory = _ => "99%" };
        confidence.AcceptOnlyFromAmong("95%", "99%", "99.9%");
        var threads = new Option<int>("--threads") { Description = "Threads within an operator.", DefaultValueFactory = _ => 1 };
        threads.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > 1024)
                result.AddError("--threads is a number from 1 to 1024.");
        });
        var format = new Option<string>("--format") { Description = "What is printed: text or json.", DefaultValueFactory = _ => "text" };
        format.AcceptOnlyFromAmong("text", "json");

        var command = new Command("bench", """
            Time one model: latency, start-up and memory, each over fresh processes and with its interval.

            Examples:
              modelgate bench models/detector.onnx
              modelgate bench models/detector.onnx --runtime bin/Release/net10.0 --threads 2
            """)
        { model, runtime, maxTime, confidence, threads, format };
        command.SetAction(parsed =>
        {
            var benchmark = new Benchmark
            {
                IntraOpThreads = parsed.GetValue(threads),
                MaxTime = parsed.GetValue(maxTime),
                Confidence = double.Parse(parsed.GetValue(confidence)!.TrimEnd('%'), CultureInfo.InvariantCulture) switch { 95 => 0.95, 99 => 0.99, _ => 0.999 },
            };
            using var interruption = new Interruption();
            try
            {
                return (int)Run(terminal, parsed.GetValue(model)!, parsed.GetValue(runtime), benchmark, parsed.GetValue(format)!, interruption.Token);
            }
            catch (OperationCanceledException)
            {
                return (int)interruption.ExitCode;
            }
        });
        return command;
    }

    private static ExitCode Run(Terminal terminal, string model, string? runtimeFolder, Benchmark benchmark, string format, CancellationToken cancellation)
    {
        ModelFile structure;
        try
        {
            structure = ModelReader.Read(model);
        }
        catch (ModelException e)
        {
            terminal.Error.WriteLine(MSBuildReport.Line(new(e.Kind, new SourceLocation(model), $"{e.Message}. Next: {e.Kind.Fix}")));
            return ExitCode.NotJudged;
        }

        var request = new LatencyRequest
        {
            Model = Path.GetFullPath(model),
            Structure = structure,
            Metrics = [.. MetricCatalogue.All.Where(metric => metric.RunsTheModel)],
            Runtime = runtimeFolder is null ? ToolFiles.BundledRuntime() : RuntimeOfFolder.Named(runtimeFolder, RuntimeIdentifiers.OfThisProcess),
            Benchmark = benchmark,
        };
        var progress = new TimingProgress(terminal);
        var result = LatencyMeasuring.Measure(request, ToolFiles.WorkerHost(), sampled => IsNarrow(sampled, benchmark.Confidence), state => progress.Show(model, benchmark.Confidence, state), cancellation);
        progress.Clear();

        var report = new BenchReport(ToolFiles.Version, model, MachineReader.Read(), result, benchmark.Confidence);
        terminal.Out.Write(format == "json" ? report.Json() : report.Text());
        terminal.Out.Flush();
        return result.Measurements.Any(measurement => measurement is Measurement.Failed) ? ExitCode.NotJudged : ExitCode.Pass;
    }

    private static bool IsNarrow(Measurement.Sampled sampled, double confidence)
    {
        var judgement = RestartJudgement.WithoutLimit(sampled.Restarts, confidence);
        return judgement.IsFinal || (judgement.Interval is { } interval && interval.High - interval.Low <= NarrowEnough * judgement.Estimate);
    }

    private static double Parse(ArgumentResult result, Unit unit)
    {
        if (Quantity.TryParse(string.Join(' ', result.Tokens.Select(token => token.Value)), unit, out double value, out string? error) && value > 0)
            return value;
        result.AddError(error ?? "--max-time must be more than 0 s.");
        return 0;
    }
}
