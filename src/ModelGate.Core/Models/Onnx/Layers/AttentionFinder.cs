namespace ModelGate.Models.Onnx.Layers;

/// <summary>
/// Finds the projections of attention: around a fused operator, or around the pattern that exporters write out, MatMul (queries by keys),
/// Softmax, MatMul (by values). What is upstream of queries, keys and values and first downstream of the result is theirs, if it has a weight.
/// </summary>
internal sealed class AttentionFinder
{
    // Between a projection and the product it feeds lie a dozen operators at most; the bound keeps hostile graphs from costing quadratic time.
    private const int StepsOfSearch = 256;

    private readonly NameTable names;
    private readonly ValueFlow flow;
    private readonly HashSet<Node> weighted;
    private readonly HashSet<Node> found = [];
    private readonly HashSet<Node> seen = [];
    private readonly Queue<Node> pending = new();
    private readonly Steps all = new("to find its attention");
    private int steps = StepsOfSearch;

    private AttentionFinder(NameTable names, ValueFlow flow, HashSet<Node> weighted)
    {
        this.names = names;
        this.flow = flow;
        this.weighted = weighted;
    }

    /// <summary>The nodes with weights that project for attention.</summary>
    /// <param name="model">The model.</param>
    /// <param name="flow">Who uses what in it.</param>
    /// <param name="weighted">The nodes that multiply with a weight.</param>
    public static HashSet<Node> Find(OnnxModel model, ValueFlow flow, HashSet<Node> weighted)
    {
        var finder = new AttentionFinder(model.Names, flow, weighted);
        foreach (var node in flow.Nodes) finder.Look(node);
        return finder.found;
    }

    private void Look(Node node)
    {
        var @operator = names.Text(node.Operator);
        if (LayerOperators.AttendsToProjections(@operator))
        {
            if (!weighted.Contains(node)) Upstream(node, Math.Min(3, node.InputValues.Length));
            Downstream(node);
        }
        else if (@operator == "Softmax" && Product(node, upstream: true) is { } scores && Product(node, upstream: false) is { } context)
        {
            Upstream(scores, scores.InputValues.Length);
            Upstream(context, context.InputValues.Length);
            Downstream(context);
        }
    }

    // The nearest product of two computed matrices before or behind a Softmax.
    private Node? Product(Node softmax, bool upstream)
    {
        Begin(softmax);
        while (pending.TryDequeue(out var node))
        {
            foreach (var next in upstream ? Sources(node, node.InputValues.Length) : Users(node))
            {
                var @operator = names.Text(next.Operator);
                if (LayerOperators.Multiplies(@operator)) return weighted.Contains(next) ? null : next;
                if (LayerOperators.PassesOn(@operator) && seen.Add(next)) pending.Enqueue(next);
            }
        }
        return null;
    }

    private void Upstream(Node from, int inputs)
    {
        Begin(from);
        while (pending.TryDequeue(out var node))
        {
            foreach (var next in Sources(node, node == from ? inputs : node.InputValues.Length))
            {
                if (weighted.Contains(next)) Take(next);
                else if (LayerOperators.PassesOn(names.Text(next.Operator)) && seen.Add(next)) pending.Enqueue(next);
            }
        }
    }

    private void Downstream(Node from)
    {
        Begin(from);
        while (pending.TryDequeue(out var node))
        {
            foreach (var next in Users(node))
            {
                if (weighted.Contains(next)) Take(next);
                else if (PassesDown(names.Text(next.Operator)) && seen.Add(next)) pending.Enqueue(next);
            }
        }
    }

    // A product with dynamically quantized inputs measures their range first; upstream of a projection there is nothing to find.
    private static bool PassesDown(string @operator) => @operator == "DynamicQuantizeLinear" || LayerOperators.KeepsValues(@operator);

    private void Take(Node node)
    {
        if (LayerOperators.KindOf(names.Text(node.Operator)) is LayerKind.Dense or LayerKind.Convolution) found.Add(node);
    }

    private void Begin(Node node)
    {
        seen.Clear();
        pending.Clear();
        pending.Enqueue(node);
        all.Take(1 + StepsOfSearch - Math.Max(steps, 0)); // those of the search before
        steps = StepsOfSearch;
    }

    private IEnumerable<Node> Sources(Node node, int inputs)
    {
        for (var input = 0; input < inputs && steps-- > 0; input++)
        {
            if (flow.ProducerOf(node.InputValues[input]) is { } producer) yield return producer;
        }
    }

    private IEnumerable<Node> Users(Node node)
    {
        for (var output = 0; output < node.Outputs.Length && steps-- > 0; output++)
        {
            foreach (var (user, _) in flow.UsesOf(node.FirstOutput + output))
            {
                if (steps-- <= 0) yield break;
                if (user is not null) yield return user;
            }
        }
    }
}
