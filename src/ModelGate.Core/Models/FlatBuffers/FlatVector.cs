using System.Buffers.Binary;

namespace ModelGate.Models.FlatBuffers;

/// <summary>A vector of a flatbuffer, read in place; its length is held against the file before anything is made of it.</summary>
internal readonly struct FlatVector
{
    private readonly PagedFile? file;
    private readonly int width;

    private FlatVector(PagedFile file, long start, int count, int width)
    {
        this.file = file;
        this.width = width;
        Start = start;
        Count = count;
    }

    /// <summary>Where its first element lies in the file.</summary>
    public long Start { get; }

    /// <summary>How many elements it has.</summary>
    public int Count { get; }

    /// <summary>The vector at a position.</summary>
    /// <exception cref="ModelException">It does not lie in the file.</exception>
    public static FlatVector At(PagedFile file, long position, int width)
    {
        var count = BinaryPrimitives.ReadUInt32LittleEndian(file.Read(position, sizeof(uint)));
        var start = position + sizeof(uint);
        return count <= int.MaxValue && count * (long)width <= file.Length - start
            ? new(file, start, (int)count, width)
            : throw PagedFile.Malformed(position, $"a vector says that it has {count} elements, more than the file has room for: it is truncated or damaged");
    }

    /// <summary>The table that an element refers to.</summary>
    public FlatTable Table(int index) => FlatTable.Follow(file!, At(index));

    /// <summary>The UTF-8 bytes of the text that an element refers to; valid until the next call.</summary>
    public ReadOnlySpan<byte> Text(int index) => Part(index).Bytes("a text");

    /// <summary>How many bytes the text that an element refers to has.</summary>
    public int TextLength(int index) => Part(index).Count;

    /// <summary>Where the UTF-8 bytes of the text that an element refers to lie in the file.</summary>
    public DataRange TextRun(int index) => new(null, Part(index).Start, Part(index).Count);

    /// <summary>An element of 32 bits.</summary>
    public int Int32(int index) => BinaryPrimitives.ReadInt32LittleEndian(file!.Read(At(index), sizeof(int)));

    /// <summary>An element of 64 bits.</summary>
    public long Int64(int index) => BinaryPrimitives.ReadInt64LittleEndian(file!.Read(At(index), sizeof(long)));

    /// <summary>Its bytes as they stand; valid until the next call.</summary>
    /// <exception cref="ModelException">They are more than any real name has.</exception>
    public ReadOnlySpan<byte> Bytes(string what)
    {
        if (Count == 0) return [];
        return Count <= Limits.NameLength
            ? file!.Read(Start, Count)
            : throw new ModelException(Diagnostics.ModelLimit, $"at byte {Start}: {what} is {Count} bytes long; at most {Limits.NameLength} are read");
    }

    private FlatVector Part(int index) => At(file!, FlatTable.Target(file!, At(index)), sizeof(byte));

    private long At(int index) => Start + ((long)index * width);
}
