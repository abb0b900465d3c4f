using System.CommandLine;

namespace ModelGate.Tool.Commands;

/// <summary><c>modelgate completions SHELL</c>: a script that teaches a shell to complete modelgate's commands, options and codes.</summary>
internal static class CompletionsCommand
{
    // Each script asks the tool itself, through the parser's own [suggest] directive, so that it never grows stale.
    private const string Bash = """
        _modelgate() {
            local IFS=$'\n'
            COMPREPLY=($(modelgate "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null))
        }
        complete -o default -F _modelgate modelgate
        """;

    private const string Zsh = """
        #compdef modelgate
        _modelgate() {
            local -a suggestions=("${(@f)$(modelgate "[suggest:${CURSOR}]" "${BUFFER}" 2>/dev/null)}")
            if [[ -n "${suggestions[1]}" ]]; then compadd -- "${suggestions[@]}"; else _files; fi
        }
        compdef _modelgate modelgate
        """;

    private const string Fish = """
        complete --command modelgate --arguments '(modelgate "[suggest:"(commandline --cursor)"]" (commandline) 2>/dev/null)'
        """;

    private const string PowerShell = """
        Register-ArgumentCompleter -Native -CommandName modelgate -ScriptBlock {
            param($wordToComplete, $commandAst, $cursorPosition)
            modelgate "[suggest:$cursorPosition]" "$commandAst" 2>$null | ForEach-Object {
                [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
            }
        }
        """;

    public static Command Create(Terminal terminal)
    {
        var shell = new Argument<string>("SHELL") { Description = "bash, zsh, fish or powershell." };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish", "powershell");
        var command = new Command("completions", "Print a script that lets a shell complete modelgate.\n\nExample:\n  modelgate completions bash >> ~/.bashrc") { shell };
        command.SetAction(parsed =>
        {
            terminal.Out.WriteLine(parsed.GetValue(shell) switch { "bash" => Bash, "zsh" => Zsh, "fish" => Fish, _ => PowerShell });
            return (int)ExitCode.Pass;
        });
        return command;
    }
}
