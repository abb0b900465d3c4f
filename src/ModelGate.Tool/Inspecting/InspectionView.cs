using ModelGate.Reporting;
using Spectre.Console;

namespace ModelGate.Tool.Inspecting;

/// <summary>Inspections as a person reads them in a terminal. Names from models go into plain text cells, never into markup.</summary>
internal static class InspectionView
{
    private const int Gap = 2;
    private const int ShortestName = 12;

    public static void Write(IReadOnlyList<Inspection> inspections, Terminal terminal)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(terminal.Out),
            Ansi = terminal.OutColor ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = terminal.OutColor ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
        });
        console.Profile.Width = int.MaxValue / 2; // tables are fitted here; Spectre.Console's own way of shortening cells may never end
        console.Profile.Capabilities.Unicode = terminal.Unicode;
        foreach (var inspection in inspections) Write(inspection, console, terminal);
    }

    private static void Write(Inspection inspection, IAnsiConsole console, Terminal terminal)
    {
        string separator = terminal.Unicode ? " · " : ", ";
        console.Write(new Text(Untrusted.Inert(inspection.Model.Path), new Style(decoration: Decoration.Bold)));
        console.WriteLine();
        console.WriteLine((InspectionTables.Headline(inspection) + " · " + Inspection.Name(inspection.Model.Format)).Replace(" · ", separator, StringComparison.Ordinal));
        console.WriteLine();
        foreach (var table in InspectionTables.Of(inspection)) Write(table, console, terminal.Width);
        string[] notes = [.. InspectionTables.Notes(inspection)];
        foreach (string note in notes) console.WriteLine(Untrusted.Inert(note), new Style(decoration: Decoration.Dim));
        if (notes.Length > 0) console.WriteLine();
    }

    private static void Write(ReportTable table, IAnsiConsole console, int width)
    {
        console.Write(new Text(table.Title, new Style(decoration: Decoration.Bold)));
        console.WriteLine();
        var rows = Fit(table, width);
        var grid = new Table { Border = TableBorder.None };
        foreach (var column in table.Columns)
        {
            var added = new Spectre.Console.TableColumn(new Text(column.Name, new Style(decoration: Decoration.Dim))) { NoWrap = true, Padding = new Padding(0, 0, Gap, 0) };
            grid.AddColumn(column.IsNumber ? added.RightAligned() : added);
        }

        foreach (var row in rows) grid.AddRow([.. row.Select(cell => new Text(cell))]);
        console.Write(grid);
        console.WriteLine();
    }

    // Numbers are shown whole; the widest columns of names give way until the table fits.
    private static List<string[]> Fit(ReportTable table, int width)
    {
        List<string[]> rows = [.. table.Rows.Select(row => row.Select(Untrusted.Inert).ToArray())];
        int[] widths = [.. table.Columns.Select((column, index) => rows.Select(row => row[index].Length).Append(column.Name.Length).Max())];
        while (widths.Sum(each => each + Gap) > width)
        {
            int widest = -1;
            for (int column = 0; column < widths.Length; column++)
            {
                if (!table.Columns[column].IsNumber && widths[column] > ShortestName && (widest < 0 || widths[column] > widths[widest])) widest = column;
            }

            if (widest < 0) break;
            widths[widest]--;
        }

        foreach (string[] row in rows)
        {
            for (int column = 0; column < row.Length; column++) row[column] = Shortened(row[column], widths[column]);
        }

        return rows;
    }

    // The end of a tensor's path tells more than its beginning.
    private static string Shortened(string name, int width) => name.Length <= width ? name : "..." + name[^(width - 3)..];
}
