namespace ModelGate.Models.Safetensors;

/// <summary>The element types of safetensors by their names in its headers (tensor.rs, enum Dtype).</summary>
internal static class SafetensorsTypes
{
    /// <summary>The type of a name, or null where safetensors defines none.</summary>
    public static DataType? Find(string name) => name switch
    {
        "F64" => DataTypes.Float64,
        "F32" => DataTypes.Float32,
        "F16" => DataTypes.Float16,
        "BF16" => DataTypes.BFloat16,
        "F8_E4M3" => DataTypes.Float8E4M3FN,
        "F8_E4M3FNUZ" => DataTypes.Float8E4M3FNUZ,
        "F8_E5M2" => DataTypes.Float8E5M2,
        "F8_E5M2FNUZ" => DataTypes.Float8E5M2FNUZ,
        "F8_E8M0" => DataTypes.Float8E8M0,
        "F6_E2M3" => DataTypes.Float6E2M3,
        "F6_E3M2" => DataTypes.Float6E3M2,
        "F4" => DataTypes.Float4E2M1,
        "C64" => DataTypes.Complex64,
        "I64" => DataTypes.Int64,
        "I32" => DataTypes.Int32,
        "I16" => DataTypes.Int16,
        "I8" => DataTypes.Int8,
        "U64" => DataTypes.UInt64,
        "U32" => DataTypes.UInt32,
        "U16" => DataTypes.UInt16,
        "U8" => DataTypes.UInt8,
        "BOOL" => DataTypes.Bool,
        _ => null,
    };
}
