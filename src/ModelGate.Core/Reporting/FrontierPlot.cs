using System.Globalization;

namespace ModelGate.Reporting;

/// <summary>A point of the plot.</summary>
/// <param name="Label">The one character that marks it.</param>
/// <param name="Size">Share of the model's size as shipped.</param>
/// <param name="Decibels">Fidelity; infinite for what changes nothing.</param>
internal sealed record PlotPoint(char Label, double Size, double Decibels);

/// <summary>
/// Fidelity against size as text of at most 72 columns: what each further step down in size costs. Points bear a label, and a dotted
/// line joins those that no other one dominates.
/// </summary>
internal static class FrontierPlot
{
    private const int Width = 60, Height = 12, LabelsEach = 5;
    private const double Step = 20;

    /// <summary>Renders it, one line after the other.</summary>
    /// <param name="points">All points.</param>
    /// <param name="frontier">Those that the line joins, in order of size.</param>
    /// <param name="unicode">True where the place it goes to can show more than ASCII.</param>
    public static IReadOnlyList<string> Render(IReadOnlyList<PlotPoint> points, IReadOnlyList<PlotPoint> frontier, bool unicode)
    {
        double[] finite = [.. points.Select(static point => point.Decibels).Where(double.IsFinite)];
        double top = Math.Max(Step, Math.Ceiling(finite.DefaultIfEmpty(Step).Max() / Step) * Step), bottom = Math.Min(0, Math.Floor(finite.DefaultIfEmpty(0).Min() / Step) * Step);
        double right = Math.Max(1, points.Max(static point => point.Size));
        char[][] rows = [.. Enumerable.Range(0, Height).Select(static _ => Enumerable.Repeat(' ', Width).ToArray())];
        for (int i = 1; i < frontier.Count; i++)
            Join(rows, Cell(frontier[i - 1]), Cell(frontier[i]), unicode ? '·' : '.');
        foreach (var point in points)
            Mark(rows, Cell(point), point.Label);
        return
        [
            .. rows.Select((row, index) => Level(index) + (unicode ? '│' : '|') + new string(row).TrimEnd()),
            new string(' ', 8) + (unicode ? '└' + new string('─', Width) : '+' + new string('-', Width)),
            Axis(right),
        ];

        // What changes nothing stands in the topmost row, above any number.
        (int Row, int Column) Cell(PlotPoint point) =>
            (double.IsFinite(point.Decibels) ? 1 + (int)Math.Round((top - point.Decibels) / (top - bottom) * (Height - 2)) : 0, (int)Math.Round(point.Size / right * (Width - 1)));

        string Level(int row) => row == 0 ? "  exact " : (row - 1) % LabelsEach == 0 ? ((top - ((row - 1) / (double)(Height - 2) * (top - bottom))).ToString("0", CultureInfo.InvariantCulture) + " dB ").PadLeft(8) : new string(' ', 8);
    }

    private static void Join(char[][] rows, (int Row, int Column) from, (int Row, int Column) to, char dot)
    {
        int steps = Math.Max(Math.Abs(to.Row - from.Row), Math.Abs(to.Column - from.Column));
        for (int step = 1; step < steps; step++)
            rows[from.Row + (int)Math.Round((to.Row - from.Row) * step / (double)steps)][from.Column + (int)Math.Round((to.Column - from.Column) * step / (double)steps)] = dot;
    }

    // Beside a point that is there already.
    private static void Mark(char[][] rows, (int Row, int Column) cell, char label)
    {
        int column = cell.Column;
        while (column < Width - 1 && char.IsAsciiLetterOrDigit(rows[cell.Row][column]))
            column++;
        while (column > 0 && char.IsAsciiLetterOrDigit(rows[cell.Row][column]))
            column--;
        rows[cell.Row][column] = label;
    }

    private static string Axis(double right)
    {
        const int Ticks = 4;
        char[] axis = [.. Enumerable.Repeat(' ', Width + 14)];
        for (int tick = 0; tick <= Ticks; tick++)
        {
            string text = (right * tick / Ticks * 100).ToString("0", CultureInfo.InvariantCulture) + " %";
            text.CopyTo(0, axis, 9 + (tick * (Width - 1) / Ticks) - (tick == 0 ? 0 : text.Length / 2), text.Length);
        }

        return new string(axis).TrimEnd();
    }
}
