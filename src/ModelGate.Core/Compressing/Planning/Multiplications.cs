using ModelGate.Models.Onnx;

namespace ModelGate.Compressing;

/// <summary>Nodes that multiply by a weight matrix and may be replaced by a multiplication of codes.</summary>
/// <param name="Nodes">MatMul and Gemm nodes; all of a weight's uses.</param>
/// <param name="IsTransposed">True where the weight is stored as [N, K].</param>
internal sealed record Multiplications(IReadOnlyList<Node> Nodes, bool IsTransposed)
{
    /// <summary>The nodes that use a weight, or null where one of them does something else with it.</summary>
    public static Multiplications? Of(Weight weight, IReadOnlyList<(Node? Node, int Input)> uses, ModelEdits edits)
    {
        if (weight.Dims.Length != 2 || weight.Function is not null || uses.Count == 0) return null;
        bool? isTransposed = null;
        foreach (var (node, input) in uses)
        {
            if (node is null || input != 1 || edits.IsReplaced(node) || edits.Text(node.Domain) is not ("" or "ai.onnx") || node.Outputs.Length != 1) return null;
            var transposes = false;
            switch (edits.Text(node.Operator))
            {
                case "MatMul":
                    break;
                case "Gemm":
                    if (Number("transA") != 0 || (node.Float(edits.Names, "alpha") ?? 1) != 1 || (node.Float(edits.Names, "beta") ?? 1) != 1) return null;
                    transposes = Number("transB") != 0;
                    break;
                default:
                    return null;
            }
            if (isTransposed is { } other && other != transposes) return null;
            isTransposed = transposes;

            long Number(string name) => node!.Int(edits.Names, name) ?? 0;
        }
        return new Multiplications([.. uses.Select(use => use.Node!).Distinct()], isTransposed!.Value);
    }

    /// <summary>The nodes that take one's place: the product of <paramref name="product"/>, and the bias of a Gemm added.</summary>
    /// <param name="node">The node to replace.</param>
    /// <param name="edits">Where names come from.</param>
    /// <param name="product">Makes the nodes that multiply, from the name that their result is to have.</param>
    public static MessageBytes[] Replacement(Node node, ModelEdits edits, Func<string, IEnumerable<MessageBytes>> product)
    {
        var output = edits.Text(node.Outputs[0]);
        if (node.Inputs.Length < 3 || node.Inputs[2] == 0) return [.. product(output)];
        var unbiased = edits.NewName(output + "_product");
        return [.. product(unbiased), MessageBytes.Node("Add", "", [unbiased, edits.Text(node.Inputs[2])], [output], output + "_bias")];
    }
}
