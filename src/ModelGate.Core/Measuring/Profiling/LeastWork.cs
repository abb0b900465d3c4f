using ModelGate.Models;

namespace ModelGate.Measuring;

/// <summary>
/// The least that an execution of an operator has to do. <see cref="MacFormulas"/> counts as the field does; a kernel may leave out of that
/// what is known to come to nothing: zeros of the padding, steps beyond the end of a sequence, scores that a causal mask hides.
/// </summary>
internal static class LeastWork
{
    /// <summary>The share of its multiply-accumulates that has to be done, 0 to 1.</summary>
    /// <param name="ran">What ran.</param>
    /// <param name="node">The same node in the model's file; null where it could not be told which one it is.</param>
    public static double Share(ProfiledNode ran, GraphNode? node) => ran.Operator switch
    {
        "Conv" or "FusedConv" or "ConvInteger" => ran.Inputs.Count > 1 ? InImage(ran.Inputs[0], ran.Inputs[1], ran.Outputs[0], node).Multiplied : 1,
        "QLinearConv" => ran.Inputs.Count > 3 ? InImage(ran.Inputs[0], ran.Inputs[3], ran.Outputs[0], node).Multiplied : 1,
        // The other way round: what an element of the input adds to may be cropped from the output.
        "ConvTranspose" => ran.Inputs.Count > 1 ? InImage(ran.Outputs[0], ran.Inputs[1], ran.Inputs[0], node).Multiplied : 1,
        // The lengths of sequences are the only integers they take; what they are the profile does not tell.
        "LSTM" or "GRU" or "RNN" or "DynamicQuantizeLSTM" when ran.Inputs.Any(static input => input.Type == "int32") => 0,
        // Of the keys a buffer has room for as many as there are queries are there at least, and of those half are hidden.
        "GroupQueryAttention" => ran.Outputs.Count > 1 && ran.Outputs[1].Dims is [_, _, > 0 and var keys, _] && ran.Inputs[0].Dims is [_, var queries, ..] ? Math.Min(1, (double)queries / keys) / 2 : 0.5,
        "Attention" or "MultiHeadAttention" or "QAttention" when node is null || node.Int("unidirectional") is > 0 || node.Int("is_causal") is > 0 => 0.5,
        _ => 1,
    };

    /// <summary>The share of a weight that an execution has to read, 0 to 1: what lies in the padding wherever the kernel is put is multiplied with nothing.</summary>
    /// <param name="ran">What ran.</param>
    /// <param name="node">The same node in the model's file.</param>
    public static double ShareOfWeight(ProfiledNode ran, GraphNode node) => ran.Operator is "Conv" && ran.Inputs.Count > 1 ? InImage(ran.Inputs[0], ran.Inputs[1], ran.Outputs[0], node).Touched : 1;

    // image [batch, channels, …], weight [channels, channels of the group, …], result [batch, channels, …].
    private static (double Multiplied, double Touched) InImage(ProfiledTensor image, ProfiledTensor weight, ProfiledTensor result, GraphNode? node)
    {
        int spatial = weight.Dims.Count - 2;
        var (multiplied, touched) = (1.0, 1.0);
        if (spatial < 1 || image.Dims.Count != spatial + 2 || result.Dims.Count != spatial + 2)
            return (1, 1);
        for (int axis = 0; axis < spatial; axis++)
        {
            var (length, positions) = (image.Dims[axis + 2], result.Dims[axis + 2]);
            // What no file tells is taken for the kernel of most models: put so that the result covers the image, and not dilated.
            long stride = IsGiven(node, "strides") ? At(node, "strides", axis) ?? (length + positions - 1) / Math.Max(1, positions) : 1;
            var (inside, used) = InImage(length, weight.Dims[axis + 2], positions, stride, At(node, "dilations", axis) ?? 1, At(node, "pads", axis));
            multiplied *= inside;
            touched *= used;
        }

        return (multiplied, touched);
    }

    // Along one axis: element k of the kernel meets element i·stride + k·dilation − pad of the image, if there is one, for element i of the result.
    private static (double Multiplied, double Touched) InImage(long length, long kernel, long positions, long stride, long dilation, long? pad)
    {
        const long LongestKernel = 10_000; // its elements are gone through one by one
        if (kernel < 1 || positions < 1 || kernel > LongestKernel || stride < 1 || dilation < 1)
            return (1, 1);
        // Where the file names no padding it is as much on either side as the result asks for.
        double before = pad ?? Math.Max(0, Math.Floor(((((double)positions - 1) * stride) + (((double)kernel - 1) * dilation) + 1 - length) / 2));
        var (inside, used) = (0.0, 0);
        for (long element = 0; element < kernel; element++)
        {
            double shift = before - ((double)element * dilation);
            double first = Math.Max(0, Math.Ceiling(shift / stride)), last = Math.Min(positions - 1, Math.Floor((length - 1 + shift) / stride));
            inside += Math.Max(0, last - first + 1);
            used += last >= first ? 1 : 0;
        }

        return (inside / ((double)positions * kernel), (double)used / kernel);
    }

    private static bool IsGiven(GraphNode? node, string attribute) => node?.IntLists.ContainsKey(attribute) != false;

    private static long? At(GraphNode? node, string attribute, int axis) => node?.IntLists.TryGetValue(attribute, out var values) == true && axis < values.Count ? values[axis] : null;
}
