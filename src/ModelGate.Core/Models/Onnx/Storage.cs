namespace ModelGate.Models.Onnx;

/// <summary>The type, count and bytes of a stored tensor, once its declaration and its storage have been held against each other.</summary>
/// <param name="Type">Element type.</param>
/// <param name="Elements">Elements by its dimensions, which are those it stores.</param>
/// <param name="Bytes">Bytes of the values.</param>
internal readonly record struct Storage(DataType Type, long Elements, long Bytes)
{
    /// <summary>Holds what a tensor declares against what it stores; where the two differ, neither can be counted on.</summary>
    /// <exception cref="ModelException">They differ, or the declaration makes no sense.</exception>
    public static Storage Of(StoredTensor tensor, string name)
    {
        // Never made a delegate: that would be an object for each tensor.
        ModelException Wrong(string what) => ProtobufReader.Malformed(tensor.Offset, $"tensor {Quoted.Name(name)} {what}");

        var type = ElementTypes.Find(tensor.DataType ?? 0) ?? throw Wrong($"has data type {unchecked((int)(tensor.DataType ?? 0))}, which ONNX does not define");
        var elements = Shapes.TryElements(tensor.Dims) ?? throw Wrong(Shapes.WhyNoElements(tensor.Dims));
        var bytes = type == DataTypes.String ? tensor.Typed?.StringBytes ?? 0 : Shapes.TryBytes(type, elements) ?? throw Wrong(Shapes.WhyNoBytes(type, elements));
        var typed = tensor.Typed?.Values ?? 0;
        var raw = tensor.RawLength ?? 0;

        if (tensor.IsExternal)
        {
            if (raw > 0 || typed > 0) throw Wrong("is stored both in the model and in external data");
            if (type == DataTypes.String) throw Wrong("holds text in external data, which ONNX does not allow");
        }
        else if (raw > 0)
        {
            if (typed > 0) throw Wrong("is stored twice: as raw data and as typed values");
            if (type == DataTypes.String) throw Wrong("holds text as raw data, which ONNX does not allow");
            if (raw != bytes) throw Wrong($"declares {elements} elements of {type} ({bytes} bytes) but stores {raw} bytes");
        }
        else
        {
            var (stored, expected) = Typed(tensor.Typed ?? new TypedFields(), type, elements);
            if (stored != typed) throw Wrong($"stores values in fields that do not belong to {type}");
            if ((ulong)stored != expected) throw Wrong($"declares {elements} elements of {type} but stores {Found(stored, expected, elements)}");
        }
        return new Storage(type, elements, bytes);
    }

    // Which field holds a type, and how many of its values the elements make (onnx.proto, comments of TensorProto).
    private static (long Stored, ulong Expected) Typed(TypedFields fields, DataType type, long elements) => type switch
    {
        _ when type == DataTypes.Float32 => (fields.Floats, (ulong)elements),
        _ when type == DataTypes.Complex64 => (fields.Floats, (ulong)elements * 2),
        _ when type == DataTypes.Float64 => (fields.Doubles, (ulong)elements),
        _ when type == DataTypes.Complex128 => (fields.Doubles, (ulong)elements * 2),
        _ when type == DataTypes.Int64 => (fields.Int64s, (ulong)elements),
        _ when type == DataTypes.UInt64 || type == DataTypes.UInt32 => (fields.UInt64s, (ulong)elements),
        _ when type == DataTypes.String => (fields.Strings, (ulong)elements),
        { Bits: 4 } => (fields.Int32s, ((ulong)elements + 1) / 2),
        { Bits: 2 } => (fields.Int32s, ((ulong)elements + 3) / 4),
        _ => (fields.Int32s, (ulong)elements),
    };

    private static string Found(long stored, ulong expected, long elements) =>
        stored == 0 ? "none" : expected == (ulong)elements ? $"{stored}" : $"{stored} where {expected} are needed";
}
