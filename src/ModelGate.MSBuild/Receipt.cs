using System.Globalization;
using System.Text;

namespace ModelGate.MSBuild;

/// <summary>
/// The text of a receipt: what one run of the tool was asked, every file it read, and what it said. A later build cites it
/// where none of that has changed. The lines, in this order, with fields separated by tabs:
/// <code>
/// modelgate-receipt 1
/// (the question of the request, and its surroundings where a runtime was needed, as they stand there)
/// read     stamp  path
/// exit     code
/// said     loudness  code  file  line  column  text
/// end      hash of everything before
/// </code>
/// </summary>
internal static class Receipt
{
    /// <summary>An error of the build.</summary>
    public const string Error = "error";

    /// <summary>A warning of the build.</summary>
    public const string Warning = "warning";

    /// <summary>A line of plain text on the console.</summary>
    public const string Message = "message";

    /// <summary>For detailed logs only.</summary>
    public const string Quiet = "quiet";

    private const string Header = "modelgate-receipt\t1\n";

    /// <summary>Writes a receipt.</summary>
    /// <param name="asked">The request's question, with its surroundings where a runtime was needed.</param>
    /// <param name="stamps">Path and <see cref="FileStamp"/>, taken before it was read, of every file.</param>
    /// <param name="exitCode">Exit code of the tool.</param>
    /// <param name="said">Loudness, code, file, line, column and text of every line.</param>
    public static string Write(string asked, IEnumerable<KeyValuePair<string, string>> stamps, int exitCode, IEnumerable<string[]> said)
    {
        var text = new StringBuilder(Header).Append(asked);
        foreach (var file in stamps)
            text.Append("read\t").Append(file.Value).Append('\t').Append(TabSeparated.Escape(file.Key)).Append('\n');
        text.Append("exit\t").Append(exitCode.ToString(CultureInfo.InvariantCulture)).Append('\n');
        foreach (string[] line in said)
        {
            text.Append("said");
            foreach (string field in line)
                text.Append('\t').Append(TabSeparated.Escape(field));
            text.Append('\n');
        }
        return SealedText.Seal(text.ToString());
    }

    /// <summary>
    /// The lines from <c>exit</c> on, where the receipt is whole and answers what is asked; otherwise null. To be cited it must also
    /// be conclusive (what could not be judged is tried anew each time), and no file that it rests on may have changed.
    /// </summary>
    public static string[]? Read(string path, string asked, bool toCite)
    {
        if (SealedText.Read(path, Header + asked) is not { } text)
            return null;

        string[] lines = text.Split(['\n'], StringSplitOptions.RemoveEmptyEntries);
        int i = 0;
        for (; i < lines.Length && lines[i].StartsWith("read\t", StringComparison.Ordinal); i++)
        {
            string[] fields = TabSeparated.Split(lines[i]);
            if (toCite && FileStamp.Of(fields[2]) != fields[1])
                return null;
        }
        if (i == lines.Length || !(toCite ? lines[i] is "exit\t0" or "exit\t1" : lines[i].StartsWith("exit\t", StringComparison.Ordinal)))
            return null;
        string[] rest = new string[lines.Length - i];
        Array.Copy(lines, i, rest, 0, rest.Length);
        return rest;
    }
}
