using System.Buffers;

namespace ModelGate;

/// <summary>
/// A path in a command that a message suggests, written so that whoever pastes it runs that command and nothing else: file names come
/// with pull requests, and a shell expands <c>$(…)</c> even between double quotes.
/// </summary>
public static class ShellArgument
{
    // Letters and digits apart: what no shell takes for more than itself within a word.
    private const string Harmless = "._-/\\:+=";

    // What a POSIX shell or PowerShell, to which typographic quotes are quotes, looks for between double quotes as well.
    private static readonly SearchValues<char> Expanded = SearchValues.Create("$`\"!\u201C\u201D\u201E");

    /// <summary>
    /// The path as it is where it may be; else between double quotes, which every shell knows; else between single ones, as POSIX shells
    /// and PowerShell take them. A name that begins with a dash gets its folder, or it would be an option.
    /// </summary>
    /// <param name="path">A path (untrusted text).</param>
    public static string Of(string path)
    {
        string named = path.StartsWith('-') ? "./" + path : path;
        if (named.All(static c => char.IsLetterOrDigit(c) || Harmless.Contains(c, StringComparison.Ordinal)))
            return named;
        return named.AsSpan().IndexOfAny(Expanded) < 0
            ? $"\"{named}\""
            : $"'{named.Replace("'", "'\\''", StringComparison.Ordinal)}'";
    }
}
