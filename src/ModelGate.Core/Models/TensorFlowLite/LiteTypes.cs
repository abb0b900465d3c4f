namespace ModelGate.Models.TensorFlowLite;

/// <summary>The element types of TensorFlow Lite by their numbers (schema.fbs, enum TensorType).</summary>
internal static class LiteTypes
{
    private static readonly DataType?[] ByNumber =
    [
        DataTypes.Float32, DataTypes.Float16, DataTypes.Int32, DataTypes.UInt8, DataTypes.Int64, DataTypes.String, DataTypes.Bool, DataTypes.Int16,
        DataTypes.Complex64, DataTypes.Int8, DataTypes.Float64, DataTypes.Complex128, DataTypes.UInt64, null, null, // handles of resources and variants
        DataTypes.UInt32, DataTypes.UInt16, DataTypes.Int4, DataTypes.BFloat16, DataTypes.Int2, DataTypes.UInt4, DataTypes.Float8E4M3FN, DataTypes.Float8E5M2,
    ];

    /// <summary>The type of a number, or null where it stores no values.</summary>
    public static DataType? Find(byte number) => number < ByNumber.Length ? ByNumber[number] : null;
}
