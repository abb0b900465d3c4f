using System.Text;

namespace ModelGate.MSBuild;

/// <summary>Lines of fields that hold any text: a tab between fields, and a backslash before what would end a field, a line, or itself.</summary>
internal static class TabSeparated
{
    /// <summary>One line, without its end.</summary>
    public static string Join(params string[] fields)
    {
        var line = new StringBuilder();
        for (int i = 0; i < fields.Length; i++)
        {
            if (i > 0)
                line.Append('\t');
            Escape(fields[i], line);
        }
        return line.ToString();
    }

    /// <summary>The fields of one line.</summary>
    public static string[] Split(string line)
    {
        string[] fields = line.Split('\t');
        if (line.IndexOf('\\') < 0)
            return fields;
        for (int i = 0; i < fields.Length; i++)
            fields[i] = Unescape(fields[i]);
        return fields;
    }

    private static void Escape(string field, StringBuilder line)
    {
        foreach (char c in field)
        {
            _ = c switch
            {
                '\\' => line.Append(@"\\"),
                '\t' => line.Append(@"\t"),
                '\n' => line.Append(@"\n"),
                '\r' => line.Append(@"\r"),
                _ => line.Append(c),
            };
        }
    }

    private static string Unescape(string field)
    {
        var text = new StringBuilder(field.Length);
        for (int i = 0; i < field.Length; i++)
        {
            bool escaped = field[i] == '\\' && i + 1 < field.Length;
            text.Append(!escaped ? field[i] : field[++i] switch { 't' => '\t', 'n' => '\n', 'r' => '\r', var other => other });
        }
        return text.ToString();
    }
}
