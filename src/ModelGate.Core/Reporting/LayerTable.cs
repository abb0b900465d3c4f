using System.Globalization;
using ModelGate.Measuring;
using ModelGate.Models;
using ModelGate.Policies;

namespace ModelGate.Reporting;

/// <summary>Where a model's parameters are, by kind of layer and layer by layer.</summary>
internal static class LayerTable
{
    /// <summary>By kind of layer; none where the format does not tell.</summary>
    public static IEnumerable<ReportTable> ByKind(ModelFile model)
    {
        if (model.Layers is not { } layers) return [];
        var learned = Learned(model, layers).ToArray();
        if (learned.Length == 0) return [];
        var total = learned.Sum(static each => (double)each.Tensor.LogicalElements);
        return
        [
            new("By kind of layer", [new("kind"), new("tensors", true), new("parameters", true), new("bytes", true), new("share", true)],
                [.. learned.GroupBy(static each => each.Kind).Select(group => new Sum(LayerGraph.Name(group.Key), [.. group.Select(static each => each.Tensor)]))
                    .OrderByDescending(static sum => sum.Parameters).Select(sum => (IReadOnlyList<string>)[sum.Name, Count(sum.Tensors.Length), Count(sum.Parameters), Quantity.Format(sum.Bytes, Unit.Bytes), Share(sum.Parameters, total)])]),
        ];
    }

    /// <summary>Every layer with learned tensors, in the order of the file.</summary>
    public static ReportTable Layers(ModelFile model)
    {
        var layers = model.Layers;
        var learned = Learned(model, layers).ToArray();
        var total = learned.Sum(static each => (double)each.Tensor.LogicalElements);
        return new("Layers", [new("layer"), new("operator"), new("kind"), new("type"), new("shape"), new("parameters", true), new("bytes", true), new("share", true)],
            [.. learned.GroupBy(static each => (each.Tensor.Graph, each.Tensor.Layer, each.Tensor.Operator)).Select(group =>
            {
                var heaviest = group.MaxBy(static each => each.Tensor.LogicalElements);
                var sum = new Sum("", [.. group.Select(static each => each.Tensor)]);
                var (graph, layer, @operator) = group.Key;
                return (IReadOnlyList<string>)
                [
                    graph.Length == 0 || layer.Length == 0 ? graph + layer : $"{graph}/{layer}", @operator, layers is null ? "" : LayerGraph.Name(heaviest.Kind), heaviest.Tensor.Type.Name,
                    string.Join('x', heaviest.Tensor.Dims), Count(sum.Parameters), Quantity.Format(sum.Bytes, Unit.Bytes), Share(sum.Parameters, total),
                ];
            })]);
    }

    private static IEnumerable<(Tensor Tensor, LayerKind Kind)> Learned(ModelFile model, LayerGraph? layers) =>
        model.Tensors.Select((tensor, index) => (tensor, layers?.Kinds[index] ?? LayerKind.Other)).Where(static each => each.tensor.IsParameter);

    private static string Count(double count) => count.ToString("#,0", CultureInfo.InvariantCulture);

    private static string Share(double parameters, double total) => total > 0 ? Quantity.Percent(parameters / total, "0.0") : "-";

    private sealed record Sum(string Name, Tensor[] Tensors)
    {
        public double Parameters { get; } = Tensors.Sum(static tensor => (double)tensor.LogicalElements);

        public double Bytes { get; } = Tensors.Sum(static tensor => (double)tensor.Bytes);
    }
}
