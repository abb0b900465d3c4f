using System.CommandLine;
using ModelGate.Measuring;
using ModelGate.Policies;
using ModelGate.Reporting;
using ModelGate.Tool.Checking;
using ModelGate.Tool.MSBuild;

namespace ModelGate.Tool.Commands;

/// <summary><c>modelgate check</c>: reads the policy, measures what it names, judges, reports.</summary>
internal static class CheckCommand
{
    public static Command Create(Terminal terminal)
    {
        var policy = new Argument<string?>("POLICY") { Description = "The policy; by default modelgate.yml here or in a folder above, up to the repository's root.", Arity = ArgumentArity.ZeroOrOne };
        var package = new Option<string?>("--package") { Description = "A nupkg or zip to judge as well: package.size and size.in_package.", HelpName = "FILE" };
        var runtime = new Option<string?>("--runtime") { Description = "Folder of the ONNX Runtime to time models with, such as an app's output folder; by default the one this tool carries.", HelpName = "DIR" };
        var measure = new Option<string>("--measure") { Description = "all, or static to run no model: budgets that need it are deferred.", DefaultValueFactory = _ => "all" };
        measure.AcceptOnlyFromAmong("all", "static");
        var format = new Option<string>("--format") { Description = "What is printed: text, json, markdown, msbuild or github.", DefaultValueFactory = _ => "text" };
        format.AcceptOnlyFromAmong(ReportFormat.Names);
        var request = new Option<string?>("--request") { Description = "The MSBuild task's own way to ask.", HelpName = "FILE", Hidden = true };
        var report = new Option<string[]>("--report") { Description = "Also write a report to a file, in the format of its extension: .json, .md or .txt; may be repeated.", HelpName = "FILE", Arity = ArgumentArity.OneOrMore };
        report.Validators.Add(result =>
        {
            foreach (var token in result.Tokens.Where(token => ReportFormat.OfFile(token.Value) is null))
                result.AddError($"'{token.Value}' does not say which format it should have: end it in .json, .md or .txt.");
        });

        var command = new Command("check", """
            Judge every budget of a policy.

            Examples:
              modelgate check
              modelgate check models/modelgate.yml --report gate.json --report gate.md
              modelgate check --package artifacts/Contoso.Vision.1.2.0.nupkg
              modelgate check --runtime bin/Release/net10.0
            """)
        { policy, package, runtime, measure, format, report, request };
        policy.Validators.Add(static result =>
        {
            if (result.Tokens is [{ Value: var path }] && ModelExtensions.Match(path))
                result.AddError($"`{path}` is a model, and check takes a policy: `modelgate inspect {ShellArgument.Of(path)}` weighs a model, `modelgate init` writes a policy.");
        });
        command.SetAction(parsed =>
        {
            using var interruption = new Interruption();
            try
            {
                if (parsed.GetValue(request) is { } file)
                    return (int)RequestedCheck.Run(file, terminal, interruption.Token);
                return (int)Run(terminal, parsed.GetValue(policy), Options(parsed.GetValue(package), parsed.GetValue(runtime), parsed.GetValue(measure)!),
                    parsed.GetValue(format)!, parsed.GetValue(report) ?? [], interruption.Token);
            }
            catch (OperationCanceledException)
            {
                return (int)interruption.ExitCode;
            }
        });
        return command;
    }

    private static CheckOptions Options(string? package, string? runtimeFolder, string measure) => new()
    {
        Package = package,
        RunsModels = measure == "all",
        FindRuntime = () => RunOptions.FindRuntime(runtimeFolder),
    };

    private static ExitCode Run(Terminal terminal, string? policy, CheckOptions options, string format, string[] reports, CancellationToken cancellation)
    {
        var progress = new TimingProgress(terminal);
        var compressing = new WorkProgress(terminal, "reading files");
        CheckOutcome run;
        try
        {
            run = (policy ?? PolicyLocator.Find(Environment.CurrentDirectory)) is { } path
                ? CheckRun.Execute(Shown(path), options with { Progress = progress.Show, Compressing = compressing.Show }, cancellation)
                : new(CheckRun.WithoutPolicy(Environment.CurrentDirectory), [], UsedRuntime: false);
        }
        finally
        {
            progress.Clear();
            compressing.Clear();
        }

        var report = run.Report;
        terminal.Out.Write(ReportFormat.Render(report, format, new TextStyle(terminal.OutColor, terminal.Unicode) { Width = terminal.ReportWidth }));
        terminal.Out.Flush();
        bool written = true;
        foreach (string file in reports)
            written &= ReportFiles.Write(run, file, terminal.Error);

        var exit = ExitCodes.Of(report);
        if (exit == ExitCode.Pass && options.Package is { } package && !report.Budgets.Any(static result => result.Budget.Metric.Source == Source.Package))
            return terminal.Refuse($"Nothing was judged of {package}: no budget of the policy is about a package. Write one, such as `package.size` under `package:`, or leave out --package.");
        return exit == ExitCode.Pass && !written ? ExitCode.Internal : exit;
    }

    // A policy in or below the current folder is named as a user there would name it.
    private static string Shown(string policy)
    {
        string relative = Path.GetRelativePath(Environment.CurrentDirectory, policy);
        return Path.IsPathRooted(relative) || relative.StartsWith("..", StringComparison.Ordinal) ? policy : relative;
    }
}
