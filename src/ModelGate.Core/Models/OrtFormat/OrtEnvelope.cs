using System.Buffers.Binary;

namespace ModelGate.Models.OrtFormat;

/// <summary>
/// The outermost tables of ONNX Runtime's flatbuffer format (ort.fbs: InferenceSession → Model): enough to tell a model from a
/// damaged file, whose size would otherwise be judged as if it were one.
/// </summary>
internal static class OrtEnvelope
{
    private const int VersionField = 0, ModelField = 1, IrVersionField = 0;
    private const int LongestVersion = 16;
    private const long NewestIrVersion = 1000; // today's are below 20

    /// <summary>Follows the tables from the root to the model's IR version.</summary>
    /// <param name="stream">The whole file, seekable.</param>
    /// <exception cref="ModelException">An offset leads out of the file, or a version makes no sense.</exception>
    public static void Check(Stream stream)
    {
        long session = ReadOffset(stream, 0);
        long version = Field(stream, session, VersionField) is { } text ? ReadOffset(stream, text) : throw Damaged(session, "the session has no format version");
        uint length = ReadUInt32(stream, version);
        if (length is 0 or > LongestVersion)
            throw Damaged(version, $"the format version is {length} characters long");
        for (long i = 0; i < length; i++)
        {
            if (ReadByte(stream, version + sizeof(uint) + i) is var digit && !char.IsAsciiDigit((char)digit))
                throw Damaged(version + sizeof(uint) + i, "the format version is no number");
        }

        long model = Field(stream, session, ModelField) is { } table ? ReadOffset(stream, table) : throw Damaged(session, "the session has no model");
        long irVersion = Field(stream, model, IrVersionField) is { } field ? ReadInt64(stream, field) : 0;
        if (irVersion is < 0 or > NewestIrVersion)
            throw Damaged(model, $"the model asks for version {irVersion} of ONNX's intermediate representation; there is none such");
    }

    // A table begins with the distance back to its vtable; the vtable holds its own length, the table's, and each field's offset (0: absent).
    private static long? Field(Stream stream, long table, int field)
    {
        long vtable = table - ReadInt32(stream, table);
        int vtableLength = ReadUInt16(stream, vtable), entry = 4 + (field * sizeof(ushort));
        if (entry + sizeof(ushort) > vtableLength)
            return null;
        int offset = ReadUInt16(stream, vtable + entry);
        return offset == 0 ? null : table + offset;
    }

    private static long ReadOffset(Stream stream, long position) => position + ReadUInt32(stream, position);

    private static byte ReadByte(Stream stream, long position) => Read(stream, position, stackalloc byte[1])[0];

    private static ushort ReadUInt16(Stream stream, long position) => BinaryPrimitives.ReadUInt16LittleEndian(Read(stream, position, stackalloc byte[sizeof(ushort)]));

    private static int ReadInt32(Stream stream, long position) => BinaryPrimitives.ReadInt32LittleEndian(Read(stream, position, stackalloc byte[sizeof(int)]));

    private static uint ReadUInt32(Stream stream, long position) => BinaryPrimitives.ReadUInt32LittleEndian(Read(stream, position, stackalloc byte[sizeof(uint)]));

    private static long ReadInt64(Stream stream, long position) => BinaryPrimitives.ReadInt64LittleEndian(Read(stream, position, stackalloc byte[sizeof(long)]));

    private static ReadOnlySpan<byte> Read(Stream stream, long position, Span<byte> buffer)
    {
        if (position < 0 || position > stream.Length - buffer.Length)
            throw Damaged(position, $"an offset leads out of the file, which is {stream.Length} bytes long");
        stream.Position = position;
        stream.ReadExactly(buffer);
        return buffer;
    }

    private static ModelException Damaged(long position, string what) =>
        new(Diagnostics.ModelMalformed, $"at byte {position}: {what}: the file is truncated or damaged");
}
