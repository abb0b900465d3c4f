namespace ModelGate.Models.Onnx;

/// <summary>The fields of onnx.proto that carry meaning here, as tags: number × 8 + wire type.</summary>
internal static class Tags
{
    private const uint Varint = 0;
    private const uint Fixed64 = 1;
    private const uint Bytes = 2;
    private const uint Fixed32 = 5;

    public static class Model
    {
        public const uint IrVersion = (1 << 3) | Varint;
        public const uint Graph = (7 << 3) | Bytes;
        public const uint OperatorSet = (8 << 3) | Bytes;
        public const uint Training = (20 << 3) | Bytes;
        public const uint Function = (25 << 3) | Bytes;

        // producer_name, producer_version, domain, model_version, doc_string, metadata_props, configuration
        public static bool Knows(uint tag) => (tag >> 3) is >= 1 and <= 8 or 14 or 20 or 25 or 26;
    }

    public static class OperatorSet
    {
        public const uint Domain = (1 << 3) | Bytes;
        public const uint Version = (2 << 3) | Varint;

        public static bool Knows(uint tag) => (tag >> 3) is 1 or 2;
    }

    public static class Training
    {
        public const uint Initialization = (1 << 3) | Bytes;
        public const uint Algorithm = (2 << 3) | Bytes;

        public static bool Knows(uint tag) => (tag >> 3) is >= 1 and <= 4;
    }

    public static class Graph
    {
        public const uint Node = (1 << 3) | Bytes;
        public const uint Initializer = (5 << 3) | Bytes;
        public const uint Input = (11 << 3) | Bytes;
        public const uint Output = (12 << 3) | Bytes;
        public const uint SparseInitializer = (15 << 3) | Bytes;

        // name, doc_string, value_info, quantization_annotation, metadata_props
        public static bool Knows(uint tag) => (tag >> 3) is 1 or 2 or 5 or >= 10 and <= 16;
    }

    public static class Function
    {
        public const uint Name = (1 << 3) | Bytes;
        public const uint Input = (4 << 3) | Bytes;
        public const uint Output = (5 << 3) | Bytes;
        public const uint Node = (7 << 3) | Bytes;
        public const uint OperatorSet = (9 << 3) | Bytes;
        public const uint Domain = (10 << 3) | Bytes;
        public const uint DefaultedAttribute = (11 << 3) | Bytes;
        public const uint Overload = (13 << 3) | Bytes;

        // attribute, doc_string, value_info, metadata_props; since_version and status of older versions
        public static bool Knows(uint tag) => (tag >> 3) is >= 1 and <= 14;
    }

    public static class Node
    {
        public const uint Input = (1 << 3) | Bytes;
        public const uint Output = (2 << 3) | Bytes;
        public const uint Name = (3 << 3) | Bytes;
        public const uint Operator = (4 << 3) | Bytes;
        public const uint Attribute = (5 << 3) | Bytes;
        public const uint Domain = (7 << 3) | Bytes;
        public const uint Overload = (8 << 3) | Bytes;

        // doc_string, metadata_props, device_configurations
        public static bool Knows(uint tag) => (tag >> 3) is >= 1 and <= 10;
    }

    public static class Attribute
    {
        public const uint Name = (1 << 3) | Bytes;
        public const uint Float = (2 << 3) | Fixed32;
        public const uint Int = (3 << 3) | Varint;
        public const uint Text = (4 << 3) | Bytes;
        public const uint Tensor = (5 << 3) | Bytes;
        public const uint Graph = (6 << 3) | Bytes;
        public const uint Floats = (7 << 3) | Fixed32;
        public const uint FloatsPacked = (7 << 3) | Bytes;
        public const uint Ints = (8 << 3) | Varint;
        public const uint IntsPacked = (8 << 3) | Bytes;
        public const uint Strings = (9 << 3) | Bytes;
        public const uint Tensors = (10 << 3) | Bytes;
        public const uint Graphs = (11 << 3) | Bytes;
        public const uint Reference = (21 << 3) | Bytes;
        public const uint SparseTensor = (22 << 3) | Bytes;
        public const uint SparseTensors = (23 << 3) | Bytes;

        // doc_string, tp, type_protos, type
        public static bool Knows(uint tag) => (tag >> 3) is >= 1 and <= 11 or 13 or 14 or 15 or >= 20 and <= 23;
    }

    public static class Tensor
    {
        public const uint Dim = (1 << 3) | Varint;
        public const uint DimsPacked = (1 << 3) | Bytes;
        public const uint DataType = (2 << 3) | Varint;
        public const uint Floats = (4 << 3) | Fixed32;
        public const uint FloatsPacked = (4 << 3) | Bytes;
        public const uint Int32 = (5 << 3) | Varint;
        public const uint Int32Packed = (5 << 3) | Bytes;
        public const uint Strings = (6 << 3) | Bytes;
        public const uint Int64 = (7 << 3) | Varint;
        public const uint Int64Packed = (7 << 3) | Bytes;
        public const uint Name = (8 << 3) | Bytes;
        public const uint Raw = (9 << 3) | Bytes;
        public const uint Doubles = (10 << 3) | Fixed64;
        public const uint DoublesPacked = (10 << 3) | Bytes;
        public const uint UInt64 = (11 << 3) | Varint;
        public const uint UInt64Packed = (11 << 3) | Bytes;
        public const uint ExternalData = (13 << 3) | Bytes;
        public const uint DataLocation = (14 << 3) | Varint;

        // segment, doc_string, metadata_props
        public static bool Knows(uint tag) => (tag >> 3) is >= 1 and <= 14 or 16;
    }

    public static class SparseTensor
    {
        public const uint Values = (1 << 3) | Bytes;
        public const uint Indices = (2 << 3) | Bytes;
        public const uint Dim = (3 << 3) | Varint;
        public const uint DimsPacked = (3 << 3) | Bytes;

        public static bool Knows(uint tag) => (tag >> 3) is >= 1 and <= 3;
    }

    public static class Entry
    {
        public const uint Key = (1 << 3) | Bytes;
        public const uint Value = (2 << 3) | Bytes;

        public static bool Knows(uint tag) => (tag >> 3) is 1 or 2;
    }

    public static class Value
    {
        public const uint Name = (1 << 3) | Bytes;
        public const uint Type = (2 << 3) | Bytes;
        public const uint TensorType = (1 << 3) | Bytes;
        public const uint ElementType = (1 << 3) | Varint;
        public const uint Shape = (2 << 3) | Bytes;
        public const uint Dim = (1 << 3) | Bytes;
        public const uint DimNumber = (1 << 3) | Varint;
        public const uint DimName = (2 << 3) | Bytes;
    }
}
