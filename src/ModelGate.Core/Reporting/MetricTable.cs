using System.Text;
using ModelGate.Measuring;
using ModelGate.Models;

namespace ModelGate.Reporting;

/// <summary>The metric catalogue, for people, for documentation and for programs. The README's table is this one.</summary>
public static class MetricTable
{
    /// <summary>Aligned text; a definition that has too little room beside its metric stands below it.</summary>
    /// <param name="columns">Columns of the terminal; without end where it is none.</param>
    public static string Text(int columns = int.MaxValue)
    {
        const int LeastRoom = 50;
        Metric[] listed = [.. MetricCatalogue.All, .. RelatedMetrics.Pattern, .. RelatedMetrics.PatternOfTargets, OfGrowth];
        int width = listed.Max(metric => metric.Name.Length);
        var text = new StringBuilder();
        var page = new Page(text, TextStyle.Plain);
        foreach (var metric in listed)
        {
            string name = $"{metric.Name.PadRight(width)}  {Bound(metric)}  {Name(metric.Unit),-10}  ";
            bool isBeside = columns - name.Length >= LeastRoom;
            string indent = isBeside ? new string(' ', name.Length) : "    ";
            if (!isBeside)
                page.Line(name.TrimEnd());
            page.Wrapped(metric.Definition, isBeside ? name : indent, indent, columns);
        }

        return text.ToString();
    }

    /// <summary>A Markdown table; the weights by element type share a row, and so do the shares by kind of layer.</summary>
    public static string Markdown()
    {
        var text = new StringBuilder("| metric | limit | unit | where | definition |\n|---|---|---|---|---|\n");
        HashSet<string> told = [];
        foreach (var metric in (IEnumerable<Metric>)[.. MetricCatalogue.All, .. RelatedMetrics.Pattern, .. RelatedMetrics.PatternOfTargets, OfGrowth])
        {
            var (name, definition) = Families.FirstOrDefault(family => metric.Name.StartsWith(family.Prefix, StringComparison.Ordinal)) is { Prefix: not null } family
                ? (family.Prefix + family.Member, family.Definition)
                : (metric.Name, metric.Definition);
            if (!told.Add(name))
                continue;
            text.Append("| `").Append(name).Append("` | `").Append(Bound(metric)).Append("` | ").Append(Name(metric.Unit)).Append(" | ").Append(Where(metric.Scopes)).Append(" | ").Append(definition).Append(" |\n");
        }

        return text.ToString();
    }

    /// <summary>A JSON document.</summary>
    public static string Json() => JsonText.Of(json =>
    {
        json.WriteStartObject();
        json.WriteString("schema", "modelgate-metrics-1");
        json.WriteStartArray("metrics");
        foreach (var metric in (IEnumerable<Metric>)[.. MetricCatalogue.All, .. MetricCatalogue.OfSchemes, .. RelatedMetrics.PatternOfPruning, .. RelatedMetrics.PatternOfTargets, OfGrowth])
        {
            json.WriteStartObject();
            json.WriteString("name", metric.Name);
            json.WriteString("unit", Name(metric.Unit));
            json.WriteString("bound", Bound(metric));
            json.WriteString("where", Where(metric.Scopes));
            json.WriteString("definition", metric.Definition);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    private static readonly (string Prefix, string Member, string Definition)[] Families =
    [
        ("size.weights.", "<dtype>", "Learned tensors stored as that type (`modelgate metrics` lists the types)."),
        ("parameters.share.", "<kind>", $"Share of the parameters in layers of that kind: {string.Join(", ", LayerGraph.AllKinds.Select(LayerGraph.Name))}."),
    ];

    // One for every dimension that is swept, in one row.
    private static Metric OfGrowth => MetricCatalogue.Growth("<dim>");

    private static string Bound(Metric metric) => metric.Direction == Direction.LowerIsBetter ? "max" : "min";

    private static string Name(Unit unit) => unit switch
    {
        Unit.Count => "count",
        Unit.Bytes => "bytes",
        Unit.Bits => "bits",
        Unit.Seconds => "seconds",
        Unit.Share => "share",
        Unit.Decibels => "decibels",
        Unit.Rate => "per second",
        _ => "ratio",
    };

    private static string Where(Scopes scopes) => scopes switch
    {
        Scopes.Package => "package",
        Scopes.Model => "models",
        _ => "models, total",
    };
}
