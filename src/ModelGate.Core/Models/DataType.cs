namespace ModelGate.Models;

/// <summary>An element type, with the name that policies and reports use and its width.</summary>
/// <param name="Name">Lower-case standard name, such as <c>float32</c> or <c>int4</c>.</param>
/// <param name="Bits">Bits per element as stored densely; 0 where elements have no fixed width (strings) or are stored in blocks.</param>
/// <param name="IsFloat">True for floating-point types, which hold learned values unless their slot says otherwise.</param>
public sealed record DataType(string Name, int Bits, bool IsFloat)
{
    /// <summary>Elements that are stored together with their scales; 1 where each is stored for itself.</summary>
    public int BlockElements { get; init; } = 1;

    /// <summary>Bytes of such a block; 0 where each element is stored for itself.</summary>
    public int BlockBytes { get; init; }

    /// <summary>Bytes that <paramref name="elements"/> densely stored elements take; sub-byte types are packed and rounded up, blocks are whole.</summary>
    /// <exception cref="OverflowException">The product does not fit.</exception>
    public long BytesOf(long elements) => BlockBytes > 0
        ? checked(((elements / BlockElements) + (elements % BlockElements == 0 ? 0 : 1)) * BlockBytes)
        : checked((elements / 8 * Bits) + (((elements % 8 * Bits) + 7) / 8));

    /// <summary>A type is its name.</summary>
    public bool Equals(DataType? other) => Name == other?.Name;

    /// <inheritdoc/>
    public override int GetHashCode() => Name.GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>Every element type that the supported formats know.</summary>
public static class DataTypes
{
#pragma warning disable CS1591 // The names are the documentation.
    public static readonly DataType Float32 = new("float32", 32, true);
    public static readonly DataType Float64 = new("float64", 64, true);
    public static readonly DataType Float16 = new("float16", 16, true);
    public static readonly DataType BFloat16 = new("bfloat16", 16, true);
    public static readonly DataType Float8E4M3FN = new("float8e4m3fn", 8, true);
    public static readonly DataType Float8E4M3FNUZ = new("float8e4m3fnuz", 8, true);
    public static readonly DataType Float8E5M2 = new("float8e5m2", 8, true);
    public static readonly DataType Float8E5M2FNUZ = new("float8e5m2fnuz", 8, true);
    public static readonly DataType Float8E8M0 = new("float8e8m0", 8, true);
    public static readonly DataType Float6E2M3 = new("float6e2m3", 6, true);
    public static readonly DataType Float6E3M2 = new("float6e3m2", 6, true);
    public static readonly DataType Float4E2M1 = new("float4e2m1", 4, true);
    public static readonly DataType Complex64 = new("complex64", 64, true);
    public static readonly DataType Complex128 = new("complex128", 128, true);
    public static readonly DataType Int64 = new("int64", 64, false);
    public static readonly DataType Int32 = new("int32", 32, false);
    public static readonly DataType Int16 = new("int16", 16, false);
    public static readonly DataType Int8 = new("int8", 8, false);
    public static readonly DataType Int4 = new("int4", 4, false);
    public static readonly DataType Int2 = new("int2", 2, false);
    public static readonly DataType UInt64 = new("uint64", 64, false);
    public static readonly DataType UInt32 = new("uint32", 32, false);
    public static readonly DataType UInt16 = new("uint16", 16, false);
    public static readonly DataType UInt8 = new("uint8", 8, false);
    public static readonly DataType UInt4 = new("uint4", 4, false);
    public static readonly DataType UInt2 = new("uint2", 2, false);
    public static readonly DataType Bool = new("bool", 8, false);
    public static readonly DataType String = new("string", 0, false);
#pragma warning restore CS1591

    /// <summary>All of them, in the order reports list them.</summary>
    public static IReadOnlyList<DataType> All { get; } =
    [
        Float32, Float64, Float16, BFloat16, Float8E4M3FN, Float8E4M3FNUZ, Float8E5M2, Float8E5M2FNUZ, Float8E8M0, Float6E2M3, Float6E3M2, Float4E2M1,
        Complex64, Complex128, Int64, Int32, Int16, Int8, Int4, Int2, UInt64, UInt32, UInt16, UInt8, UInt4, UInt2, Bool, String,
    ];

    /// <summary>Their names, in the same order.</summary>
    internal static string[] Names
    {
        get
        {
            var names = new string[All.Count];
            for (var i = 0; i < names.Length; i++)
                names[i] = All[i].Name;
            return names;
        }
    }

    /// <summary>The type of a name, or null.</summary>
    public static DataType? Find(string name) => All.FirstOrDefault(type => type.Name == name);
}
