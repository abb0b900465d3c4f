namespace ModelGate.Models.TensorFlowLite;

/// <summary>The fields of TensorFlow Lite's schema.fbs that carry meaning here, numbered in the order of their tables.</summary>
internal static class Fields
{
    public static class Model
    {
        public const int Version = 0, OperatorCodes = 1, Subgraphs = 2, Buffers = 4, ExternalGroups = 8, ExternalBuffers = 9;
    }

    public static class OperatorCode
    {
        public const int OldCode = 0, CustomCode = 1, Code = 3;
    }

    public static class Subgraph
    {
        public const int Tensors = 0, Inputs = 1, Operators = 3, Name = 4;
    }

    public static class Tensor
    {
        public const int Shape = 0, Type = 1, Buffer = 2, Name = 3, Quantization = 4, Sparsity = 6, ShapeSignature = 7, ExternalBuffer = 10;
    }

    public static class Quantization
    {
        public const int Scale = 2, ZeroPoint = 3, DetailsType = 4, Details = 5;
    }

    public static class Blockwise
    {
        public const int Scales = 0, ZeroPoints = 1;
    }

    public static class Buffer
    {
        public const int Data = 0, Offset = 1, Size = 2;
    }

    public static class ExternalBuffer
    {
        public const int Id = 0, Group = 1, Offset = 2, Length = 3;
    }

    public static class Operator
    {
        public const int Code = 0, Inputs = 1, Outputs = 2, Options = 4;
    }

    // IfOptions and WhileOptions: the subgraphs that are then and else, or condition and body.
    public static class Control
    {
        public const int First = 0, Second = 1;
    }
}
