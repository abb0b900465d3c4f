using System.Buffers.Binary;

namespace ModelGate.Models.FlatBuffers;

/// <summary>
/// A table of a flatbuffer, read in place. Every offset is checked when it is followed: tables, vectors and strings lie within the file,
/// fields within their table. References only lead forward, so they cannot go round in a circle.
/// Source: "FlatBuffer Internals" of the FlatBuffers documentation.
/// </summary>
internal readonly struct FlatTable
{
    private const int FirstField = 2 * sizeof(ushort); // after the lengths of the vtable and of the table

    private readonly PagedFile file;
    private readonly long vtable;
    private readonly int vtableLength;
    private readonly int length;

    private FlatTable(PagedFile file, long position)
    {
        this.file = file;
        Position = position;
        vtable = position - BinaryPrimitives.ReadInt32LittleEndian(file.Read(position, sizeof(int)));
        var lengths = file.Read(vtable, FirstField);
        vtableLength = BinaryPrimitives.ReadUInt16LittleEndian(lengths);
        length = BinaryPrimitives.ReadUInt16LittleEndian(lengths[sizeof(ushort)..]);
        if (vtableLength < FirstField || vtableLength % sizeof(ushort) != 0 || vtable > file.Length - vtableLength || length < sizeof(int) || position > file.Length - length)
            throw PagedFile.Malformed(position, "a table is not whole: the file is truncated or damaged");
    }

    /// <summary>Where it begins in the file.</summary>
    public long Position { get; }

    /// <summary>The outermost table.</summary>
    /// <exception cref="ModelException">It does not lie in the file.</exception>
    public static FlatTable Root(PagedFile file) => Follow(file, 0);

    /// <summary>The table that a reference leads to.</summary>
    public static FlatTable Follow(PagedFile file, long reference) => new(file, Target(file, reference));

    /// <summary>Where a reference leads.</summary>
    public static long Target(PagedFile file, long reference) =>
        BinaryPrimitives.ReadUInt32LittleEndian(file.Read(reference, sizeof(uint))) is > 0 and var distance
            ? reference + distance
            : throw PagedFile.Malformed(reference, "a reference leads to itself: the file is damaged");

    /// <summary>True where a field is given.</summary>
    public bool Has(int field) => Offset(field, 1) is not null;

    /// <summary>A number of 8 bits.</summary>
    public byte Byte(int field) => Offset(field, sizeof(byte)) is { } at ? file.Read(at, sizeof(byte))[0] : (byte)0;

    /// <summary>A number of 32 bits.</summary>
    public int Int32(int field) => Offset(field, sizeof(int)) is { } at ? BinaryPrimitives.ReadInt32LittleEndian(file.Read(at, sizeof(int))) : 0;

    /// <summary>A number of 32 bits without a sign.</summary>
    public uint UInt32(int field) => unchecked((uint)Int32(field));

    /// <summary>A number of 64 bits.</summary>
    public long Int64(int field, long otherwise = 0) => Offset(field, sizeof(long)) is { } at ? BinaryPrimitives.ReadInt64LittleEndian(file.Read(at, sizeof(long))) : otherwise;

    /// <summary>A float of 32 bits.</summary>
    public float Float(int field) => Offset(field, sizeof(float)) is { } at ? BinaryPrimitives.ReadSingleLittleEndian(file.Read(at, sizeof(float))) : 0;

    /// <summary>A table; null where it is not given.</summary>
    public FlatTable? Table(int field) => Offset(field, sizeof(uint)) is { } at ? Follow(file, at) : null;

    /// <summary>A vector; empty where it is not given.</summary>
    /// <param name="field">Number of the field.</param>
    /// <param name="width">Bytes of one element; those of a reference for tables, vectors and strings.</param>
    public FlatVector Vector(int field, int width) => Offset(field, sizeof(uint)) is { } at ? FlatVector.At(file, Target(file, at), width) : default;

    /// <summary>The UTF-8 bytes of a text, valid until the next call; empty where it is not given.</summary>
    public ReadOnlySpan<byte> Text(int field) => Vector(field, sizeof(byte)).Bytes("a text");

    private long? Offset(int field, int width)
    {
        var entry = FirstField + (field * sizeof(ushort));
        if (entry + sizeof(ushort) > vtableLength) return null;
        int offset = BinaryPrimitives.ReadUInt16LittleEndian(file.Read(vtable + entry, sizeof(ushort)));
        if (offset == 0) return null; // not given
        return offset >= sizeof(int) && offset + width <= length
            ? Position + offset
            : throw PagedFile.Malformed(vtable + entry, "a field lies outside of its table: the file is damaged");
    }
}
