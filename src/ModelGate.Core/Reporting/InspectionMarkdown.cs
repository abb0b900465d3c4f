using System.Text;

namespace ModelGate.Reporting;

/// <summary>Models for a pull request or a job summary: headline figures and tables of where the weight is.</summary>
public static class InspectionMarkdown
{
    /// <summary>Renders inspections.</summary>
    public static string Render(IReadOnlyList<Inspection> inspections, IReadOnlyList<Diagnostic> failures)
    {
        var text = new StringBuilder();
        foreach (var inspection in inspections)
        {
            text.Append("## ").Append(Untrusted.Markdown(inspection.Model.Path)).Append("\n\n");
            text.Append(InspectionTables.Headline(inspection)).Append(" · ").Append(Inspection.Name(inspection.Model.Format)).Append("\n\n");
            foreach (var table in InspectionTables.Of(inspection)) Append(text, table);
            AppendTold(text, inspection.Model.Notes);
            if (inspection.Content is { } content && ContentTable.Warning(content) is { } warning) text.Append("- **warning** ").Append(Untrusted.Markdown(warning)).Append("\n\n");
        }

        AppendTold(text, failures);
        return text.ToString();
    }

    /// <summary>Appends a table under its title.</summary>
    internal static void Append(StringBuilder text, ReportTable table)
    {
        text.Append("### ").Append(Untrusted.Markdown(table.Title)).Append("\n\n|");
        foreach (var column in table.Columns) text.Append(' ').Append(column.Name).Append(" |");
        text.Append("\n|");
        foreach (var column in table.Columns) text.Append(column.IsNumber ? "--:|" : "---|");
        foreach (var row in table.Rows)
        {
            text.Append("\n|");
            foreach (string cell in row) text.Append(' ').Append(Untrusted.Markdown(cell)).Append(" |");
        }

        text.Append("\n\n");
    }

    private static void AppendTold(StringBuilder text, IReadOnlyList<Diagnostic> told)
    {
        foreach (var diagnostic in told)
            text.Append("- **").Append(diagnostic.Kind.Code).Append("** ").Append(Untrusted.Markdown(diagnostic.At?.File ?? "")).Append(": ").Append(Untrusted.Markdown(diagnostic.Message)).Append('\n');
        if (told.Count > 0) text.Append('\n');
    }
}
