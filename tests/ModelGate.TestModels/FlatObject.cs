using System.Buffers.Binary;
using System.Text;

namespace ModelGate.TestModels;

/// <summary>A table of a flatbuffer in the making. Fields are given by their number in the schema; what a table refers to is written behind it.</summary>
public sealed class FlatObject
{
    private readonly SortedDictionary<int, Field> fields = [];

    /// <summary>Sets a number of 8 bits.</summary>
    public FlatObject Byte(int field, int value) => Inline(field, (byte)value);

    /// <summary>Sets a number of 32 bits.</summary>
    public FlatObject Int32(int field, int value) => Inline(field, BitConverter.GetBytes(value));

    /// <summary>Sets a number of 64 bits.</summary>
    public FlatObject Int64(int field, long value) => Inline(field, BitConverter.GetBytes(value));

    /// <summary>Sets a float of 32 bits.</summary>
    public FlatObject Float(int field, float value) => Inline(field, BitConverter.GetBytes(value));

    /// <summary>Sets a vector of bytes.</summary>
    public FlatObject Bytes(int field, params byte[] values) => Vector(field, values.Length, values, []);

    /// <summary>Sets a text.</summary>
    public FlatObject Text(int field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

    /// <summary>Sets a vector of 32-bit numbers.</summary>
    public FlatObject Int32s(int field, params int[] values) => Vector(field, values.Length, [.. values.SelectMany(BitConverter.GetBytes)], []);

    /// <summary>Sets a vector of 64-bit numbers.</summary>
    public FlatObject Int64s(int field, params long[] values) => Vector(field, values.Length, [.. values.SelectMany(BitConverter.GetBytes)], []);

    /// <summary>Sets a vector of floats.</summary>
    public FlatObject Floats(int field, params float[] values) => Vector(field, values.Length, [.. values.SelectMany(BitConverter.GetBytes)], []);

    /// <summary>Sets a vector of texts.</summary>
    public FlatObject Texts(int field, params string[] values) => Vector(field, values.Length, null, [.. values.Select(value => new Part(null, Encoding.UTF8.GetBytes(value)))]);

    /// <summary>Sets a table.</summary>
    public FlatObject Table(int field, FlatObject value)
    {
        fields[field] = new Field(new byte[4], null, [new Part(value, null)]);
        return this;
    }

    /// <summary>Sets a vector of tables.</summary>
    public FlatObject Tables(int field, params FlatObject[] values) => Vector(field, values.Length, null, [.. values.Select(value => new Part(value, null))]);

    /// <summary>Sets a vector that refers to one table again and again, as no writer would.</summary>
    public FlatObject Repeated(int field, int times, FlatObject value) => Vector(field, times, null, [.. Enumerable.Repeat(new Part(value, null), times)]);

    /// <summary>The file whose outermost table this is.</summary>
    /// <param name="identifier">Four characters that tell the format.</param>
    public byte[] ToFile(string identifier)
    {
        using var file = new MemoryStream();
        file.Write(new byte[4]);
        file.Write(Encoding.ASCII.GetBytes(identifier));
        Refer(file, 0, Write(file));
        return file.ToArray();
    }

    private FlatObject Inline(int field, params byte[] value)
    {
        fields[field] = new Field(value, null, []);
        return this;
    }

    private FlatObject Vector(int field, int count, byte[]? values, Part[] parts)
    {
        fields[field] = new Field(new byte[4], new Elements(count, values), parts);
        return this;
    }

    private long Write(MemoryStream file)
    {
        Align(file);
        var vtable = file.Position;
        var entries = fields.Count == 0 ? 0 : fields.Keys.Max() + 1;
        var offsets = new ushort[2 + entries];
        var length = 4;
        foreach (var (number, field) in fields)
        {
            offsets[2 + number] = (ushort)length;
            length += field.Inline.Length;
        }
        (offsets[0], offsets[1]) = ((ushort)(offsets.Length * 2), (ushort)length);
        foreach (var offset in offsets) file.Write(BitConverter.GetBytes(offset));
        var position = file.Position;
        file.Write(BitConverter.GetBytes((int)(position - vtable)));
        foreach (var field in fields.Values) file.Write(field.Inline);
        foreach (var (number, field) in fields)
        {
            var at = position + offsets[2 + number];
            if (field.Elements is { } elements) Refer(file, at, WriteVector(file, elements, field.Parts));
            else if (field.Parts is [var part]) Refer(file, at, part.Table!.Write(file));
        }
        return position;
    }

    private static long WriteVector(MemoryStream file, Elements elements, Part[] parts)
    {
        Align(file);
        var position = file.Position;
        file.Write(BitConverter.GetBytes(elements.Count));
        file.Write(elements.Values ?? new byte[parts.Length * 4]);
        var target = 0L;
        for (var index = 0; index < parts.Length; index++)
        {
            if (index == 0 || parts[index] != parts[index - 1]) target = parts[index].Table?.Write(file) ?? WriteVector(file, new Elements(parts[index].Text!.Length, parts[index].Text), []);
            Refer(file, position + 4 + (index * 4), target);
        }
        return position;
    }

    private static void Align(MemoryStream file)
    {
        while (file.Position % 4 != 0) file.WriteByte(0);
    }

    private static void Refer(MemoryStream file, long from, long to)
    {
        var end = file.Position;
        file.Position = from;
        Span<byte> distance = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(distance, (uint)(to - from));
        file.Write(distance);
        file.Position = end;
    }

    private sealed record Elements(int Count, byte[]? Values);

    private sealed class Part(FlatObject? table, byte[]? text)
    {
        public FlatObject? Table { get; } = table;

        public byte[]? Text { get; } = text;
    }

    private sealed record Field(byte[] Inline, Elements? Elements, Part[] Parts);
}
