using ModelGate.Gating;
using ModelGate.Measuring;

namespace ModelGate.Reporting;

/// <summary>
/// The restarts behind a verdict as a box on one line, with the limit marked: how far they lie from it, and how far from each other.
/// </summary>
public static class RestartBox
{
    private const int Width = 48;

    // Left free on both sides of what is drawn, so that no end touches the edge.
    private const double Margin = 0.04;

    /// <summary>The line; null for a budget that is on no latency, or has too few restarts to make a box of.</summary>
    /// <param name="result">A judged budget.</param>
    /// <param name="unicode">True where box-drawing characters may be used.</param>
    public static string? Of(BudgetResult result, bool unicode)
    {
        if (result.Restarts.Count < 3 || Percentile.Of(result.Budget.Metric) is null)
            return null;
        double[] sorted = [.. result.Restarts];
        Array.Sort(sorted);
        double limit = result.Budget.Limit.Value, low = Math.Min(sorted[0], limit), high = Math.Max(sorted[^1], limit);
        double span = high > low ? high - low : Math.Max(Math.Abs(high), double.Epsilon);
        var (whisker, box, median, mark) = unicode ? ('─', '█', '┃', '▲') : ('-', '=', '|', '^');

        char[] line = new char[Width];
        Array.Fill(line, ' ');
        Fill(sorted[0], sorted[^1], whisker);
        Fill(Quartile(sorted, 1), Quartile(sorted, 3), box);
        line[Column(Quartile(sorted, 2))] = median;
        line[Column(limit)] = mark;
        return $"{new string(line).TrimEnd()}  {mark} {Figures.Limit(result.Budget)}, {result.Restarts.Count} restarts from {Figures.End(result, sorted[0])} to {Figures.End(result, sorted[^1])}";

        void Fill(double from, double to, char with) => Array.Fill(line, with, Column(from), Column(to) - Column(from) + 1);

        int Column(double value) => (int)Math.Round((Margin + ((1 - (2 * Margin)) * (value - low) / span)) * (Width - 1));
    }

    private static double Quartile(double[] sorted, int quarter)
    {
        double at = quarter * (sorted.Length - 1) / 4.0;
        int below = (int)at;
        return below + 1 < sorted.Length ? sorted[below] + ((at - below) * (sorted[below + 1] - sorted[below])) : sorted[below];
    }
}
