using System.Globalization;
using System.Text;
using ModelGate.Compressing;
using ModelGate.Measuring;
using ModelGate.Policies;

namespace ModelGate.Reporting;

/// <summary>What became of a model that was compressed, for people.</summary>
public static class CompressionText
{
    private const int Listed = 8, LongestName = 44, ShortestName = 16;

    // Of a line of the larger table, beside the name.
    private const int WidthOfFigures = 57;

    /// <summary>Renders it, ended by a newline.</summary>
    /// <param name="compression">What became of the model.</param>
    /// <param name="style">What the place it goes to can show.</param>
    public static string Render(Compression compression, TextStyle style)
    {
        var text = new StringBuilder();
        var page = new Page(text, style);
        var marks = style.Unicode ? new Marks("×", "…") : new Marks("x", "...");
        int longest = Math.Clamp(style.Width - WidthOfFigures, ShortestName, LongestName);
        if (compression.Pruning is { } pruning) Pruned(text, page, compression, pruning, marks, style.Width);
        else Told(page, style.Width, $"{Untrusted.Inert(compression.Output)}: {Size(compression.SizeAfter)}, was {Size(compression.SizeBefore)}: {compression.Ratio:0.00}{marks.Times} {(compression.Ratio >= 1 ? "smaller" : "smaller, which is LARGER than the original")} with {compression.Scheme.Name} ({compression.Scheme.Description})");
        Line(text, $"");
        var listed = compression.Converted.OrderBy(weight => weight.Fidelity.Sqnr).Take(Listed).Select(weight => (Name: Name(weight.Name, longest, marks), weight.Bytes, weight.Fidelity)).ToArray();
        var left = Left(compression, longest, marks);
        string others = "left in floating point";
        int width = listed.Select(weight => weight.Name.Length).Concat(left.Select(group => group.Name.Length)).Append(others.Length).Max(); // short names leave the table within 80 columns
        Line(text, $"  {"weights converted".PadRight(width)} {"before",8} {"SQNR",8} {"cosine",8} {"max error",9} {"zeros",7} {"bits/byte",9}");
        foreach (var weight in listed) Row(text, weight.Name.PadRight(width), weight.Bytes, weight.Fidelity);
        if (compression.Converted.Count > Listed) Line(text, $"  {marks.More} and {compression.Converted.Count - Listed} more, each with a higher SQNR");
        Row(text, $"all {compression.Converted.Count}".PadRight(width), compression.Converted.Sum(weight => weight.Bytes), compression.Total());
        if (left.Length == 0) return text.ToString();

        Line(text, $"");
        Line(text, $"  {others.PadRight(width)} {"before",8}  because");
        foreach (var group in left)
        {
            string before = string.Create(CultureInfo.InvariantCulture, $"  {group.Name.PadRight(width)} {Size(group.Bytes),8}  ");
            page.Wrapped(group.Reason, before, new string(' ', before.Length), style.Width);
        }

        if (compression.Left.Count > 1) Line(text, $"  {$"all {compression.Left.Count}".PadRight(width)} {Size(compression.Left.Sum(weight => weight.Bytes)),8}");
        return text.ToString();
    }

    // A row for each reason, named by the largest weight that it holds for. The reason stands last, for it is as long as it is.
    private static (string Name, long Bytes, string Reason)[] Left(Compression compression, int longest, Marks marks) =>
    [
        .. from weight in compression.Left
           group weight by weight.Reason into same
           let bytes = same.Sum(weight => weight.Bytes)
           orderby bytes descending
           let more = same.Count() > 1 ? $", {marks.More}" : ""
           let name = Name(same.MaxBy(weight => weight.Bytes)!.Name, longest - more.Length, marks)
           select (name + more, bytes, $"{(same.Count() > 1 ? $"{same.Count()} times: " : "")}{Untrusted.Inert(same.Key)}"),
    ];

    private static void Pruned(StringBuilder text, Page page, Compression compression, PruningOutcome pruning, Marks marks, int width)
    {
        Told(page, width, $"{Untrusted.Inert(compression.Output)}: {Size(pruning.WireAfter)} with gzip, was {Size(pruning.WireBefore)}: {(double)pruning.WireBefore / pruning.WireAfter:0.00}{marks.Times} smaller on the wire with {compression.Scheme.Name} ({compression.Scheme.Description})");
        Told(page, width, $"  The file itself takes {Size(compression.SizeAfter)}: zeros are stored like other weights. With a bit per weight and only the others stored it would take {Size(pruning.SparseSize)}.");
        if (pruning.Curve.Count == 0) return;
        Line(text, $"");
        Line(text, $"  {"pruned",10} {"SQNR",10} {"cosine",10}  magnitudes below");
        foreach (var point in pruning.Curve)
            Line(text, $"  {$"{point.Percent} %",10} {AdviceTable.Decibels(point.Sqnr),10} {point.Cosine,10:0.000000}  {point.Magnitude:0.###e+0}{(point.Percent == compression.Scheme.Percent ? " <- written" : "")}");
    }

    private static void Row(StringBuilder text, string name, long bytes, WeightFidelity fidelity) =>
        Line(text, $"  {name} {Size(bytes),8} {AdviceTable.Decibels(fidelity.Sqnr),8} {fidelity.Cosine,8:0.000000} {fidelity.MaxError,9:0.00e+0} {Quantity.Percent(fidelity.Sparsity, "0.0"),7} {fidelity.Entropy,9:0.00}");

    // The end of a name tells more than its beginning.
    private static string Name(string name, int longest, Marks marks)
    {
        var inert = Untrusted.Inert(name);
        return inert.Length <= longest ? inert : string.Concat(marks.More, inert.AsSpan(inert.Length - longest + marks.More.Length));
    }

    private static string Size(long bytes) => Quantity.Format(bytes, Unit.Bytes);

    private static void Told(Page page, int width, FormattableString prose)
    {
        string told = prose.ToString(CultureInfo.InvariantCulture), words = told.TrimStart(), indent = new(' ', told.Length - words.Length);
        page.Wrapped(words, indent, indent + "  ", width);
    }

    private static void Line(StringBuilder text, FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture).TrimEnd()).Append('\n');

    private sealed record Marks(string Times, string More);
}
