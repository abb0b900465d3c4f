using System.CommandLine;
using ModelGate.Policies;

namespace ModelGate.Tool.Commands;

/// <summary><c>modelgate help [COMMAND]</c>: what <c>--help</c> prints, for those who ask the way other tools answer to.</summary>
internal static class HelpCommand
{
    /// <param name="terminal">Where it is printed.</param>
    /// <param name="commands">The names of the commands.</param>
    /// <param name="run">Runs a command line.</param>
    public static Command Create(Terminal terminal, IReadOnlyList<string> commands, Func<string[], int> run)
    {
        var about = new Argument<string?>("COMMAND") { Description = "The command to explain; without it, all of them are listed.", HelpName = "COMMAND", Arity = ArgumentArity.ZeroOrOne };
        about.CompletionSources.Add(_ => commands.Select(name => new System.CommandLine.Completions.CompletionItem(name)));
        var command = new Command("help", "Say what a command does, as --help does.\n\nExample:\n  modelgate help bench") { about };
        command.SetAction(parsed => parsed.GetValue(about) switch
        {
            null => run(["--help"]),
            { } name when commands.Contains(name) => run([name, "--help"]),
            { } name => (int)terminal.Refuse($"There is no command '{name}'.{(Spelling.Nearest(name, commands) is { } nearest ? $" Did you mean `{nearest}`?" : " `modelgate help` lists them all.")}"),
        });
        return command;
    }
}
