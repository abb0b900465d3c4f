namespace ModelGate.MSBuild;

/// <summary>Text in a file that tells whether it is whole: its last line holds the hash of everything before.</summary>
internal static class SealedText
{
    private const string End = "end\t";

    /// <summary>The text with its seal, as the file holds it.</summary>
    public static string Seal(string text) => text + End + Fnv1a.Of(text) + "\n";

    /// <summary>What stands between a known beginning and the seal; null where the file is missing, damaged, unreadable, or begins with something else.</summary>
    public static string? Read(string path, string beginning)
    {
        string text;
        try
        {
            if (!File.Exists(path) || new FileInfo(path).Length == 0) // of a pipe too, which would keep the reader waiting for ever
                return null;
            text = File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }

        int end = text.LastIndexOf(End, StringComparison.Ordinal);
        return end >= beginning.Length && text.StartsWith(beginning, StringComparison.Ordinal) && text == Seal(text.Substring(0, end))
            ? text.Substring(beginning.Length, end - beginning.Length)
            : null;
    }
}
