using System.CommandLine;
using ModelGate.Advising;
using ModelGate.Compressing;
using ModelGate.Measuring;
using ModelGate.Models;
using ModelGate.Policies;
using ModelGate.Reporting;

namespace ModelGate.Tool.Commands;

/// <summary><c>modelgate advise MODEL</c>: measures the model compressed in every way, and says which change is the smallest that will do.</summary>
internal static class AdviseCommand
{
    public static Command Create(Terminal terminal)
    {
        var model = new Argument<string>("MODEL") { Description = "The ONNX model; it stays as it is." };
        var policy = new Option<string?>("--policy") { Description = "The policy whose budgets are to be met.", HelpName = "POLICY" };
        var schemes = new Option<string[]>("--to") { Description = "Try this scheme only; may stand more than once. By default every scheme is tried.", HelpName = "SCHEME" };
        schemes.AcceptOnlyFromAmong([.. Schemes.All.Select(scheme => scheme.Name)]);
        var targets = new Option<string[]>("--targets") { Description = "Hold every scheme against hardware: the targets of the policy, or the built-in ones; or those that are named.", HelpName = "TARGET", Arity = ArgumentArity.ZeroOrMore, AllowMultipleArgumentsPerToken = true };
        var noRun = new Option<bool>("--no-run") { Description = "Weigh the copies, and run nothing." };
        var format = new Option<string>("--format") { Description = "text, json or markdown.", DefaultValueFactory = _ => "text" };
        format.AcceptOnlyFromAmong("text", "json", "markdown");
        var (running, sampling) = (new RunOptions("each step of each scheme may take"), new SampleOptions());
        var command = new Command("advise", """
            Say what would make a model smaller, and at which price: every scheme is written, weighed, run beside the model and timed against it.
            Takes about ten seconds a scheme; --no-run takes one.

            Examples:
              modelgate advise models/detector.onnx
              modelgate advise models/detector.onnx --policy modelgate.yml --samples eval.npz
              modelgate advise models/detector.onnx --targets raspberry-pi-5
              modelgate advise models/detector.onnx --no-run --to fp16 --to int8
            """)
        { model, policy, schemes, targets, noRun, format };
        sampling.AddTo(command);
        running.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetValue(noRun) && result.GetResult(targets) is not null)
                result.AddError("--targets needs to run the model once: leave out --no-run.");
        });
        command.SetAction(parsed =>
        {
            using var interruption = new Interruption();
            string path = parsed.GetValue(model)!;
            var progress = new TimingProgress(terminal);
            try
            {
                var structure = ModelReader.Read(path);
                var request = running.RequestFor(parsed, structure);
                var budgets = Budgets.None;
                if (parsed.GetValue(policy) is { } policyPath && !Budgets.TryRead(policyPath, request.Model, terminal, out budgets))
                    return (int)ExitCode.PolicyOrUsage;
                request = request with { Benchmark = running.Benchmark(parsed, budgets.Benchmark), Inputs = running.Inputs(parsed, budgets.Entry?.InputsIn(budgets.Folder) ?? []) };
                if (parsed.GetResult(targets) is not null && Unknown(parsed.GetValue(targets)!, budgets) is { } unknown)
                    return (int)terminal.Refuse(unknown);
                var measuring = new AdviceMeasuring
                {
                    Request = request,
                    Model = structure,
                    Host = ToolFiles.WorkerHost(),
                    Runs = !parsed.GetValue(noRun),
                    Samples = sampling.Samples(parsed) ?? (budgets.Entry?.Samples is { } samples ? Path.GetFullPath(samples, budgets.Folder) : null),
                    Inputs = sampling.Inputs(parsed),
                    Budgets = budgets.Entry?.Budgets ?? [],
                    Targets = parsed.GetResult(targets) is null ? [] : budgets.TargetsOf(parsed.GetValue(targets)!),
                    Progress = (name, state) => progress.Show($"{path} as {name}", request.Benchmark.Confidence, state),
                };
                var advice = measuring.Measure(parsed.GetValue(schemes) is { Length: > 0 } some ? [.. some.Distinct().Select(name => Schemes.Find(name)!)] : Schemes.All, interruption.Token);
                progress.Clear();
                Print(terminal, new(ToolFiles.Version, advice, measuring.Runs ? MachineReader.Read() : null), parsed.GetValue(format)!);
                return (int)(advice.Candidates.All(candidate => candidate.Obstacle is not null || candidate.Failure is null) ? ExitCode.Pass : ExitCode.NotJudged);
            }
            catch (ModelException e)
            {
                progress.Clear();
                terminal.Error.WriteLine(MSBuildReport.Line(e.At(path)));
                return (int)ExitCode.NotJudged;
            }
            catch (OperationCanceledException)
            {
                progress.Clear();
                return (int)interruption.ExitCode;
            }
        });
        return command;
    }

    private static string? Unknown(string[] names, Budgets budgets)
    {
        string[] known = [.. budgets.Targets.Concat(TargetPresets.All).Select(target => target.Name).Distinct()];
        return names.FirstOrDefault(name => !known.Contains(name)) is { } unknown ? $"There is no target `{unknown}`; there are {string.Join(", ", known)}. A policy defines its own under `targets:`." : null;
    }

    private static void Print(Terminal terminal, AdviceReport report, string format) => terminal.Out.Write(format switch
    {
        "json" => report.Json(),
        "markdown" => report.Markdown(),
        _ => report.Text(new(terminal.OutColor, terminal.Unicode)),
    });

    /// <summary>What a policy says of one model.</summary>
    private sealed record Budgets(ModelEntry? Entry, Benchmark Benchmark, string Folder)
    {
        public static readonly Budgets None = new(null, new(), "");

        /// <summary>Targets that the policy defines.</summary>
        public IReadOnlyList<Target> Targets { get; private init; } = [];

        /// <summary>The targets of some names; of none, those of the policy, or the built-in ones where it has none.</summary>
        public IReadOnlyList<Target> TargetsOf(string[] names) =>
            names.Length > 0 ? [.. names.Select(name => Targets.FirstOrDefault(target => target.Name == name) ?? TargetPresets.Find(name)!)] : Targets.Count > 0 ? Targets : TargetPresets.All;

        public static bool TryRead(string policyPath, string model, Terminal terminal, out Budgets budgets)
        {
            budgets = None;
            var reading = PolicyReader.Read(policyPath, ToolFiles.Version);
            foreach (var diagnostic in reading.Diagnostics)
                terminal.Error.WriteLine(MSBuildReport.Line(diagnostic));
            if (reading.Policy is not { } policy)
                return false;
            if (ModelSelection.FromDisk(policy).Find(model) is not { } found)
            {
                terminal.Refuse($"No entry of {policyPath} matches {model}.");
                return false;
            }

            budgets = new(found.Entry, policy.Benchmark, Path.GetDirectoryName(Path.GetFullPath(policyPath))!) { Targets = policy.Targets };
            return true;
        }
    }
}
