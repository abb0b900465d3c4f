namespace ModelGate.Models.Onnx;

/// <summary>The element types of ONNX by their numbers in TensorProto.DataType (onnx.proto).</summary>
public static class ElementTypes
{
    /// <summary>The type of a number, or null where ONNX defines none (0 is UNDEFINED).</summary>
    public static DataType? Find(long number) => number >= 0 && number < ByNumber.Length ? ByNumber[number] : null;

    /// <summary>The number of a type.</summary>
    public static int NumberOf(DataType type) => Array.IndexOf(ByNumber, type);

    private static readonly DataType?[] ByNumber =
    [
        null, DataTypes.Float32, DataTypes.UInt8, DataTypes.Int8, DataTypes.UInt16, DataTypes.Int16, DataTypes.Int32, DataTypes.Int64,
        DataTypes.String, DataTypes.Bool, DataTypes.Float16, DataTypes.Float64, DataTypes.UInt32, DataTypes.UInt64, DataTypes.Complex64,
        DataTypes.Complex128, DataTypes.BFloat16, DataTypes.Float8E4M3FN, DataTypes.Float8E4M3FNUZ, DataTypes.Float8E5M2,
        DataTypes.Float8E5M2FNUZ, DataTypes.UInt4, DataTypes.Int4, DataTypes.Float4E2M1, DataTypes.Float8E8M0, DataTypes.UInt2, DataTypes.Int2,
    ];
}
