using ModelGate.Models.Onnx;

namespace ModelGate.Compressing;

/// <summary>Weights of which some become zero: the tensors keep type, shape and name, and nothing around them changes.</summary>
internal static class PruningConversion
{
    // Four rows of this many weights are held at once.
    private const long LongestRow = 1 << 22;

    /// <summary>Prunes a weight by its magnitudes among those of all weights; or says why not.</summary>
    public static string? ByMagnitude(Weight weight, TensorFields fields, ModelEdits edits, MagnitudePruning pruning, WeightFidelity fidelity)
    {
        if (ChannelConversion.Unsuited(weight, edits) is { } reason) return reason;
        pruning.Include(weight.Name, fields.Values!);
        edits.Refill(weight, fields, new PrunedWeights(weight.Name, fields.Values!, 1, pruning.Prune, fidelity));
        return null;
    }

    /// <summary>Zeroes two of every four weights along the dimension that is summed over, as sparse tensor cores want it; or says why not.</summary>
    public static string? TwoOfFour(Weight weight, TensorFields fields, IReadOnlyList<(Node? Node, int Input)> uses, ModelEdits edits, WeightFidelity fidelity)
    {
        if (ChannelConversion.Unsuited(weight, edits) is { } reason) return reason;
        if (SummedAxis(uses, weight.Dims.Length, edits) is not { } axis) return "no operator that takes it as it is sums over one of its dimensions";
        if (weight.Dims[axis] % 4 != 0) return "the dimension that is summed over is no multiple of four";
        long inner = 1;
        foreach (var dim in weight.Dims.AsSpan(axis + 1)) inner *= dim;
        if (inner is < 1 or > LongestRow) return "its rows are empty, or too long to hold four of them";
        edits.Refill(weight, fields, new PrunedWeights(weight.Name, fields.Values!, checked((int)(4 * inner)), (part, _) => Zeroing.TwoOfFour(part, (int)inner), fidelity));
        return null;
    }

    private static int? SummedAxis(IReadOnlyList<(Node? Node, int Input)> uses, int rank, ModelEdits edits)
    {
        foreach (var (node, input) in uses)
        {
            if (node is null) continue;
            switch (edits.Text(node.Operator), input)
            {
                case ("Conv", 1): return 1;
                case ("ConvTranspose" or "Attention", 1): return 0;
                case ("LSTM" or "GRU" or "RNN", 1 or 2): return rank - 1;
                case ("Gemm", 0): return IsSet("transA") ? 0 : 1;
                case ("Gemm", 1): return IsSet("transB") ? 1 : 0;
                case ("MatMul", 0): return rank - 1;
                case ("MatMul", 1): return rank - 2;
                default: break;
            }

            bool IsSet(string name) => node!.Int(edits.Names, name) is not (null or 0);
        }
        return null;
    }
}
