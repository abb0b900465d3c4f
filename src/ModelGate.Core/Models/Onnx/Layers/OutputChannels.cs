namespace ModelGate.Models.Onnx.Layers;

/// <summary>How many channels a layer puts out, by the shape of its weight as it reaches the layer and the attributes of its operator.</summary>
internal static class OutputChannels
{
    private const int BitsOfByte = 8, UsualBits = 4;
    private const int MostParts = 64, LongestEquation = 128; // exporters join three or four, of a handful of letters
    private const int StepsUp = 16; // from a layer to the tensor that it uses; exporters write three

    /// <summary>The channels; 0 where they cannot be told.</summary>
    /// <param name="names">Names of the model.</param>
    /// <param name="type">Element type of the weight.</param>
    /// <param name="dims">Its dimensions as they reach the layer.</param>
    /// <param name="node">The layer.</param>
    /// <param name="input">Number of the layer's input that takes it.</param>
    public static long Of(NameTable names, DataType type, IReadOnlyList<long> dims, Node node, int input)
    {
        var @operator = names.Text(node.Operator);
        return (@operator, dims.Count) switch
        {
            ("ConvTranspose" or "ConvTransposeWithDynamicPads", >= 3) => dims[1] * Math.Max(1, node.Int(names, "group") ?? 1),
            ("MatMulNBits" or "MatMulBnb4" or "MatMulFpQ4", _) => node.Int(names, "N") ?? 0,
            ("LSTM" or "GRU" or "RNN" or "DynamicQuantizeLSTM", _) => dims.Count == 3 ? dims[0] * (node.Int(names, "hidden_size") ?? 0) : 0, // peepholes have two
            // Rows of codes, of which a byte holds several.
            ("GatherBlockQuantized", >= 2) => dims[^1] * (type.Bits == BitsOfByte ? BitsOfByte / Math.Clamp(node.Int(names, "bits") ?? UsualBits, 1, BitsOfByte) : 1),
            ("QMoE", 3) => dims[1],
            ("MoE", 3) => Math.Max(dims[1], dims[2]), // versions of ONNX Runtime differ in which comes first
            (_, >= 3) when LayerOperators.KindOf(@operator) == LayerKind.Convolution => dims[0],
            ("Gemm" or "FusedGemm" or "QGemm" or "GemmFloat8", 2) => input == 0 ? dims[IsSet("transA") ? 1 : 0] : dims[IsSet("transB") ? 0 : 1],
            ("FusedMatMul" or "TransposeMatMul", >= 2) => input == 0 ? dims[IsSet("transA") ? ^1 : ^2] : dims[IsSet("transB") ? ^2 : ^1],
            ("Einsum", _) when OfEquation(names, dims, node, input) is { } channels => channels,
            (_, 1) => dims[0],
            (_, >= 2) => input == 0 && LayerOperators.Multiplies(@operator) ? dims[^2] : dims[^1],
            _ => 0,
        };

        bool IsSet(string attribute) => node.Int(names, attribute) is not (null or 0);
    }

    // Of the letters of the weight, those that the result has and the other operand has not.
    private static long? OfEquation(NameTable names, IReadOnlyList<long> dims, Node node, int input)
    {
        var equation = Array.Find(node.Attributes, static attribute => attribute.Equation != 0) is { } attribute ? names.Text(attribute.Equation).Replace(" ", "", StringComparison.Ordinal) : "";
        var arrow = equation.IndexOf("->", StringComparison.Ordinal);
        if (arrow < 0 || equation.Length > LongestEquation || equation[..arrow].Split(',') is not [var left, var right] || input > 1) return null;
        var (own, other, result) = (input == 0 ? left : right, input == 0 ? right : left, equation[(arrow + 2)..]);
        if (own.Length != dims.Count) return null; // an ellipsis, or another shape than the equation says
        Int128 channels = 1;
        for (var index = 0; index < own.Length; index++)
        {
            if (result.Contains(own[index], StringComparison.Ordinal) && !other.Contains(own[index], StringComparison.Ordinal)) channels = Int128.Min(channels * Math.Max(dims[index], 0), long.MaxValue);
        }
        return channels > 1 ? (long)channels : null;
    }

    /// <summary>The nodes that only pass on what a value holds, from the one that takes it as it is stored.</summary>
    public static Node[] Passing(ValueFlow flow, int value)
    {
        List<Node> passing = [];
        while (passing.Count < StepsUp && flow.ProducerOf(value) is { InputValues: [>= 0 and var before, ..] } producer && flow.PassesOn(producer, 0))
        {
            passing.Add(producer);
            value = before;
        }
        passing.Reverse();
        return [.. passing];
    }

    /// <summary>A weight's dimensions behind the nodes that turn it or lay it out anew before a layer takes it.</summary>
    /// <param name="names">Names of the model.</param>
    /// <param name="flow">Who uses what in it.</param>
    /// <param name="stored">Its dimensions as stored.</param>
    /// <param name="value">The value that the layer takes.</param>
    /// <param name="passing">The nodes that pass it on.</param>
    public static IReadOnlyList<long> Reaching(NameTable names, ValueFlow flow, IReadOnlyList<long> stored, int value, Node[] passing)
    {
        var dims = stored;
        for (var at = 0; at < passing.Length; at++)
        {
            var producer = passing[at];
            var output = (at + 1 < passing.Length ? passing[at + 1].InputValues[0] : value) - producer.FirstOutput;
            dims = names.Text(producer.Operator) switch
            {
                "Split" => PieceOf(names, flow, dims, producer, output),
                "Concat" => Joined(names, flow, dims, producer),
                "Transpose" => Turned(dims, Array.Find(producer.Attributes, static attribute => attribute.Placement is not null)?.Placement),
                "Reshape" when producer.InputValues is [_, var shape, ..] && flow.StoredOf(shape)?.Numbers is { Length: > 0 } numbers => LaidOut(dims, numbers),
                _ => dims,
            };
        }
        return dims;
    }

    // The pieces are listed as an input or, in older versions, as an attribute; else they are equal but for the last.
    private static IReadOnlyList<long> PieceOf(NameTable names, ValueFlow flow, IReadOnlyList<long> dims, Node split, int output)
    {
        if (AxisOf(names, dims, split) is not { } axis) return dims;
        var sizes = split.InputValues is [_, var listed, ..] && flow.StoredOf(listed)?.Numbers is { } numbers ? numbers : (IReadOnlyList<long>?)Array.Find(split.Attributes, static attribute => attribute.Placement is { Count: > 0 })?.Placement;
        var equal = (dims[axis] - 1) / Math.Max(split.Outputs.Length, 1) + 1;
        var size = sizes is null ? Math.Min(equal, dims[axis] - equal * output) : output < sizes.Count ? sizes[output] : equal; // only the first few of them are kept
        return size >= 0 && size <= dims[axis] ? With(dims, axis, size) : dims;
    }

    // Matrices that are laid side by side make one layer, as wide as all of them.
    private static IReadOnlyList<long> Joined(NameTable names, ValueFlow flow, IReadOnlyList<long> dims, Node concat)
    {
        if (concat.InputValues.Length > MostParts || AxisOf(names, dims, concat) is not { } axis) return dims;
        var together = 0L;
        foreach (var part in concat.InputValues)
        {
            if (flow.StoredOf(part)?.Dims is not { } known || known.Length != dims.Count || known[axis] < 0 || known[axis] > long.MaxValue - together) return dims;
            together += known[axis];
        }
        return With(dims, axis, together);
    }

    private static int? AxisOf(NameTable names, IReadOnlyList<long> dims, Node node)
    {
        var axis = node.Int(names, "axis") ?? 0;
        if (axis < 0) axis += dims.Count;
        return axis >= 0 && axis < dims.Count ? (int)axis : null;
    }

    private static long[] With(IReadOnlyList<long> dims, int axis, long size)
    {
        long[] changed = [.. dims];
        changed[axis] = size;
        return changed;
    }

    // Without an order, or where it is not known, they are reversed: of a matrix that is the only other one.
    private static long[] Turned(IReadOnlyList<long> dims, List<long>? order)
    {
        if (order?.Count == dims.Count - 1) dims = [.. dims.Skip(1)]; // one of a stack was picked before
        var turned = new long[dims.Count];
        for (var index = 0; index < turned.Length; index++)
        {
            var from = order?.Count == dims.Count ? order[index] : turned.Length - 1 - index;
            if (from < 0 || from >= dims.Count) return [.. dims];
            turned[index] = dims[(int)from];
        }
        return turned;
    }

    // 0 stands for a dimension as it was, -1 for one that follows from all others.
    private static long[] LaidOut(IReadOnlyList<long> dims, long[] numbers)
    {
        var shape = new long[numbers.Length];
        Int128 elements = 1, known = 1;
        foreach (var dim in dims) elements = Int128.Min(elements * Math.Max(dim, 0), long.MaxValue);
        for (var index = 0; index < shape.Length; index++)
        {
            shape[index] = numbers[index] == 0 && index < dims.Count ? dims[index] : numbers[index];
            if (shape[index] > 0) known = Int128.Min(known * shape[index], long.MaxValue);
        }
        for (var index = 0; index < shape.Length; index++)
        {
            if (shape[index] < 0) shape[index] = elements % known == 0 ? (long)(elements / known) : 0;
        }
        return shape;
    }
}
