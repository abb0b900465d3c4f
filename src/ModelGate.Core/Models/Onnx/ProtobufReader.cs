using System.Buffers.Binary;

namespace ModelGate.Models.Onnx;

/// <summary>
/// Reads protobuf from a seekable stream without taking in what is skipped: a tensor's bytes are jumped over, so that reading
/// costs kilobytes whatever the file weighs. Every length is held against what remains of the message that holds it.
/// Source: the encoding chapter of the Protocol Buffers documentation.
/// </summary>
internal sealed class ProtobufReader
{
    // After a jump little is wanted (the next tensor's header); in a run of nodes more and more.
    private const int SmallestRead = 256, SmallestBuffer = 1024;
    private const int LargestRead = 16 * 1024;

    private readonly Stream stream;
    private byte[] buffer = new byte[SmallestBuffer];
    private long start; // offset of buffer[0] in the file
    private int at;
    private int count;
    private int known; // how far the current message reaches in the buffer
    private int nextRead = SmallestRead;
    private long end; // where the current message ends
    private int depth;
    private long packedBytes;

    /// <summary>Starts at the beginning of a message that fills the whole stream.</summary>
    /// <param name="stream">The file.</param>
    /// <param name="length">Its length in bytes.</param>
    /// <param name="opening">Its first bytes, if they have been read; at most a kibibyte.</param>
    public ProtobufReader(Stream stream, long length, ReadOnlySpan<byte> opening = default)
    {
        this.stream = stream;
        end = length;
        opening.CopyTo(buffer);
        count = opening.Length;
        Reach();
    }

    /// <summary>Offset in the file of what is read next.</summary>
    public long Position => start + at;

    /// <summary>Bytes left in the current message.</summary>
    public long Remaining => end - Position;

    /// <summary>The next field's tag (number × 8 + wire type), or false at the end of the message.</summary>
    /// <exception cref="ModelException">The tag is not one that protobuf allows.</exception>
    public bool Next(out uint tag)
    {
        tag = 0;
        if (at == known)
        {
            if (Remaining == 0) return false;
            Fill(1);
        }
        tag = buffer[at];
        if (tag is >= 1 << 3 and < 0x80 && (tag & 7) < 6)
        {
            at++;
            return true;
        }
        tag = AnyTag();
        return true;
    }

    /// <summary>Enters a message; returns what <see cref="Leave"/> needs.</summary>
    public long Enter()
    {
        var length = Length();
        if (++depth > Limits.Depth) throw TooDeep();
        var outer = end;
        end = Position + length;
        Reach();
        return outer;
    }

    /// <summary>Leaves the message that was entered last.</summary>
    public void Leave(long outer)
    {
        depth--;
        end = outer;
        Reach();
    }

    /// <summary>A varint of at most ten bytes.</summary>
    public ulong Varint() => at < known && buffer[at] < 0x80 ? buffer[at++] : AnyVarint();

    /// <summary>A 32-bit float.</summary>
    public float Float()
    {
        if (Remaining < sizeof(float))
            throw Malformed(Position, "a message ends in the middle of a field: the file is truncated or damaged");
        return BinaryPrimitives.ReadSingleLittleEndian(Take(sizeof(float)));
    }

    /// <summary>The length of a length-delimited field: never negative and never beyond the message that holds it.</summary>
    public long Length() => at < known && buffer[at] is < 0x80 and var next && next < Remaining ? buffer[at++] : AnyLength();

    /// <summary>A length-delimited field of at most <paramref name="most"/> bytes; valid until the next call.</summary>
    public ReadOnlySpan<byte> Bytes(int most, string what)
    {
        if (at < known && buffer[at] is < 0x80 and var next && next < known - at && next <= most)
        {
            at += next + 1;
            return buffer.AsSpan(at - next, next);
        }
        return AnyBytes(most, what);
    }

    /// <summary>Bytes whose length has been read; valid until the next call.</summary>
    public ReadOnlySpan<byte> Take(int length)
    {
        if (count - at < length) Fill(length);
        at += length;
        return buffer.AsSpan(at - length, length);
    }

    /// <summary>Counts the varints of a packed field and jumps over them.</summary>
    public long CountPackedVarints()
    {
        var left = Length();
        var offset = Position;
        packedBytes += left;
        if (packedBytes > Limits.PackedBytes)
            throw new ModelException(Diagnostics.ModelLimit, $"at byte {offset}: packed integers together exceed {Limits.PackedBytes} bytes");
        long varints = 0;
        var run = 0;
        while (left > 0)
        {
            Fill(1);
            var part = buffer.AsSpan(at, (int)Math.Min(left, count - at));
            foreach (var value in part)
            {
                if (value < 0x80)
                {
                    varints++;
                    run = 0;
                }
                else if (++run == 10)
                {
                    throw Malformed(offset, "a packed field holds a varint longer than 10 bytes");
                }
            }
            at += part.Length;
            left -= part.Length;
        }
        return run == 0 ? varints : throw Malformed(offset, "a packed field ends in the middle of a varint");
    }

    /// <summary>Jumps over the value of a field, whatever it is.</summary>
    public void Skip(uint tag)
    {
        switch (tag & 7)
        {
            case 0: Varint(); break;
            case 1: Jump(8); break;
            case 2: Jump(Length()); break;
            case 3: SkipGroup(tag >> 3); break;
            case 5: Jump(4); break;
            default: throw Malformed(Position, "a group ends that never began");
        }
    }

    /// <summary>Jumps over bytes without reading them.</summary>
    public void Jump(long length)
    {
        if (length > Remaining)
            throw Malformed(Position, $"{length} bytes are expected, but only {Remaining} are left: the file is truncated or damaged");
        if (length <= count - at)
        {
            at += (int)length;
            return;
        }
        if (length - (count - at) > SmallestRead) nextRead = SmallestRead; // else it is one of a run of small fields
        start = Position + length;
        at = count = known = 0;
    }

    /// <summary>What to throw where the file breaks the rules.</summary>
    public static ModelException Malformed(long offset, string what) => new(Diagnostics.ModelMalformed, $"at byte {offset}: {what}");

    // Groups are long deprecated and ONNX has none, but an unknown field may be one. No recursion: a file must not choose our stack's depth.
    private void SkipGroup(uint number)
    {
        Span<uint> open = stackalloc uint[Limits.Depth];
        var level = 0;
        open[level] = number;
        while (level >= 0)
        {
            var offset = Position;
            if (!Next(out var tag))
                throw Malformed(offset, $"group {open[level]} does not end");
            if ((tag & 7) == 4)
            {
                if (tag >> 3 != open[level])
                    throw Malformed(offset, $"group {open[level]} ends as group {tag >> 3}");
                level--;
            }
            else if ((tag & 7) == 3)
            {
                if (++level + depth >= Limits.Depth)
                    throw new ModelException(Diagnostics.ModelLimit, $"at byte {offset}: groups are nested deeper than {Limits.Depth} levels");
                open[level] = tag >> 3;
            }
            else
            {
                Skip(tag);
            }
        }
    }

    // What is above takes at once what is short and has been read, as nearly everything is, and leaves the rest to these. The compiler makes
    // it a part of the loops over fields: there, the room for a message of what is wrong would be cleared at every field.

    private uint AnyTag()
    {
        var offset = Position;
        var value = Varint();
        if (value > uint.MaxValue || value >> 3 == 0)
            throw Malformed(offset, $"field number {value >> 3} is not allowed");
        var tag = (uint)value;
        return (tag & 7) is 6 or 7 ? throw Malformed(offset, $"wire type {tag & 7} does not exist") : tag;
    }

    private ulong AnyVarint()
    {
        var offset = Position;
        ulong value = 0;
        for (var shift = 0; shift < 70; shift += 7)
        {
            var next = Byte();
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80) return value;
        }
        throw Malformed(offset, "a varint is longer than 10 bytes");
    }

    private long AnyLength()
    {
        var offset = Position;
        var length = Varint();
        return length <= (ulong)Remaining
            ? (long)length
            : throw Malformed(offset, $"a field says it is {length} bytes long, but only {Remaining} are left: the file is truncated or damaged");
    }

    private ReadOnlySpan<byte> AnyBytes(int most, string what)
    {
        var offset = Position;
        var length = Length();
        if (length > most)
            throw new ModelException(Diagnostics.ModelLimit, $"at byte {offset}: {what} is {length} bytes long; at most {most} are read");
        return Take((int)length);
    }

    private ModelException TooDeep() => new(Diagnostics.ModelLimit, $"at byte {Position}: messages are nested deeper than {Limits.Depth} levels");

    private byte Byte()
    {
        if (Remaining <= 0)
            throw Malformed(Position, "a message ends in the middle of a field: the file is truncated or damaged");
        if (at == count) Fill(1);
        return buffer[at++];
    }

    private void Fill(int needed)
    {
        if (count - at >= needed) return;
        buffer.AsSpan(at, count - at).CopyTo(buffer);
        start += at;
        count -= at;
        at = 0;
        var want = Math.Max(needed, nextRead);
        nextRead = Math.Min(nextRead * 2, LargestRead);
        if (want > buffer.Length) Array.Resize(ref buffer, want);
        stream.Position = start + count;
        while (count < needed)
        {
            var read = stream.Read(buffer.AsSpan(count, want - count));
            if (read == 0)
                throw new ModelException(Diagnostics.ModelChanged, $"at byte {start + count}: the file ended earlier than when it was opened");
            count += read;
        }
        Reach();
    }

    private void Reach() => known = (int)Math.Min(count, end - start);
}
