namespace ModelGate.Models;

/// <summary>
/// Reads small pieces of a file here and there, a page at a time. How much may be read is bounded by the length of the file: in formats
/// whose offsets may lead to the same bytes over and over, a small file could otherwise ask for any amount of work and memory.
/// </summary>
internal sealed class PagedFile
{
    private const int PageSize = 1024;
    private const int Slots = 128;
    private const long SmallestAllowance = 1 << 20;
    private const int TimesTheFile = 8;

    private readonly Stream stream;
    private readonly byte[]?[] pages = new byte[]?[Slots];
    private readonly long[] held = new long[Slots];
    private byte[] joined = [];
    private long allowance;

    /// <summary>Reads from a seekable stream.</summary>
    public PagedFile(Stream stream, long length)
    {
        this.stream = stream;
        Length = length;
        allowance = SmallestAllowance + (length * TimesTheFile);
    }

    /// <summary>Length of the file in bytes.</summary>
    public long Length { get; }

    /// <summary>Some bytes; valid until the next call.</summary>
    /// <exception cref="ModelException">They are not in the file, or more has been read than any real file asks for.</exception>
    public ReadOnlySpan<byte> Read(long position, int count)
    {
        if (position < 0 || position > Length - count)
            throw Malformed(position, $"an offset leads out of the file, which is {Length} bytes long: it is truncated or damaged");
        allowance -= count;
        if (allowance < 0)
            throw new ModelException(Diagnostics.ModelLimit, $"at byte {position}: the file's offsets lead to the same bytes again and again, more than {TimesTheFile} times the file");
        var (page, at) = Math.DivRem(position, PageSize);
        return at + count <= PageSize ? Page(page).AsSpan((int)at, count) : Join(position, count);
    }

    /// <summary>What to throw where the file breaks the rules.</summary>
    public static ModelException Malformed(long position, string what) => new(Diagnostics.ModelMalformed, $"at byte {position}: {what}");

    private ReadOnlySpan<byte> Join(long position, int count)
    {
        if (joined.Length < count) joined = new byte[count];
        for (var done = 0; done < count;)
        {
            var (page, at) = Math.DivRem(position + done, PageSize);
            var part = Page(page).AsSpan((int)at, (int)Math.Min(PageSize - at, count - done));
            part.CopyTo(joined.AsSpan(done));
            done += part.Length;
        }
        return joined.AsSpan(0, count);
    }

    private byte[] Page(long number)
    {
        var slot = (int)(number % Slots);
        var page = pages[slot] ??= new byte[PageSize];
        if (held[slot] == number + 1) return page;
        held[slot] = 0;
        stream.Position = number * PageSize;
        var wanted = (int)Math.Min(PageSize, Length - (number * PageSize));
        if (stream.ReadAtLeast(page, wanted, throwOnEndOfStream: false) < wanted)
            throw new ModelException(Diagnostics.ModelChanged, $"at byte {stream.Position}: the file ended earlier than when it was opened");
        held[slot] = number + 1;
        return page;
    }
}
