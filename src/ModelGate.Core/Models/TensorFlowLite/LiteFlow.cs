namespace ModelGate.Models.TensorFlowLite;

/// <summary>What a stored tensor is for: its role, and the operator that says so.</summary>
internal sealed record LitePurpose(Role Role, LiteOperator? Consumer);

/// <summary>Finds what the stored tensors of a subgraph are for, through operators that only pass them on.</summary>
internal sealed class LiteFlow
{
    // A tensor used more often than this, or passed on as more tensors, has shown what it is for; the bounds keep hostile graphs from costing quadratic time.
    private const int UsesFollowed = 256, TensorsFollowed = 256;

    private readonly LiteSubgraph graph;
    private readonly LiteNormalization normalization;
    private readonly Steps steps;
    private readonly Stack<Step> toFollow = new();
    private int searches;

    /// <summary>Finds it for a subgraph.</summary>
    /// <param name="graph">The subgraph.</param>
    /// <param name="steps">Counts what is followed in all subgraphs of the model.</param>
    public LiteFlow(LiteSubgraph graph, Steps steps)
    {
        (this.graph, this.steps) = (graph, steps);
        normalization = new LiteNormalization(graph, steps);
    }

    /// <summary>What a tensor is for, told by its uses and, where they leave it open, by its type.</summary>
    public LitePurpose PurposeOf(LiteTensor tensor, DataType type, long elements)
    {
        if (tensor.Quantizes is { } part) return new LitePurpose(SlotRules.RoleOf(part, false, type, elements, tensor.Dims.Length), null);
        var best = new LitePurpose(SlotRules.RoleOf(Slot.Unknown, false, type, elements, tensor.Dims.Length), null);
        var precedence = int.MaxValue;
        var (left, leftToFollow) = (UsesFollowed, TensorsFollowed);
        searches++;
        toFollow.Clear();
        Follow(tensor, false);
        while (left > 0 && toFollow.TryPop(out var step))
        {
            for (var use = step.Tensor.FirstUse; use is not null && left > 0; use = use.Next, left--)
            {
                steps.Take();
                var slot = elements != 1 && normalization.Takes(use.Operator, use.Input) ? Slot.Normalization : LiteOperators.SlotOf(use.Operator.Name, use.Input, use.Operator.Inputs.Length);
                if (slot is Slot.Through or Slot.Dequantized)
                {
                    var (outputs, passed) = (use.Operator.Outputs, Math.Min(use.Operator.Outputs.Length, leftToFollow));
                    leftToFollow -= passed;
                    foreach (var output in outputs.AsSpan(0, passed))
                    {
                        if (output >= 0) Follow(graph.Tensors[output], step.Dequantized || slot == Slot.Dequantized);
                    }
                    continue;
                }
                var role = SlotRules.RoleOf(slot, step.Dequantized, type, elements, tensor.Dims.Length);
                if (SlotRules.Precedence(role) < precedence) (best, precedence) = (new(role, use.Operator), SlotRules.Precedence(role));
                if (precedence == 0) return best;
            }
        }
        return best;
    }

    private void Follow(LiteTensor tensor, bool dequantized)
    {
        if (tensor.FollowedIn == searches) return;
        tensor.FollowedIn = searches;
        steps.Take();
        toFollow.Push(new Step(tensor, dequantized));
    }

    private sealed record Step(LiteTensor Tensor, bool Dequantized);
}
