using ModelGate.Models.Onnx;

namespace ModelGate.Models;

/// <summary>The nodes of an ONNX model, so that what a runtime says of a node can be laid beside what the file says of it.</summary>
public sealed class ModelGraph
{
    private readonly List<GraphNode> main = [];
    private readonly Dictionary<string, List<GraphNode>> byName = new(StringComparer.Ordinal);

    private readonly SparedWork spared;
    private readonly HashSet<string> read;

    private ModelGraph(OnnxModel model)
    {
        spared = SparedWork.Of(model);
        read = new(spared.Read, StringComparer.Ordinal);
        Add(model, model.Graph!, main);
    }

    /// <summary>True of a stored tensor of the main graph that every inference has to read; false where an optimizer may find a way around it.</summary>
    /// <param name="tensor">Name of the tensor.</param>
    public bool IsReadEachTime(string tensor) => read.Contains(tensor);

    /// <summary>Reads the nodes of a model; null where it is of a format whose nodes are not read.</summary>
    /// <exception cref="ModelException">The file cannot be opened, is damaged, or goes beyond a limit.</exception>
    public static ModelGraph? Read(string path)
    {
        using var file = OpenedFile.Open(path);
        Span<byte> header = stackalloc byte[(int)Math.Min(Content.HeaderLength, file.Stream.Length)];
        file.Stream.ReadExactly(header);
        if (Content.Of(header, file.Stream.Length).Format != ModelFormat.Onnx)
            return null;
        file.Stream.Position = 0;
        var model = OnnxParser.Parse(file.Stream, file.Stream.Length);
        return model.Graph is null ? null : new(model);
    }

    /// <summary>
    /// The node that the runtime calls by this name and index. The runtime turns Constant nodes into initializers, gives every graph its
    /// own numbering, and makes up a name where there is none, so a node is taken only where name and operator leave one, or the index in
    /// the main graph tells which of several.
    /// </summary>
    /// <returns>The node; null where it cannot be told, or is not in the file (the body of a function, a conversion put in by the runtime).</returns>
    public GraphNode? Find(string name, int index, string @operator)
    {
        var named = byName.TryGetValue(name, out var candidates) ? candidates.FindAll(node => node.Operator == @operator) : [];
        if (named.Count == 1)
            return named[0];
        var indexed = index >= 0 && index < main.Count ? main[index] : null;
        return indexed?.Operator == @operator && (named.Contains(indexed) || indexed.Name.Length == 0) ? indexed : null;
    }

    private void Add(OnnxModel model, Graph graph, List<GraphNode>? ordered)
    {
        var names = model.Names;
        foreach (var node in graph.Nodes)
        {
            string @operator = names.Text(node.Operator);
            if (@operator == "Constant")
                continue;
            var read = new GraphNode(names.Text(node.Name), @operator, [.. node.Inputs.Select(static input => input != 0)], [.. node.Outputs.Select(static output => output != 0)])
            {
                Ints = Values(static attribute => (attribute.Int is not null, attribute.Int ?? 0)),
                IntLists = Values(static attribute => (attribute.Placement is not null, (IReadOnlyList<long>)(attribute.Placement ?? []))),
                Weight = node.Inputs.Length > 1 ? names.Text(spared.StoredOf(node.Inputs[1])) : "",
                FloatCounts = Values(static attribute => (attribute.Floats != 0, attribute.Floats)),
                Equation = node.Attributes.FirstOrDefault(static attribute => attribute.Equation != 0) is { } attribute ? names.Text(attribute.Equation) : null,
                IsSpared = spared.IsSpared(node),
            };
            ordered?.Add(read);
            if (read.Name.Length > 0)
            {
                if (!byName.TryGetValue(read.Name, out var same))
                    byName.Add(read.Name, same = []);
                same.Add(read);
            }

            foreach (var body in node.Attributes.SelectMany(static attribute => attribute.AllBodies))
                Add(model, body, null);

            Dictionary<string, T> Values<T>(Func<NodeAttribute, (bool IsGiven, T Value)> read)
            {
                Dictionary<string, T> values = [];
                foreach (var attribute in node.Attributes)
                {
                    if (read(attribute) is (true, var given))
                        values[names.Text(attribute.Name)] = given;
                }

                return values;
            }
        }
    }
}
