using System.Globalization;
using System.Text;

namespace ModelGate.Tool;

/// <summary>
/// A console, or a file behind one, whose encoding is not UTF-8, as on Windows wherever output is redirected: of the characters that
/// our own texts use, what ASCII has none of is written as people write it by hand, where the encoding would make a question mark of it.
/// </summary>
internal sealed class PlainWriter(TextWriter inner) : TextWriter(CultureInfo.InvariantCulture)
{
    // The mark of the verdict unmeasured: the only one beyond the first 65,536 characters.
    private const int Prohibited = 0x1F6AB;

    public override Encoding Encoding => inner.Encoding;

    public override void Write(char value)
    {
        if (ByHand(value) is { } plain)
            inner.Write(plain);
        else
            inner.Write(value);
    }

    public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

    public override void Write(ReadOnlySpan<char> buffer) => Write(buffer.ToString());

    public override void Write(string? value)
    {
        if (value is null || Ascii.IsValid(value))
        {
            inner.Write(value);
            return;
        }

        var text = new StringBuilder(value.Length);
        foreach (var rune in value.EnumerateRunes())
        {
            if (rune.Value <= char.MaxValue && ByHand((char)rune.Value) is { } plain)
                text.Append(plain);
            else
                text.Append(rune.Value == Prohibited ? "" : rune.ToString());
        }

        inner.Write(text.ToString());
    }

    public override void Flush() => inner.Flush();

    // The marks of verdicts stand before the verdict in words.
    private static string? ByHand(char c) => c switch
    {
        '\u2026' => "...",
        '\u00B7' or '\u2212' or '\u2013' => "-",
        '\u00D7' => "x",
        '\u2192' => "->",
        '\u2264' => "<=",
        '\u2265' => ">=",
        '\u00B2' => "^2",
        '\u03A3' => "sum ",
        '\u221A' => "sqrt",
        '\u2588' => "#",
        '\u2591' => ".",
        '\u2500' => "-",
        '\u2502' or '\u2503' => "|",
        '\u2514' => "+",
        '\u25B2' => "^",
        '\u0302' => "'", // x with a circumflex: what is restored of x
        '\u2705' or '\u274C' or '\u2754' or '\u23F8' or '\u26A0' or '\uFE0F' => "",
        _ => null,
    };
}
