using System.Globalization;
using System.Text;

namespace ModelGate.Reporting;

/// <summary>
/// Makes text from model files, packages and policies harmless wherever it is shown: names in a model are whatever its author wrote,
/// terminal escapes, workflow commands and markup included. What is replaced stays visible.
/// </summary>
public static class Untrusted
{
    /// <summary>
    /// One line for a console, a build log or an annotation: control characters, line breaks, bidirectional overrides and lone surrogates
    /// become <c>\u001B</c>-like escapes, and nothing in it reads as a command of a CI service (<c>::error::</c>, <c>##[…]</c>, <c>##vso[…]</c>, <c>##teamcity[…]</c>).
    /// </summary>
    public static string Inert(string text)
    {
        int first = FirstUnsafe(text);
        if (first < 0)
            return text;

        var inert = new StringBuilder(text.Length + 16).Append(text, 0, first);
        for (int i = first; i < text.Length; i++)
        {
            char c = text[i];
            if (char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
                inert.Append(c).Append(text[++i]);
            else if (IsUnsafe(c) || StartsCommand(text, i))
                inert.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:X4}");
            else
                inert.Append(c);
        }

        return inert.ToString();
    }

    /// <summary>Text for JSON, which escapes everything itself but must not be given half a surrogate pair.</summary>
    public static string WellFormed(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i]))
                continue;
            if (!char.IsHighSurrogate(text[i]) || i + 1 == text.Length || !char.IsLowSurrogate(text[i + 1]))
                return Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
            i++;
        }

        return text;
    }

    /// <summary>Text inside Markdown, table cells included: no markup, HTML, link, image, mention or issue reference comes of it.</summary>
    public static string Markdown(string text)
    {
        const string Punctuation = "\\`*_{}[]<>()!|~$&";
        const char ZeroWidthSpace = '\u200B';
        string inert = Inert(text);
        var escaped = new StringBuilder(inert.Length + 16);
        for (int i = 0; i < inert.Length; i++)
        {
            char c = inert[i];
            if (Punctuation.Contains(c, StringComparison.Ordinal))
                escaped.Append('\\');
            escaped.Append(c);
            // Mentions, references and bare links are recognised after unescaping: a backslash would not stop them.
            if (c is '@' or '#' || (c == ':' && i + 1 < inert.Length && inert[i + 1] == '/') || (c == '.' && EndsWithWww(inert, i)))
                escaped.Append(ZeroWidthSpace);
        }

        return escaped.ToString();
    }

    private static int FirstUnsafe(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
                i++;
            else if (IsUnsafe(text[i]) || StartsCommand(text, i))
                return i;
        }

        return -1;
    }

    // Direction overrides and isolates, invisible separators and the byte order mark make text read as something else than it is.
    private static bool IsUnsafe(char c) =>
        char.IsControl(c) || char.IsSurrogate(c) || c is '\u061C' or '\u200E' or '\u200F' or '\u2028' or '\u2029' or '\uFEFF'
            || c is >= '\u202A' and <= '\u202E' or >= '\u2060' and <= '\u2069';

    private static bool StartsCommand(string text, int i) => text[i] switch
    {
        ':' => i + 1 < text.Length && text[i + 1] == ':' && string.IsNullOrWhiteSpace(text[..i]),
        '#' => i + 1 < text.Length && text[i + 1] == '#' && NamesCommand(text.AsSpan(i + 2)),
        _ => false,
    };

    private static bool NamesCommand(ReadOnlySpan<char> text) =>
        text.StartsWith("[") || text.StartsWith("vso[", StringComparison.OrdinalIgnoreCase) || text.StartsWith("teamcity[", StringComparison.OrdinalIgnoreCase);

    private static bool EndsWithWww(string text, int i) =>
        i >= 3 && text.AsSpan(i - 3, 3).Equals("www", StringComparison.OrdinalIgnoreCase);
}
