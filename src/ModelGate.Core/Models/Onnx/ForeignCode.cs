namespace ModelGate.Models.Onnx;

/// <summary>Finds the operators of a model that need code which no runtime brings along: custom operators, Python, compiled contexts.</summary>
internal static class ForeignCode
{
    /// <summary>The first such operator, as <c>domain.Name</c>; null where there is none.</summary>
    public static string? Of(OnnxModel model)
    {
        // Marked once: a hostile model has as many nodes to look up as it has functions.
        var own = new bool[model.Names.Count];
        foreach (var function in model.Functions) own[function.Domain] = true;
        var harmless = new bool[model.Names.Count]; // operators of the standard: a model has few, and many nodes of each
        if (InGraph(model.Graph!) is { } inMain) return inMain;
        foreach (var function in model.Functions)
        {
            if (InGraph(function.Body) is { } inside) return inside;
        }
        return null;

        string? InGraph(Graph graph)
        {
            foreach (var node in graph.Nodes)
            {
                if (node.Domain != 0 || !harmless[node.Operator])
                {
                    string domain = model.Names.Text(node.Domain), name = model.Names.Text(node.Operator);
                    if ((!IsKnown(domain) && !own[node.Domain]) || IsHostOfCode(name)) return domain.Length == 0 ? name : $"{domain}.{name}";
                    harmless[node.Operator] |= node.Domain == 0;
                }
                foreach (var attribute in node.Attributes)
                {
                    foreach (var body in attribute.AllBodies)
                    {
                        if (InGraph(body) is { } inside) return inside;
                    }
                }
            }
            return null;
        }
    }

    // The domains of the ONNX standard and those that ONNX Runtime's own optimizer and contributed operators use.
    private static bool IsKnown(string domain) => domain is
        "" or "ai.onnx" or "ai.onnx.ml" or "ai.onnx.training" or "ai.onnx.preview" or "ai.onnx.preview.training" or
        "com.microsoft" or "com.microsoft.nchwc" or "com.microsoft.experimental" or "com.ms.internal.nhwc" or "org.pytorch.aten";

    // Operators of known domains that exist to call something else: an execution provider's binary, or Python.
    private static bool IsHostOfCode(string name) => name is "EPContext" or "PyOp" or "PythonOp" or "PythonOpGrad" or "ATen";
}
