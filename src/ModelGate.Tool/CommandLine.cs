using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using ModelGate.Policies;
using ModelGate.Reporting;
using ModelGate.Tool.Commands;

namespace ModelGate.Tool;

/// <summary>The commands, put together and run. Nothing escapes it: every way to end is an <see cref="ExitCode"/>.</summary>
internal static class CommandLine
{
    // A file whose name begins with @ is a file, not a list of further arguments: whoever names the files would choose the options.
    private static readonly ParserConfiguration Plain = new() { ResponseFileTokenReplacer = null };

    /// <summary>Parses and runs one command line.</summary>
    public static int Run(string[] args, Terminal terminal)
    {
        using var output = new SteadyWriter(terminal.Out);
        using var error = new SteadyWriter(terminal.Error);
        int exitCode = Guarded(args, terminal with { Out = output, Error = error });
        output.Flush();
        if (output.Failure is not { } failure)
            return exitCode;
        error.WriteLine(MSBuildReport.Line(new(Diagnostics.ReportNotWritten, new("standard output"), $"The output could not be written: {FileErrors.Reason(failure)}. {Diagnostics.ReportNotWritten.Fix}")));
        return exitCode == (int)ExitCode.Pass ? (int)ExitCode.Internal : exitCode;
    }

    private static int Guarded(string[] args, Terminal terminal)
    {
        try
        {
            if (Array.IndexOf(args, "") >= 0)
                return (int)terminal.Refuse("An argument is empty, as a variable is that was never set. Give it a value or leave it out.");
            var parsed = Checking(terminal, args) ?? Root(terminal).Parse(args, Plain);
            if (parsed.CommandResult.Command is RootCommand root)
                Summarize(root);
            return parsed.Action is ParseErrorAction || IsMisspelt(parsed)
                ? Refuse(parsed, terminal)
                : parsed.Invoke(new InvocationConfiguration { Output = terminal.Out, Error = terminal.Error, EnableDefaultExceptionHandler = false });
        }
        catch (FileNotFoundException) when (!CurrentFolderExists())
        {
            return (int)terminal.Refuse("The current folder was deleted. Change to one that is there.");
        }
        catch (Exception e)
        {
            terminal.Error.WriteLine(MSBuildReport.Line(new(Diagnostics.InternalError, null, $"{e.GetType().Name}: {e.Message} {Diagnostics.InternalError.Why} {Diagnostics.InternalError.Fix}")));
            terminal.Error.WriteLine(e.StackTrace);
            return (int)ExitCode.Internal;
        }
    }

    // What builds ask for, by itself: a root with every command, help and version takes a tenth of a start. Whatever is not a plain
    // order to check, the root understands or refuses; of the help it alone knows, so that its short names would be policies.
    private static ParseResult? Checking(Terminal terminal, string[] args) =>
        args is ["check", .. var rest] && !Array.Exists(rest, static word => word is "-h" or "-?") && CheckCommand.Create(terminal).Parse(rest, Plain) is { Errors.Count: 0 } parsed && !IsMisspelt(parsed) ? parsed : null;

    private static bool CurrentFolderExists()
    {
        try
        {
            return Directory.Exists(Environment.CurrentDirectory);
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static RootCommand Root(Terminal terminal)
    {
        var root = new RootCommand(
            "Stops a build from shipping a machine-learning model that is too heavy or too slow." + Environment.NewLine +
            "Exit codes: 0 pass · 1 budget breached · 2 policy or usage wrong · 3 could not be judged · 4 internal error.")
        {
            CheckCommand.Create(terminal), InitCommand.Create(terminal), InspectCommand.Create(terminal), BenchCommand.Create(terminal), CompressCommand.Create(terminal), CompareCommand.Create(terminal), AdviseCommand.Create(terminal),
            MetricsCommand.Create(terminal), SchemaCommand.Create(terminal), ExplainCommand.Create(terminal),
        };
        root.Add(CompletionsCommand.Create(terminal));
        root.Add(HelpCommand.Create(terminal, [.. root.Subcommands.Select(static command => command.Name), "help"], words => Guarded(words, terminal)));
        return root;
    }

    // In the list of all commands each has a line or two; its own help holds the examples.
    private static void Summarize(RootCommand root)
    {
        foreach (var command in root.Subcommands)
            command.Description = command.Description!.ReplaceLineEndings("\n").Split("\n\n")[0];
    }

    private static int Refuse(ParseResult parsed, Terminal terminal)
    {
        var command = parsed.CommandResult.Command;
        if (parsed.Tokens.Count == 0)
        {
            parsed.RootCommandResult.Command.Parse("--help").Invoke(new InvocationConfiguration { Output = terminal.Error });
            return (int)ExitCode.PolicyOrUsage;
        }

        string[] known = [.. command.Subcommands.Select(each => each.Name), .. command.Options.Select(each => each.Name)];
        string[] unknownWords = [.. parsed.UnmatchedTokens.Union(Misspelt(parsed))];
        foreach (string unknown in unknownWords)
            terminal.Refuse($"`{unknown}` is not understood here.{(Spelling.Nearest(unknown, known) is { } nearest ? $" Did you mean `{nearest}`?" : "")}");
        // With words left over, the parser's own errors only repeat them.
        foreach (var error in unknownWords.Length == 0 ? parsed.Errors : [])
            terminal.Refuse(InOneLine(error.Message));
        terminal.Error.WriteLine($"See `modelgate {(command is RootCommand ? "" : command.Name + " ")}--help`.");
        return (int)ExitCode.PolicyOrUsage;
    }

    // The parser lists what an option takes on lines of their own, which an error message has none of.
    private static string InOneLine(string message)
    {
        string[] lines = message.ReplaceLineEndings("\n").Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return $"{lines[0]} {string.Join(", ", lines[1..])}".TrimEnd();
    }

    // The parser takes a misspelt option for an argument: `check --formt` would look for a policy of that name.
    private static List<string> Misspelt(ParseResult parsed)
    {
        List<string> misspelt = [];
        foreach (var token in parsed.Tokens)
        {
            if (token.Type == TokenType.DoubleDash)
                break;
            if (token.Type == TokenType.Argument && token.Value.StartsWith("--", StringComparison.Ordinal))
                misspelt.Add(token.Value);
        }

        return misspelt;
    }

    private static bool IsMisspelt(ParseResult parsed) => Misspelt(parsed).Count > 0;
}
