using System.Text;
using ModelGate.Models;
using ModelGate.Reporting;

namespace ModelGate.Tool;

/// <summary>Where output goes and what it can show.</summary>
/// <param name="Out">Data.</param>
/// <param name="Error">Progress and complaints.</param>
/// <param name="OutColor">True where <paramref name="Out"/> may carry colour.</param>
/// <param name="ShowsProgress">True where <paramref name="Error"/> is a terminal that a person watches.</param>
/// <param name="Unicode">True where <paramref name="Out"/> can show box-drawing characters.</param>
/// <param name="Width">Columns.</param>
internal sealed record Terminal(TextWriter Out, TextWriter Error, bool OutColor, bool ShowsProgress, bool Unicode, int Width)
{
    private const int UsualWidth = 100;

    // What every terminal has: a longer line would wrap, and only its last row be overwritten by the next.
    private const int NarrowestWidth = 80;

    /// <summary>Columns for what is overwritten on <see cref="Error"/>: fewer where <see cref="Out"/> is no terminal whose width could be asked.</summary>
    public int ProgressWidth { get; init; } = Width;

    /// <summary>Columns that a report had better keep to; without end where <see cref="Out"/> is no terminal.</summary>
    public int ReportWidth { get; init; } = int.MaxValue;

    /// <summary>Says what is wrong with a command line.</summary>
    public ExitCode Refuse(string why)
    {
        Error.WriteLine(MSBuildReport.Line(new(Diagnostics.Usage, null, why)));
        return ExitCode.PolicyOrUsage;
    }

    /// <summary>The structure of a model; null where it cannot be read, which is said then.</summary>
    public ModelFile? Read(string model)
    {
        try
        {
            return ModelReader.Read(model);
        }
        catch (ModelException e)
        {
            Error.WriteLine(MSBuildReport.Line(e.At(model)));
            return null;
        }
    }

    /// <summary>The console of this process, by the conventions NO_COLOR, FORCE_COLOR, TERM=dumb and CI.</summary>
    public static Terminal OfThisProcess()
    {
        bool dumb = Environment.GetEnvironmentVariable("TERM") == "dumb", ci = IsSet("CI");
        bool toTerminal = !Console.IsOutputRedirected;
        int width = toTerminal ? WindowWidth() : UsualWidth;
        if (OperatingSystem.IsWindows() && toTerminal)
            Console.OutputEncoding = Encoding.UTF8; // the code page of a Windows console is rarely UTF-8

#pragma warning disable CA2000 // These live as long as the process.
        return new(
            Writer(static () => UnixOutput.TryOpen(UnixOutput.Output) ?? Console.OpenStandardOutput()), Writer(static () => UnixOutput.TryOpen(UnixOutput.Error) ?? Console.OpenStandardError()),
            OutColor: !IsSet("NO_COLOR") && (Forces("FORCE_COLOR") || (toTerminal && !dumb && !IsSet("FORCE_COLOR"))),
            ShowsProgress: !Console.IsErrorRedirected && !dumb && !ci,
            Unicode: SpeaksUtf8(),
            Width: width)
        { ProgressWidth = toTerminal ? width : NarrowestWidth, ReportWidth = toTerminal ? width : int.MaxValue };
#pragma warning restore CA2000
    }

    // The console's own writers set a terminal up for keys, colours and signals, which costs a tenth of a start and serves no one here.
    private static TextWriter Writer(Func<Stream> open)
    {
        try
        {
            bool utf8 = SpeaksUtf8();
#pragma warning disable CA2000 // It lives as long as the process.
            var writer = new StreamWriter(open(), utf8 ? new UTF8Encoding(encoderShouldEmitUTF8Identifier: false) : Console.OutputEncoding) { AutoFlush = true };
#pragma warning restore CA2000
            return utf8 ? writer : new PlainWriter(writer);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new ClosedWriter();
        }
    }

    // As the console itself tells its encoding: on Windows from its code page, elsewhere from the first of these that is set.
    private static bool SpeaksUtf8()
    {
        if (OperatingSystem.IsWindows())
            return Console.OutputEncoding.CodePage == Encoding.UTF8.CodePage;
        foreach (string variable in (string[])["LC_ALL", "LC_MESSAGES", "LANG"])
        {
            if (Environment.GetEnvironmentVariable(variable) is { Length: > 0 } locale)
                return locale.IndexOf('.', StringComparison.Ordinal) is var dot && (dot < 0 || locale[(dot + 1)..].StartsWith("utf", StringComparison.OrdinalIgnoreCase));
        }

        return true;
    }

    // Many programs take 0 for the wish to have none.
    private static bool Forces(string variable) => IsSet(variable) && Environment.GetEnvironmentVariable(variable) is not ("0" or "false");

    private static bool IsSet(string variable) => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(variable));

    private static int WindowWidth()
    {
        if (UnixOutput.Columns() is { } columns)
            return columns;
        try
        {
            return Console.WindowWidth is > 0 and var width ? width : UsualWidth;
        }
        catch (IOException)
        {
            return UsualWidth;
        }
    }
}
