using System.Text;

namespace ModelGate.Reporting;

/// <summary>Inspections as a person reads them in a terminal. Names from models are made inert.</summary>
public static class InspectionText
{
    private const string Separator = " · ";

    // Where there is no terminal to ask.
    private const int UsualWidth = 100;

    /// <summary>Renders inspections, one below the other.</summary>
    /// <param name="inspections">What was found.</param>
    /// <param name="style">What the place they go to can show.</param>
    public static string Render(IReadOnlyList<Inspection> inspections, TextStyle style)
    {
        var text = new StringBuilder();
        foreach (var inspection in inspections) Append(text, inspection, style);
        return text.ToString();
    }

    private static void Append(StringBuilder text, Inspection inspection, TextStyle style)
    {
        var page = new Page(text, style);
        page.Line(page.Paint(Tone.Strong, Untrusted.Inert(inspection.Model.Path)));
        AppendHeadline(page, [.. InspectionTables.Headline(inspection).Split(Separator), Inspection.Name(inspection.Model.Format)], style);
        foreach (var table in InspectionTables.Of(inspection)) AlignedTable.Append(text, table, style.Width == int.MaxValue ? style with { Width = UsualWidth } : style);
        page.Line();
        string[] notes = [.. InspectionTables.Notes(inspection)];
        foreach (string note in notes) page.Wrapped(note, "", "  ", style.Width, Tone.Faint);
        if (notes.Length > 0) page.Line();
    }

    // As many figures in a line as a terminal has room for.
    private static void AppendHeadline(Page page, string[] figures, TextStyle style)
    {
        string separator = style.Unicode ? Separator : ", ";
        var line = new StringBuilder();
        foreach (string figure in figures)
        {
            if (line.Length > 0 && line.Length + separator.Length + figure.Length > style.Width)
            {
                page.Line(line.ToString());
                line.Clear();
            }
            else if (line.Length > 0)
            {
                line.Append(separator);
            }

            line.Append(figure);
        }

        page.Line(line.ToString());
    }
}
