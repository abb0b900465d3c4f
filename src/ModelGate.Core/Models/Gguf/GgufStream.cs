using System.Buffers.Binary;
using System.Text;

namespace ModelGate.Models.Gguf;

/// <summary>Reads the parts of a GGUF header one after the other; every length is held against what is left of the file.</summary>
internal sealed class GgufStream(Stream stream, long length)
{
    private const int SmallestRead = 4096, LargestRead = 64 * 1024;

    private readonly byte[] buffer = new byte[LargestRead];
    private long start; // offset of buffer[0] in the file
    private int at;
    private int count;
    private int nextRead = SmallestRead;

    /// <summary>Offset in the file of what is read next.</summary>
    public long Position => start + at;

    /// <summary>Bytes left in the file.</summary>
    public long Remaining => length - Position;

    /// <summary>A number of 32 bits without a sign.</summary>
    public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(sizeof(uint)));

    /// <summary>A number of 64 bits without a sign.</summary>
    public ulong UInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(sizeof(ulong)));

    /// <summary>A number of up to 64 bits, in as many bytes as its type has.</summary>
    public ulong Number(int width)
    {
        var value = 0UL;
        foreach (var part in Take(width)) value = (value >> 8) | ((ulong)part << 56);
        return value >> (64 - (8 * width));
    }

    /// <summary>A name: its length in 64 bits and as many bytes; what is not UTF-8 in it shows as U+FFFD.</summary>
    public string Text()
    {
        var offset = Position;
        var bytes = UInt64();
        if (bytes > (ulong)Remaining) throw Malformed(offset, $"a text says it is {bytes} bytes long, but only {Remaining} are left: the file is truncated or damaged");
        if (bytes > Limits.NameLength) throw new ModelException(Diagnostics.ModelLimit, $"at byte {offset}: a name is {bytes} bytes long; at most {Limits.NameLength} are read");
        return Encoding.UTF8.GetString(Take((int)bytes));
    }

    /// <summary>Passes over bytes without reading them.</summary>
    public void Skip(UInt128 bytes)
    {
        if (bytes > (UInt128)Remaining) throw Malformed(Position, $"{bytes} bytes are expected, but only {Remaining} are left: the file is truncated or damaged");
        if (bytes <= (UInt128)(count - at))
        {
            at += (int)bytes;
            return;
        }
        start = Position + (long)bytes;
        at = count = 0;
    }

    /// <summary>What to throw where the file breaks the rules.</summary>
    public static ModelException Malformed(long offset, string what) => new(Diagnostics.ModelMalformed, $"at byte {offset}: {what}");

    private ReadOnlySpan<byte> Take(int bytes)
    {
        if (bytes > Remaining) throw Malformed(Position, "the file ends in the middle of its header: it is truncated or damaged");
        if (count - at < bytes) Fill(bytes);
        at += bytes;
        return buffer.AsSpan(at - bytes, bytes);
    }

    private void Fill(int needed)
    {
        buffer.AsSpan(at, count - at).CopyTo(buffer);
        start += at;
        count -= at;
        at = 0;
        var wanted = (int)Math.Min(Math.Max(needed, nextRead), length - start);
        nextRead = Math.Min(nextRead * 2, LargestRead);
        stream.Position = start + count;
        count += stream.ReadAtLeast(buffer.AsSpan(count, wanted - count), needed - count, throwOnEndOfStream: false);
        if (count < needed) throw new ModelException(Diagnostics.ModelChanged, $"at byte {start + count}: the file ended earlier than when it was opened");
    }
}
