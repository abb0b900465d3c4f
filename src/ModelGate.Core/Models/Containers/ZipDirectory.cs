using System.Buffers.Binary;

namespace ModelGate.Models.Containers;

/// <summary>
/// Where the entries of a zip lie in the file, which .NET does not tell: entries that share bytes are how a small archive claims to hold any
/// amount (a zip of kilobytes that inflates to petabytes, David Fifield 2019). Layout: APPNOTE.TXT of PKWARE, 4.3.12, 4.3.14 to 4.3.16 and 4.5.3.
/// </summary>
internal static class ZipDirectory
{
    private const uint EndSignature = 0x06054B50, LocatorSignature = 0x07064B50, End64Signature = 0x06064B50, EntrySignature = 0x02014B50;
    private const int EndLength = 22, LocatorLength = 20, End64Length = 56, EntryLength = 46, LocalHeaderLength = 30, LongestComment = ushort.MaxValue, BufferSize = 1 << 14;
    private const ushort Zip64 = 1;

    /// <summary>Makes sure that no byte of the file belongs to two entries.</summary>
    /// <param name="stream">The zip.</param>
    /// <param name="entries">How many entries .NET has found in it.</param>
    /// <param name="refused">What to throw, given why.</param>
    /// <exception cref="ModelException">Entries overlap or lie outside the file, or the directory is not the one that .NET has read.</exception>
    public static void CheckApart(Stream stream, int entries, Func<string, ModelException> refused)
    {
        var ranges = Ranges(stream, entries, refused);
        ranges.Sort(static (left, right) => left.Start.CompareTo(right.Start));
        var end = 0L;
        foreach (var range in ranges)
        {
            if (range.Start < end) throw refused($"two of its entries lie in the same bytes, at {range.Start}");
            if (range.Length > stream.Length - range.Start) throw refused($"an entry at byte {range.Start} goes on beyond the end");
            end = range.Start + range.Length;
        }
    }

    private static List<Range> Ranges(Stream stream, int entries, Func<string, ModelException> refused)
    {
        stream.Position = Start(stream, refused);
#pragma warning disable CA2000 // Disposed, it would close the file.
        var directory = new BufferedStream(stream, BufferSize);
#pragma warning restore CA2000
        var ranges = new List<Range>(entries);
        var header = new byte[EntryLength];
        try
        {
            for (var index = 0; index < entries; index++)
            {
                directory.ReadExactly(header);
                if (U32(header, 0) != EntrySignature) throw refused("its directory ends before its last entry");
                var extra = new byte[U16(header, 30)];
                Skip(directory, U16(header, 28));
                directory.ReadExactly(extra);
                Skip(directory, U16(header, 32));
                var (compressed, offset) = (U32(header, 20), U32(header, 42));
                ranges.Add(Range64(header, extra, compressed, offset, refused));
            }
        }
        catch (EndOfStreamException)
        {
            throw refused("its directory goes on beyond the end");
        }
        return ranges;
    }

    // Numbers that do not fit in 32 bits stand in a field of their own, in this order, and only those that do not.
    private static Range Range64(byte[] header, byte[] extra, long compressed, long offset, Func<string, ModelException> refused)
    {
        var (inExtra, at) = (Field64(extra), 0);
        if (U32(header, 24) == uint.MaxValue) at += sizeof(long);
        if (compressed == uint.MaxValue) compressed = Next();
        if (offset == uint.MaxValue) offset = Next();
        return compressed >= 0 && offset >= 0 && compressed <= long.MaxValue - LocalHeaderLength ? new(offset, compressed + LocalHeaderLength) : throw refused("an entry of it has a negative length or place");

        long Next()
        {
            if (inExtra.Length < at + sizeof(long)) return uint.MaxValue; // then it is the number itself
            var number = BinaryPrimitives.ReadInt64LittleEndian(inExtra.AsSpan(at));
            at += sizeof(long);
            return number;
        }
    }

    private static byte[] Field64(byte[] extra)
    {
        for (var at = 0; at + 4 <= extra.Length;)
        {
            var (kind, length) = (U16(extra, at), U16(extra, at + 2));
            if (length > extra.Length - at - 4) break;
            if (kind == Zip64) return extra[(at + 4)..(at + 4 + length)];
            at += 4 + length;
        }
        return [];
    }

    private static long Start(Stream stream, Func<string, ModelException> refused)
    {
        var tail = new byte[(int)Math.Min(stream.Length, EndLength + LongestComment)];
        stream.Position = stream.Length - tail.Length;
        stream.ReadExactly(tail);
        for (var at = tail.Length - EndLength; at >= 0; at--)
        {
            if (U32(tail, at) != EndSignature) continue;
            var start = U32(tail, at + 16);
            var end = stream.Length - tail.Length + at;
            return start == uint.MaxValue || U16(tail, at + 10) == ushort.MaxValue ? Start64(stream, end, start) : start;
        }
        throw refused("its directory does not end");
    }

    private static long Start64(Stream stream, long end, long start)
    {
        var bytes = new byte[End64Length];
        if (end < LocatorLength) return start;
        stream.Position = end - LocatorLength;
        stream.ReadExactly(bytes, 0, LocatorLength);
        var at = BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(8));
        if (U32(bytes, 0) != LocatorSignature || at < 0 || at > stream.Length - End64Length) return start;
        stream.Position = at;
        stream.ReadExactly(bytes);
        return U32(bytes, 0) == End64Signature && BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(48)) is >= 0 and var found ? Math.Min(found, stream.Length) : start;
    }

    private static void Skip(Stream stream, int bytes)
    {
        Span<byte> skipped = stackalloc byte[256];
        for (; bytes > 0; bytes -= skipped.Length) stream.ReadExactly(skipped[..Math.Min(bytes, skipped.Length)]);
    }

    private static uint U32(byte[] bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at));

    private static ushort U16(byte[] bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(at));

    private sealed record Range(long Start, long Length);
}
