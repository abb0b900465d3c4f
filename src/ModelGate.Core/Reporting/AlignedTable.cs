using System.Text;

namespace ModelGate.Reporting;

/// <summary>Tables as plain aligned text.</summary>
internal static class AlignedTable
{
    private const int Gap = 2;
    private const int ShortestName = 8;

    /// <summary>Appends a table with its title; cells are made inert.</summary>
    /// <param name="text">Where to.</param>
    /// <param name="table">The table.</param>
    /// <param name="style">What the place can show; null where nothing is known of it.</param>
    public static void Append(StringBuilder text, ReportTable table, TextStyle? style = null)
    {
        var page = new Page(text, style ?? TextStyle.Plain);
        table = style is null ? table : WithoutEmptyColumns(table);
        string[][] rows = [.. table.Rows.Prepend([.. table.Columns.Select(static column => column.Name)]).Select(static row => row.Select(Untrusted.Inert).ToArray())];
        int[] widths = Fitted(table, [.. table.Columns.Select((_, column) => rows.Max(row => row[column].Length))], style?.Width ?? int.MaxValue);
        page.Line().Line(page.Paint(Tone.Strong, Untrusted.Inert(table.Title)));
        for (int row = 0; row < rows.Length; row++)
        {
            string line = Line(rows[row], table.Columns, widths);
            page.Line(row == 0 ? page.Paint(Tone.Faint, line) : line);
        }
    }

    // Such as the operators of a format that keeps none: others need the room.
    private static ReportTable WithoutEmptyColumns(ReportTable table)
    {
        int[] told = [.. Enumerable.Range(0, table.Columns.Count).Where(column => table.Rows.Count == 0 || table.Rows.Any(row => row[column].Length > 0))];
        return told.Length == table.Columns.Count ? table : new(table.Title, [.. told.Select(column => table.Columns[column])], [.. table.Rows.Select(row => (IReadOnlyList<string>)[.. told.Select(column => row[column])])]);
    }

    private static string Line(string[] cells, IReadOnlyList<TableColumn> columns, int[] widths)
    {
        var line = new StringBuilder(" ");
        for (int column = 0; column < cells.Length; column++)
        {
            string cell = Shortened(cells[column], widths[column]);
            line.Append(' ').Append(columns[column].IsNumber ? cell.PadLeft(widths[column]) : cell.PadRight(widths[column])).Append(' ');
        }

        return line.ToString().TrimEnd();
    }

    // Numbers are shown whole; the widest columns of names give way until the table fits.
    private static int[] Fitted(ReportTable table, int[] widths, int width)
    {
        while (widths.Sum(static each => (long)each + Gap) > width)
        {
            int widest = -1;
            for (int column = 0; column < widths.Length; column++)
            {
                if (!table.Columns[column].IsNumber && widths[column] > ShortestName && (widest < 0 || widths[column] > widths[widest])) widest = column;
            }

            if (widest < 0) break;
            widths[widest]--;
        }

        return widths;
    }

    // The end of a tensor's path tells more than its beginning, and of a sentence the beginning.
    private static string Shortened(string name, int width) =>
        name.Length <= width ? name : name.Contains(' ', StringComparison.Ordinal) ? name[..(width - 3)] + "..." : "..." + name[^(width - 3)..];
}
