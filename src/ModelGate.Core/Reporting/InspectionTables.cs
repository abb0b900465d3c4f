using System.Globalization;
using ModelGate.Measuring;
using ModelGate.Models;
using ModelGate.Policies;

namespace ModelGate.Reporting;

/// <summary>What <c>modelgate inspect</c> shows of a model, whoever sets it: the tables, and the lines above and below them.</summary>
public static class InspectionTables
{
    private const int MostOperators = 12;
    private const int Heaviest = 10;
    private static readonly TableColumn[] Amounts = [new("tensors", true), new("values", true), new("bytes", true), new("share", true)];

    /// <summary>The figures people ask for first, in one line.</summary>
    public static string Headline(Inspection inspection)
    {
        var parts = new List<string>();
        foreach (var (metric, value) in inspection.Metrics.Select(exact => (exact.Metric, exact.Value)))
        {
            string? part = metric.Name switch
            {
                "parameters" => Quantity.Format(value, Unit.Count) + " parameters",
                "depth" when value > 0 => Quantity.Format(value, Unit.Count) + " layers deep",
                "width" when value > 0 => Quantity.Format(value, Unit.Count) + " channels wide",
                "size.on_disk" => Quantity.Format(value, Unit.Bytes) + " on disk",
                "bits_per_weight" when value > 0 => Quantity.Format(value, Unit.Bits) + " per weight",
                "size.float32" when value > 0 => Quantity.Format(value, Unit.Bytes) + " as float32",
                "size.on_wire.gzip" or "size.on_wire.deflate" or "size.on_wire.brotli" => $"{Quantity.Format(value, Unit.Bytes)} with {metric.Name["size.on_wire.".Length..]}",
                _ => null,
            };
            if (part is not null) parts.Add(part);
        }

        return string.Join(" · ", parts);
    }

    /// <summary>Every table that an inspection asks for.</summary>
    public static IReadOnlyList<ReportTable> Of(Inspection inspection) =>
    [
        .. Of(inspection.Model),
        .. inspection.ListsLayers ? [LayerTable.Layers(inspection.Model)] : (IEnumerable<ReportTable>)[],
        .. inspection.Content is { } content ? ContentTable.Of(content, inspection.Duplicates) : [],
        .. inspection.Against is { } against ? [DifferenceTable.Of(against)] : (IEnumerable<ReportTable>)[],
    ];

    /// <summary>What to say below the tables.</summary>
    public static IEnumerable<string> Notes(Inspection inspection) =>
        inspection.Content is { } content && ContentTable.Warning(content) is { } warning ? [.. inspection.Model.Notes.Select(static note => "note: " + note.Message), "warning: " + warning] : inspection.Model.Notes.Select(static note => "note: " + note.Message);

    // By role, by kind of layer, by operator, by element type, and the heaviest tensors; none where the format's tensors are not read.
    private static IReadOnlyList<ReportTable> Of(ModelFile model)
    {
        if (model.Tensors.Count == 0) return [];
        var total = model.Tensors.Sum(tensor => (double)tensor.Bytes);
        return
        [
            new("By role", [new("role"), .. Amounts, new("counted as")], [.. Groups(model.Tensors, RoleName).Select(group => (IReadOnlyList<string>)[.. Cells(group, total), CountedAs(group)])]),
            .. LayerTable.ByKind(model),
            new("By operator", [new("operator"), .. Amounts], [.. Fold([.. Groups(model.Tensors, tensor => tensor.Operator.Length == 0 ? "(none)" : tensor.Operator)]).Select(group => Cells(group, total))]),
            new("By element type", [new("type"), .. Amounts], [.. Groups(model.Tensors, tensor => tensor.Type.Name).Select(group => Cells(group, total))]),
            new("Heaviest tensors", [new("tensor"), new("type"), new("shape"), new("bytes", true), new("share", true), new("role"), new("layer")],
                [.. model.Tensors.OrderByDescending(tensor => tensor.Bytes).Take(Heaviest).Select(tensor => Row(tensor, total))]),
        ];
    }

    private static IEnumerable<Group> Groups(IEnumerable<Tensor> tensors, Func<Tensor, string> key) =>
        tensors.GroupBy(key).Select(group => new Group(group.Key, [.. group])).OrderByDescending(group => group.Bytes).ThenBy(group => group.Name, StringComparer.Ordinal);

    private static IEnumerable<Group> Fold(IReadOnlyList<Group> groups) => groups.Count <= MostOperators
        ? groups
        : groups.Take(MostOperators - 1).Append(new Group($"{groups.Count - MostOperators + 1} others", [.. groups.Skip(MostOperators - 1).SelectMany(group => group.Tensors)]));

    private static string[] Cells(Group group, double total) =>
        [group.Name, Count(group.Tensors.Count), Count(group.Values), Quantity.Format(group.Bytes, Unit.Bytes), Share(group.Bytes, total)];

    private static string[] Row(Tensor tensor, double total) =>
    [
        tensor.Name, tensor.Type.Name, tensor.Dims.Count == 0 ? "scalar" : string.Join('x', tensor.Dims), Quantity.Format(tensor.Bytes, Unit.Bytes),
        Share(tensor.Bytes, total), RoleName(tensor), tensor.Graph.Length == 0 || tensor.Layer.Length == 0 ? tensor.Graph + tensor.Layer : $"{tensor.Graph}/{tensor.Layer}",
    ];

    private static string RoleName(Tensor tensor) => tensor.Place == Place.Training ? "training" : Inspection.Name(tensor.Role).Replace('_', ' ');

    // What is not counted is said, with the reason.
    private static string CountedAs(Group group) => group.Tensors[0] switch
    {
        { Place: Place.Training } => "nothing: not deployed",
        { IsParameter: true } => "parameters",
        { Role: Role.Statistic } => "no parameter: a running statistic",
        { Role: Role.Scale } => "no parameter: a quantization scale",
        { Role: Role.ZeroPoint } => "no parameter: a quantization offset",
        { Role: Role.Index } => "no parameter: shapes, axes, labels",
        _ => "no parameter: part of the formula",
    };

    private static string Count(double count) => count.ToString("#,0", CultureInfo.InvariantCulture);

    private static string Share(double bytes, double total) => total > 0 ? Quantity.Percent(bytes / total, "0.0") : "-";

    private sealed record Group(string Name, IReadOnlyList<Tensor> Tensors)
    {
        public double Bytes { get; } = Tensors.Sum(tensor => (double)tensor.Bytes);

        public double Values { get; } = Tensors.Sum(tensor => (double)tensor.LogicalElements);
    }
}
