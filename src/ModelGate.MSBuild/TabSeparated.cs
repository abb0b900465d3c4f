using System.Globalization;
using System.Text;

namespace ModelGate.MSBuild;

/// <summary>Lines of fields that hold any text: a tab between fields, and percent-encoding for what would end a field or a line.</summary>
internal static class TabSeparated
{
    private static readonly char[] Special = ['%', '\t', '\n', '\r'];

    /// <summary>A field as a line holds it.</summary>
    public static string Escape(string field)
    {
        if (field.IndexOfAny(Special) < 0)
            return field;
        var text = new StringBuilder(field.Length + 8);
        foreach (char c in field)
        {
            if (Array.IndexOf(Special, c) < 0)
                text.Append(c);
            else
                text.Append('%').Append(((int)c).ToString("X2", CultureInfo.InvariantCulture));
        }
        return text.ToString();
    }

    /// <summary>The fields of a line.</summary>
    public static string[] Split(string line)
    {
        string[] fields = line.Split('\t');
        for (int i = 0; i < fields.Length; i++)
            fields[i] = fields[i].Replace("%09", "\t").Replace("%0A", "\n").Replace("%0D", "\r").Replace("%25", "%");
        return fields;
    }
}
