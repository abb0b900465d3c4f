using ModelGate.Models.FlatBuffers;

namespace ModelGate.Models.TensorFlowLite;

/// <summary>Where the bytes of a tensor lie: in the model's own file, or in the one that is named. Two buffers that share their bytes are one.</summary>
internal sealed record LiteBuffer(string? File, long Offset, long Length);

/// <summary>The structure of a model.</summary>
/// <param name="Subgraphs">Its subgraphs; the first is the model itself.</param>
/// <param name="Files">The files that its external buffers lie in.</param>
internal sealed record LiteModel(IReadOnlyList<LiteSubgraph> Subgraphs, IReadOnlyList<ExternalFile> Files);

/// <summary>A tensor of a subgraph as the file describes it.</summary>
internal sealed class LiteTensor(FlatTable table, string name, DataType? type, long[] dims, LiteBuffer? buffer)
{
    /// <summary>Where it stands in the file.</summary>
    public FlatTable Table { get; } = table;

    public string Name { get; } = name;

    /// <summary>Its element type; null where it holds a handle and no values.</summary>
    public DataType? Type { get; } = type;

    public long[] Dims { get; } = dims;

    /// <summary>Its dimensions where it is fed, -1 for one that is open.</summary>
    public int[] Signature { get; init; } = [];

    /// <summary>Its stored bytes; null where it is computed.</summary>
    public LiteBuffer? Buffer { get; } = buffer;

    /// <summary>The first of its uses; the others follow.</summary>
    public LiteUse? FirstUse { get; set; }

    /// <summary>What it is to another tensor that is quantized in blocks: its scales or its zero points; null of every other.</summary>
    public Slot? Quantizes { get; set; }

    /// <summary>The search that came by last.</summary>
    public int FollowedIn { get; set; }
}

/// <summary>That a tensor is an input of an operator.</summary>
internal sealed record LiteUse(LiteOperator Operator, int Input, LiteUse? Next);

/// <summary>An operator of a subgraph, with the numbers of its tensors.</summary>
internal sealed record LiteOperator(string Name, string Layer, int[] Inputs, int[] Outputs)
{
    /// <summary>Numbers of the subgraphs that it runs; none but for IF and WHILE.</summary>
    public int[] Bodies { get; init; } = [];
}

/// <summary>A subgraph: the model itself, or the body of an IF or WHILE.</summary>
internal sealed class LiteSubgraph(string name)
{
    public string Name { get; } = name;

    public List<LiteTensor> Tensors { get; } = [];

    /// <summary>Its operators, in the order in which they run.</summary>
    public List<LiteOperator> Operators { get; } = [];

    /// <summary>Numbers of the tensors that it is fed.</summary>
    public int[] Inputs { get; set; } = [];

    /// <summary>For each tensor, the operator that gives it; null of one that is fed or stored.</summary>
    public LiteOperator?[] Producers()
    {
        var producers = new LiteOperator?[Tensors.Count];
        foreach (var node in Operators)
        {
            foreach (var output in node.Outputs)
            {
                if (output >= 0) producers[output] = node;
            }
        }
        return producers;
    }
}
