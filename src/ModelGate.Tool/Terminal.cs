using System.Text;

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

    /// <summary>The console of this process, by the conventions NO_COLOR, FORCE_COLOR, TERM=dumb and CI.</summary>
    public static Terminal OfThisProcess()
    {
        bool dumb = Environment.GetEnvironmentVariable("TERM") == "dumb", ci = IsSet("CI");
        bool toTerminal = !Console.IsOutputRedirected;
        if (OperatingSystem.IsWindows() && toTerminal)
            Console.OutputEncoding = Encoding.UTF8; // the code page of a Windows console is rarely UTF-8

        return new(
            Console.Out, Console.Error,
            OutColor: !IsSet("NO_COLOR") && (IsSet("FORCE_COLOR") || (toTerminal && !dumb)),
            ShowsProgress: !Console.IsErrorRedirected && !dumb && !ci,
            Unicode: Console.OutputEncoding.CodePage == Encoding.UTF8.CodePage,
            Width: toTerminal ? WindowWidth() : UsualWidth);
    }

    private static bool IsSet(string variable) => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(variable));

    private static int WindowWidth()
    {
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
