using System.Text;

namespace ModelGate.Reporting;

/// <summary>What the place a text report goes to can show.</summary>
/// <param name="Color">True where ANSI colours may be used.</param>
/// <param name="Unicode">True where block characters may be used.</param>
public sealed record TextStyle(bool Color, bool Unicode)
{
    /// <summary>Columns of the terminal; without end where it is none.</summary>
    public int Width { get; init; } = int.MaxValue;

    /// <summary>Nothing but ASCII: for files and pipes of unknown encoding.</summary>
    public static TextStyle Plain { get; } = new(false, false);
}

/// <summary>What a piece of text means to who reads it.</summary>
internal enum Tone
{
    Strong,
    Faint,
    Good,
    Warning,
    Bad,
}

/// <summary>Lines for a terminal, with colours where it has them.</summary>
internal sealed class Page(StringBuilder text, TextStyle style)
{
    /// <summary>Columns of a bar.</summary>
    public const int BarWidth = 10;

    /// <summary>Ends a line.</summary>
    public Page Line(string line = "")
    {
        text.Append(line).Append('\n');
        return this;
    }

    /// <summary>Prose, broken where a word would go beyond a number of columns.</summary>
    /// <param name="prose">What it says; made inert.</param>
    /// <param name="indent">What the first line begins with.</param>
    /// <param name="hanging">What the other lines begin with.</param>
    /// <param name="width">The columns.</param>
    /// <param name="tone">What it means; null for nothing in particular.</param>
    public Page Wrapped(string prose, string indent, string hanging, int width, Tone? tone = null)
    {
        var line = new StringBuilder(indent);
        foreach (string word in Untrusted.Inert(prose).Split(' '))
        {
            if (line.Length > indent.Length && line.Length + 1 + word.Length > width)
            {
                End();
                indent = hanging;
                line.Clear().Append(indent);
            }
            else if (line.Length > indent.Length)
            {
                line.Append(' ');
            }

            line.Append(word);
        }

        return End();

        // Made inert once more: a word may read as a command only where a line begins with it.
        Page End()
        {
            string ended = Untrusted.Inert(line.ToString());
            return Line(tone is { } painted ? Paint(painted, ended) : ended);
        }
    }

    /// <summary>Text in a tone, where colours may be used.</summary>
    public string Paint(Tone tone, string content)
    {
        string code = tone switch { Tone.Strong => "1", Tone.Faint => "2", Tone.Good => "32", Tone.Warning => "33", _ => "31" };
        return style.Color && content.Length > 0 ? $"\u001B[{code}m{content}\u001B[0m" : content;
    }

    /// <summary>A bar that is filled as far as a share says.</summary>
    public string Bar(double used)
    {
        int filled = (int)Math.Round(Math.Clamp(used, 0, 1) * BarWidth, MidpointRounding.AwayFromZero);
        return new string(style.Unicode ? '█' : '#', filled) + new string(style.Unicode ? '░' : '.', BarWidth - filled);
    }
}
