using ModelGate.Tool;

namespace ModelGate.Tests.Tool;

/// <summary>How one command line ended that was run within the test's own process.</summary>
internal sealed record CommandRun(int ExitCode, string Output, string Error)
{
    /// <summary>Columns of the terminal that the command believes to write to.</summary>
    public const int Width = 100;

    public static CommandRun Of(params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int exitCode = CommandLine.Run(args, new Terminal(output, error, OutColor: false, ShowsProgress: false, Unicode: true, Width));
        return new(exitCode, output.ToString(), error.ToString());
    }
}
