using System.Globalization;
using System.Text;

namespace ModelGate.MSBuild;

/// <summary>How a line is told to the user.</summary>
internal enum Loudness
{
    /// <summary>In detailed logs only.</summary>
    Quiet,

    /// <summary>On the console, as plain text.</summary>
    Message,

    /// <summary>A warning of the build.</summary>
    Warning,

    /// <summary>An error of the build.</summary>
    Error,
}

/// <summary>One line that the run said.</summary>
/// <param name="loudness">How it is told.</param>
/// <param name="code">MG code; empty where it has none.</param>
/// <param name="file">The file it is about; empty where it is about none.</param>
/// <param name="line">One-based line; 0 for the file as a whole.</param>
/// <param name="column">One-based column; 0 for the file as a whole.</param>
/// <param name="text">One line of inert text.</param>
internal sealed class Said(Loudness loudness, string code, string file, int line, int column, string text)
{
    /// <summary>How it is told.</summary>
    public Loudness Loudness { get; } = loudness;

    /// <summary>MG code; empty where it has none.</summary>
    public string Code { get; } = code;

    /// <summary>The file it is about; empty where it is about none.</summary>
    public string File { get; } = file;

    /// <summary>One-based line; 0 for the file as a whole.</summary>
    public int Line { get; } = line;

    /// <summary>One-based column; 0 for the file as a whole.</summary>
    public int Column { get; } = column;

    /// <summary>One line of inert text.</summary>
    public string Text { get; } = text;

    /// <summary>As a receipt holds it.</summary>
    public string Format() => TabSeparated.Join(
        Loudness.ToString(), Code, File, Line.ToString(CultureInfo.InvariantCulture), Column.ToString(CultureInfo.InvariantCulture), Text);
}

/// <summary>A file that the run's answer rests on.</summary>
/// <param name="path">Full path.</param>
/// <param name="stamp">Its <see cref="FileStamp"/> before it was read.</param>
internal sealed class FileRead(string path, string stamp)
{
    /// <summary>Full path.</summary>
    public string Path { get; } = path;

    /// <summary>Its <see cref="FileStamp"/> before it was read.</summary>
    public string Stamp { get; } = stamp;
}

/// <summary>What one run of the tool was asked, what it read and what it said: cited by a later build where none of it has changed.</summary>
internal sealed class Receipt
{
    private const string Header = "modelgate-receipt\t1";

    /// <summary>The question, and the surroundings where a runtime was needed, as the request has them.</summary>
    public List<string> Asked { get; } = [];

    /// <summary>Every file read.</summary>
    public List<FileRead> Files { get; } = [];

    /// <summary>Exit code of the tool.</summary>
    public int ExitCode { get; set; }

    /// <summary>What was said, in order.</summary>
    public List<Said> Lines { get; } = [];

    /// <summary>True where the run judged everything, whatever it found. What could not be judged is tried anew each time.</summary>
    public bool IsConclusive => ExitCode is 0 or 1;

    /// <summary>True where the request asks the same, and no file has changed since.</summary>
    public bool Answers(Request request, bool usedRuntime)
    {
        var asked = request.Question();
        if (usedRuntime)
            asked.AddRange(request.Surroundings());
        if (!IsConclusive || asked.Count != Asked.Count)
            return false;
        for (int i = 0; i < asked.Count; i++)
        {
            if (asked[i] != Asked[i])
                return false;
        }
        foreach (var file in Files)
        {
            if (FileStamp.Of(file.Path) != file.Stamp)
                return false;
        }
        return true;
    }

    /// <summary>The file's text; its last line tells a damaged file from a whole one.</summary>
    public string Format()
    {
        var text = new StringBuilder(Header).Append('\n');
        foreach (string line in Asked)
            text.Append(line).Append('\n');
        foreach (var file in Files)
            text.Append(TabSeparated.Join("read", file.Stamp, file.Path)).Append('\n');
        text.Append("exit\t").Append(ExitCode.ToString(CultureInfo.InvariantCulture)).Append('\n');
        foreach (var line in Lines)
            text.Append(line.Format()).Append('\n');
        return text + "end\t" + Fnv1a.Of(text.ToString()) + "\n";
    }

    /// <summary>Reads what <see cref="Format"/> wrote; null where the text is damaged or of another version.</summary>
    public static Receipt? Parse(string text)
    {
        int end = text.LastIndexOf("end\t", StringComparison.Ordinal);
        if (end < 0 || !text.StartsWith(Header, StringComparison.Ordinal) || text.Substring(end) != "end\t" + Fnv1a.Of(text.Substring(0, end)) + "\n")
            return null;
        var receipt = new Receipt();
        string[] lines = text.Substring(0, end).Split('\n');
        int i = 1;
        for (; !lines[i].StartsWith("read\t", StringComparison.Ordinal) && !lines[i].StartsWith("exit\t", StringComparison.Ordinal); i++)
            receipt.Asked.Add(lines[i]);
        for (; lines[i].StartsWith("read\t", StringComparison.Ordinal); i++)
        {
            string[] fields = TabSeparated.Split(lines[i]);
            receipt.Files.Add(new(fields[2], fields[1]));
        }
        receipt.ExitCode = Number(lines[i++].Substring("exit\t".Length));
        for (; i < lines.Length - 1; i++)
        {
            string[] fields = TabSeparated.Split(lines[i]);
            receipt.Lines.Add(new(LoudnessOf(fields[0]), fields[1], fields[2], Number(fields[3]), Number(fields[4]), fields[5]));
        }
        return receipt;
    }

    /// <summary>The receipt at a path; null where there is none, or it is damaged.</summary>
    public static Receipt? Read(string path)
    {
        try
        {
            return File.Exists(path) ? Parse(File.ReadAllText(path)) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static int Number(string text) => int.Parse(text, NumberStyles.Integer, CultureInfo.InvariantCulture);

    private static Loudness LoudnessOf(string text) => text switch
    {
        nameof(Loudness.Error) => Loudness.Error,
        nameof(Loudness.Warning) => Loudness.Warning,
        nameof(Loudness.Message) => Loudness.Message,
        _ => Loudness.Quiet,
    };
}
