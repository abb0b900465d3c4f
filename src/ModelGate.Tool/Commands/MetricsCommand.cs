using System.CommandLine;
using ModelGate.Measuring;

namespace ModelGate.Tool.Commands;

/// <summary><c>modelgate metrics</c>: the catalogue, as a person or as a program reads it.</summary>
internal static class MetricsCommand
{
    public static Command Create(Terminal terminal)
    {
        var command = new Command("metrics", "List every metric that a policy may budget.");
        command.SetAction(_ => (int)Run(terminal));
        return command;
    }

    private static ExitCode Run(Terminal terminal)
    {
        int width = MetricCatalogue.All.Max(metric => metric.Name.Length);
        foreach (var metric in MetricCatalogue.All)
            terminal.Out.WriteLine($"{metric.Name.PadRight(width)}  {(metric.Direction == Direction.LowerIsBetter ? "max" : "min")}  {metric.Unit.ToString().ToLowerInvariant(),-7}  {metric.Definition}");
        return ExitCode.Pass;
    }
}
