using System.CommandLine;
using ModelGate.Reporting;

namespace ModelGate.Tool.Commands;

/// <summary><c>modelgate metrics</c>: the catalogue, as a person or as a program reads it.</summary>
internal static class MetricsCommand
{
    public static Command Create(Terminal terminal)
    {
        var format = new Option<string>("--format") { Description = "text, json or markdown.", DefaultValueFactory = _ => "text" };
        format.AcceptOnlyFromAmong("text", "json", "markdown");
        var command = new Command("metrics", "List every metric that a policy may budget.\n\nExample:\n  modelgate metrics --format json") { format };
        command.SetAction(parsed =>
        {
            terminal.Out.Write(parsed.GetValue(format) switch { "json" => MetricTable.Json(), "markdown" => MetricTable.Markdown(), _ => MetricTable.Text(terminal.ReportWidth) });
            return (int)ExitCode.Pass;
        });
        return command;
    }
}
