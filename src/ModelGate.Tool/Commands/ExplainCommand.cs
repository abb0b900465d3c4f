using System.CommandLine;

namespace ModelGate.Tool.Commands;

/// <summary><c>modelgate explain CODE</c>: what a diagnostic means, why it matters, how to fix it.</summary>
internal static class ExplainCommand
{
    public static Command Create(Terminal terminal)
    {
        var code = new Argument<string>("CODE") { Description = "A code such as MG1001; without it, all of them are listed.", HelpName = "CODE", Arity = ArgumentArity.ZeroOrOne };
        code.CompletionSources.Add(_ => Diagnostics.All.Select(kind => new System.CommandLine.Completions.CompletionItem(kind.Code)));
        var command = new Command("explain", "Say what a diagnostic means, why it matters and how to fix it.\n\nExample:\n  modelgate explain MG1001") { code };
        command.SetAction(parsed => (int)Run(parsed.GetValue(code), terminal));
        return command;
    }

    private static ExitCode Run(string? code, Terminal terminal)
    {
        if (code is null)
        {
            foreach (var each in Diagnostics.All)
                terminal.Out.WriteLine($"{each.Code}  {each.Title}");
            return ExitCode.Pass;
        }

        if (Diagnostics.Find(code) is not { } kind)
            return terminal.Refuse($"There is no diagnostic '{code}'. `modelgate explain` lists them all.");

        terminal.Out.WriteLine($"{kind.Code}: {kind.Title} ({kind.Severity.ToString().ToLowerInvariant()})");
        terminal.Out.WriteLine();
        terminal.Out.WriteLine(kind.Why);
        terminal.Out.WriteLine();
        terminal.Out.WriteLine(kind.Fix);
        return ExitCode.Pass;
    }
}
