namespace ModelGate.Models.TensorFlowLite;

/// <summary>
/// Finds the projections of attention in the pattern that converters write: BATCH_MATMUL (queries by keys), SOFTMAX, BATCH_MATMUL (by values).
/// What is upstream of queries, keys and values and first downstream of the result is theirs, if it has a weight.
/// </summary>
internal sealed class LiteAttention
{
    // Between a projection and the product it feeds lie a dozen operators at most; the bound keeps hostile graphs from costing quadratic time.
    private const int StepsOfSearch = 256;

    private readonly LiteSubgraph graph;
    private readonly HashSet<LiteOperator> weighted;
    private readonly LiteOperator?[] producers;
    private readonly HashSet<LiteOperator> found = new(ReferenceEqualityComparer.Instance), seen = new(ReferenceEqualityComparer.Instance);
    private readonly Queue<LiteOperator> pending = new();
    private readonly Steps all = new("to find its attention");
    private int steps = StepsOfSearch;

    private LiteAttention(LiteSubgraph graph, HashSet<LiteOperator> weighted)
    {
        this.graph = graph;
        this.weighted = weighted;
        producers = graph.Producers();
    }

    /// <summary>The operators with weights that project for attention.</summary>
    /// <param name="graph">The subgraph that is the model itself.</param>
    /// <param name="weighted">Its operators that multiply with a weight.</param>
    public static HashSet<LiteOperator> Find(LiteSubgraph graph, HashSet<LiteOperator> weighted)
    {
        var finder = new LiteAttention(graph, weighted);
        foreach (var node in graph.Operators)
        {
            if (node.Name != "SOFTMAX" || finder.Product(node, finder.Sources) is not { } scores || finder.Product(node, finder.Users) is not { } context) continue;
            finder.Take(scores, finder.Sources, PassesOn);
            finder.Take(context, finder.Sources, PassesOn);
            finder.Take(context, finder.Users, KeepsValues);
        }
        return finder.found;
    }

    // The nearest product of two computed matrices before or behind a SOFTMAX.
    private LiteOperator? Product(LiteOperator softmax, Func<LiteOperator, IEnumerable<LiteOperator>> next)
    {
        Begin(softmax);
        while (pending.TryDequeue(out var node))
        {
            foreach (var other in next(node))
            {
                if (other.Name is "BATCH_MATMUL" or "FULLY_CONNECTED") return weighted.Contains(other) ? null : other;
                if (PassesOn(other.Name) && seen.Add(other)) pending.Enqueue(other);
            }
        }
        return null;
    }

    private void Take(LiteOperator from, Func<LiteOperator, IEnumerable<LiteOperator>> next, Func<string, bool> passes)
    {
        Begin(from);
        while (pending.TryDequeue(out var node))
        {
            foreach (var other in next(node))
            {
                if (weighted.Contains(other)) found.Add(other);
                else if (passes(other.Name) && seen.Add(other)) pending.Enqueue(other);
            }
        }
    }

    private void Begin(LiteOperator node)
    {
        seen.Clear();
        pending.Clear();
        pending.Enqueue(node);
        all.Take(1 + StepsOfSearch - Math.Max(steps, 0)); // those of the search before
        steps = StepsOfSearch;
    }

    private IEnumerable<LiteOperator> Sources(LiteOperator node)
    {
        foreach (var input in node.Inputs)
        {
            if (steps-- <= 0) yield break;
            if (input >= 0 && producers[input] is { } producer) yield return producer;
        }
    }

    private IEnumerable<LiteOperator> Users(LiteOperator node)
    {
        foreach (var output in node.Outputs)
        {
            for (var use = output < 0 ? null : graph.Tensors[output].FirstUse; use is not null; use = use.Next)
            {
                if (steps-- <= 0) yield break;
                yield return use.Operator;
            }
        }
    }

    private static bool PassesOn(string name) => KeepsValues(name) || name is "ADD" or "SUB" or "MUL" or "DIV" or "NEG" or "SELECT" or "SELECT_V2";

    private static bool KeepsValues(string name) => name is "RESHAPE" or "TRANSPOSE" or "EXPAND_DIMS" or "SQUEEZE" or "CAST" or "QUANTIZE" or "DEQUANTIZE" or "SLICE" or "STRIDED_SLICE" or "SPLIT" or "SPLIT_V"
        or "CONCATENATION" or "PACK" or "UNPACK" or "TILE" or "BROADCAST_TO" or "GATHER" or "PAD";
}
