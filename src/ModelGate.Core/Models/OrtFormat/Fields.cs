namespace ModelGate.Models.OrtFormat;

/// <summary>The fields of ort.fbs that carry meaning here, numbered in the order of their tables.</summary>
internal static class Fields
{
    public static class Session
    {
        public const int Version = 0, Model = 1;
    }

    public static class Model
    {
        public const int IrVersion = 0, OperatorSets = 1, Graph = 7;
    }

    public static class OperatorSet
    {
        public const int Domain = 0, Version = 1;
    }

    public static class Graph
    {
        public const int Initializers = 0, Values = 1, Nodes = 2, Inputs = 5, Outputs = 6, SparseInitializers = 7;
    }

    public static class Node
    {
        public const int Name = 0, Domain = 2, Operator = 5, Inputs = 8, Outputs = 9, Attributes = 10;
    }

    public static class Tensor
    {
        public const int Name = 0, Dims = 2, DataType = 3, Raw = 4, Strings = 5, ExternalOffset = 6;
    }

    public static class SparseTensor
    {
        public const int Values = 0, Indices = 1, Dims = 2;
    }

    public static class Attribute
    {
        public const int Name = 0, Type = 2, Float = 3, Int = 4, Text = 5, Tensor = 6, Graph = 7, Floats = 8, Ints = 9, Strings = 10, Tensors = 11, Graphs = 12;
    }

    // ValueInfo, TypeInfo and TensorTypeAndShape
    public static class Value
    {
        public const int Name = 0, Type = 2, Kind = 1, Content = 2, ElementType = 0, Shape = 1;
    }

    // Shape, Dimension and DimensionValue
    public static class Shape
    {
        public const int Dims = 0, Value = 0, Kind = 0, Number = 1, Name = 2;
    }
}
