using ModelGate.Models.Onnx;

namespace ModelGate.Compressing;

/// <summary>Nodes that take rows of an embedding table: a Gather along its first dimension.</summary>
internal static class Lookups
{
    /// <summary>True where a use of a value is one, and its node may still be replaced.</summary>
    public static bool Is((Node? Node, int Input) use, ModelEdits edits) =>
        use is { Node: { } node, Input: 0 } && edits.Text(node.Operator) == "Gather" && edits.Text(node.Domain) is "" or "ai.onnx"
        && (node.Int(edits.Names, "axis") ?? 0) == 0 && node.Inputs.Length == 2 && node.Outputs.Length == 1 && !edits.IsReplaced(node);
}
