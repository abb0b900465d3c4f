using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Security.Cryptography;
using ModelGate.Measuring;
using ModelGate.Policies;

namespace ModelGate.Tool.Commands;

/// <summary><c>modelgate bench MODEL</c>: times one model, alone or against another.</summary>
internal static class BenchCommand
{
    public static Command Create(Terminal terminal)
    {
        var model = new Argument<string>("MODEL") { Description = "The model file." };
        var confidence = new Option<string>("--confidence") { Description = "Confidence of the intervals: 95%, 99% or 99.9%.", DefaultValueFactory = _ => "99%" };
        confidence.AcceptOnlyFromAmong("95%", "99%", "99.9%");
        var against = new Option<string?>("--against") { Description = "A model to compare it with: both are timed in turns, in the same processes.", HelpName = "MODEL" };
        var noiseFloor = new Option<bool>("--noise-floor") { Description = "Measure the smallest difference that can be told from none here, by timing a model against itself." };
        var metric = new Option<string>("--metric") { Description = "What to compare by: latency.p50, latency.p90, latency.p95 or latency.p99.", DefaultValueFactory = _ => "latency.p50" };
        metric.AcceptOnlyFromAmong("latency.p50", "latency.p90", "latency.p95", "latency.p99");
        var maxIncrease = new Option<double?>("--max-increase") { Description = "With --against: how much slower it may be, such as 5%. Ends as soon as that can be told; exit code 1 where it is slower, 3 where it cannot be told.", HelpName = "SHARE", CustomParser = result => RunOptions.Parse(result, "--max-increase", Unit.Share) };
        var seed = new Option<int?>("--seed") { Description = "Seed of the coin that decides which session is created first, to repeat a comparison; by default a new one, which is printed.", HelpName = "NUMBER", CustomParser = static result => RunOptions.Whole(result, "--seed", 0, int.MaxValue) };
        var format = new Option<string>("--format") { Description = "What is printed: text, json or, of one model, markdown.", DefaultValueFactory = _ => "text" };
        format.AcceptOnlyFromAmong("text", "markdown", "json");
        var running = new RunOptions();
        var sweep = new Option<string?>("--sweep") { Description = "Measure how time, memory and multiply-accumulates grow with a dimension, such as seq=1..512 or seq=32,64,128.", HelpName = "NAME=SIZES" };
        sweep.Validators.Add(static result => RunOptions.CheckEach(result, static text => SweepText.Sweep(text) is not null, "--sweep is NAME=FROM..TO, doubling from one to the other, or NAME=SIZE,SIZE,SIZE, with three different sizes at least."));
        var profile = new Option<bool>("--profile") { Description = "Tell which operators and nodes the time goes to, from a run of its own under the runtime's profiler." };

        var command = new Command("bench", """
            Time one model: latency, start-up and memory, each over fresh processes and with its interval; or compare it with another.

            Examples:
              modelgate bench models/detector.onnx
              modelgate bench models/detector.onnx --runtime bin/Release/net10.0 --threads 2
              modelgate bench models/detector.onnx --against released/detector.onnx --max-increase 5%
              modelgate bench models/detector.onnx --noise-floor
              modelgate bench models/intent.onnx --dim batch=1 --sweep seq=32..512
            """)
        { model, against, noiseFloor, metric, maxIncrease, seed, confidence, sweep, profile, format };
        running.AddTo(command);
        command.Validators.Add(result =>
        {
            bool compares = result.GetResult(against) is not null || result.GetValue(noiseFloor);
            if (compares && (result.GetValue(profile) || result.GetValue(sweep) is not null))
                result.AddError("--profile and --sweep are of one model alone: leave out --against and --noise-floor.");
            if (compares && result.GetValue(format) == "markdown")
                result.AddError("--format markdown is of one model alone: a comparison is printed as text or json.");
            if (!compares && (result.GetResult(metric) is { Implicit: false } || result.GetResult(seed) is not null))
                result.AddError("--metric and --seed are of comparisons: they need --against MODEL or --noise-floor.");
            if (result.GetResult(maxIncrease) is not null && result.GetResult(against) is null)
                result.AddError("--max-increase needs --against MODEL: there is nothing to compare with.");
            if (result.GetValue(sweep) is { } swept && SweepText.Sweep(swept) is { } over && running.Fixes(result, over.Dimension))
                result.AddError($"--sweep varies {over.Dimension}, so --dim cannot fix it.");
        });
        command.SetAction(parsed =>
        {
            var benchmark = running.Benchmark(parsed) with
            {
                Confidence = double.Parse(parsed.GetValue(confidence)!.TrimEnd('%'), CultureInfo.InvariantCulture) switch { 95 => 0.95, 99 => 0.99, _ => 0.999 },
            };
            using var interruption = new Interruption();
            try
            {
                var bench = new ModelBench(terminal, benchmark, structure => running.RequestFor(parsed, structure), parsed.GetValue(format)!, interruption.Token);
                if (parsed.GetValue(against) is null && !parsed.GetValue(noiseFloor))
                    return (int)bench.Time(parsed.GetValue(model)!, parsed.GetValue(profile), parsed.GetValue(sweep) is { } swept ? SweepText.Sweep(swept) : null);
                return (int)bench.Compare(parsed.GetValue(model)!, parsed.GetValue(against), MetricCatalogue.Find(parsed.GetValue(metric)!)!, parsed.GetValue(maxIncrease), parsed.GetValue(noiseFloor), parsed.GetValue(seed) ?? RandomNumberGenerator.GetInt32(int.MaxValue));
            }
            catch (OperationCanceledException)
            {
                return (int)interruption.ExitCode;
            }
        });
        return command;
    }
}
