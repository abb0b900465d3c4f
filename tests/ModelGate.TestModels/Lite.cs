namespace ModelGate.TestModels;

/// <summary>The tables of a TensorFlow Lite file, as small functions. Field numbers are those of schema.fbs.</summary>
public static class Lite
{
    /// <summary>Numbers of element types.</summary>
    public const int Float32 = 0, Float16 = 1, Int32 = 2, UInt8 = 3, Text = 5, Int8 = 9, Int4 = 17;

    /// <summary>Numbers of operators.</summary>
    public const int Add = 0, Conv2D = 3, Dequantize = 6, FullyConnected = 9, Reshape = 22;

    /// <summary>A model of version 3.</summary>
    /// <param name="operators">Numbers of the operators that its nodes name by position.</param>
    /// <param name="buffers">Its buffers; the first is empty by convention.</param>
    /// <param name="subgraphs">Its subgraphs.</param>
    public static FlatObject Model(int[] operators, FlatObject[] buffers, params FlatObject[] subgraphs) => new FlatObject().Int32(0, 3)
        .Tables(1, [.. operators.Select(code => new FlatObject().Byte(0, Math.Min(code, 127)).Int32(3, code))])
        .Tables(2, subgraphs)
        .Tables(4, buffers);

    /// <summary>A subgraph.</summary>
    public static FlatObject Subgraph(FlatObject[] tensors, int[] inputs, params FlatObject[] nodes) => new FlatObject().Tables(0, tensors).Int32s(1, inputs).Tables(3, nodes);

    /// <summary>A tensor.</summary>
    public static FlatObject Tensor(string name, int type, int buffer, params int[] shape) => new FlatObject().Int32s(0, shape).Byte(1, type).Int32(2, buffer).Text(3, name);

    /// <summary>Scales and zero points, to be set as field 4 of a tensor.</summary>
    public static FlatObject Quantization(float[] scales, long[] zeros) => new FlatObject().Floats(2, scales).Int64s(3, zeros);

    /// <summary>A buffer that holds its bytes.</summary>
    public static FlatObject Buffer(int bytes) => bytes == 0 ? new FlatObject() : new FlatObject().Bytes(0, new byte[bytes]);

    /// <summary>A node.</summary>
    public static FlatObject Node(int code, int[] inputs, params int[] outputs) => new FlatObject().Int32(0, code).Int32s(1, inputs).Int32s(2, outputs);

    /// <summary>Bytes of the file.</summary>
    public static byte[] File(FlatObject model) => model.ToFile("TFL3");

    /// <summary>A convolution of 2 kernels of 3x3x1 with biases, reshaped and added to: 18 weights, 2 biases, a shape of 2, and an addend of 2.</summary>
    public static FlatObject Small() => Model([Conv2D, Reshape, Add], [Buffer(0), Buffer(18 * 4), Buffer(2 * 4), Buffer(2 * 4), Buffer(2 * 4)],
        Subgraph(
            [Tensor("x", Float32, 0, 1, 8, 8, 1), Tensor("w", Float32, 1, 2, 3, 3, 1), Tensor("b", Float32, 2, 2), Tensor("y", Float32, 0, 1, 6, 6, 2),
                Tensor("shape", Int32, 3, 2), Tensor("z", Float32, 0, 36, 2), Tensor("addend", Float32, 4, 2), Tensor("sum", Float32, 0, 36, 2)],
            [0], Node(0, [0, 1, 2], 3), Node(1, [3, 4], 5), Node(2, [5, 6], 7)));
}
