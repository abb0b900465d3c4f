using System.Text;

namespace ModelGate.Reporting;

/// <summary>Tables as plain aligned text.</summary>
internal static class AlignedTable
{
    /// <summary>Appends a table with its title; cells are made inert.</summary>
    public static void Append(StringBuilder text, ReportTable table)
    {
        string[][] rows = [.. table.Rows.Prepend([.. table.Columns.Select(static column => column.Name)]).Select(static row => row.Select(Untrusted.Inert).ToArray())];
        int[] widths = [.. table.Columns.Select((_, column) => rows.Max(row => row[column].Length))];
        text.Append('\n').Append(Untrusted.Inert(table.Title)).Append('\n');
        foreach (string[] row in rows)
        {
            var line = new StringBuilder(" ");
            for (int column = 0; column < row.Length; column++)
                line.Append(' ').Append(table.Columns[column].IsNumber ? row[column].PadLeft(widths[column]) : row[column].PadRight(widths[column])).Append(' ');
            text.Append(line.ToString().TrimEnd()).Append('\n');
        }
    }
}
