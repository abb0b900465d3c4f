using System.Buffers;
using System.IO.Compression;

namespace ModelGate.Models.Containers;

/// <summary>
/// An entry of a zip as a seekable stream, inflated in passing: forward by throwing away, backward by starting anew. How much is inflated in
/// all is bounded, and an entry that inflates to something else than its directory says, by length or by CRC-32, is refused.
/// </summary>
internal sealed class EntryStream : ReadOnlyStream
{
    private const int BufferSize = 1 << 16, TimesTheEntry = 8;
    private const long SmallestAllowance = 64L << 20;

    // Deflate reaches 1,032 times; the weights of a model of which nine tenths are pruned reach twenty. What is small does no harm, nor does the beginning.
    private const int MostRatio = 200, Beginning = 1 << 16;
    private const long AnyRatioUpTo = 64L << 20;

    private readonly ZipArchiveEntry entry;
    private readonly InflationAllowance allowance;
    private Stream? inflating;
    private long at;
    private long ownAllowance;
    private uint checksum;
    private bool verified;

    /// <summary>Takes an entry; nothing is inflated yet.</summary>
    public EntryStream(ZipArchiveEntry entry, InflationAllowance allowance) : base(entry.Length)
    {
        this.entry = entry;
        this.allowance = allowance;
        ownAllowance = SmallestAllowance + (entry.Length * TimesTheEntry);
    }

    private bool LooksLikeABomb => entry.Length > AnyRatioUpTo && entry.Length / MostRatio > entry.CompressedLength;

    public override int Read(Span<byte> buffer)
    {
        var wanted = (int)Math.Min(buffer.Length, Math.Max(0, Length - Position));
        if (wanted == 0) return 0;
        MoveTo(Position);
        var read = Inflate(buffer[..wanted]);
        Position = at;
        return read;
    }

    /// <summary>Inflates what has not been inflated yet, to the end, where length and checksum are held against the directory.</summary>
    public override void Verify()
    {
        if (!verified) MoveTo(Length);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) inflating?.Dispose();
        base.Dispose(disposing);
    }

    private void MoveTo(long position)
    {
        if (inflating is null || position < at) Start();
        if (position == at) return;
        var waste = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            while (at < position) Inflate(waste.AsSpan(0, (int)Math.Min(waste.Length, position - at)));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(waste);
        }
    }

    private void Start()
    {
        inflating?.Dispose();
        inflating = Attempt(entry.Open);
        (at, checksum) = (0, 0);
        if (Length == 0) CheckEnd();
    }

    private int Inflate(Span<byte> buffer)
    {
        if (at + buffer.Length > Beginning && LooksLikeABomb)
            throw new ModelException(Diagnostics.ModelLimit, $"its entry {Quoted.Name(entry.FullName)} says that {entry.CompressedLength} bytes inflate to {entry.Length}, more than {MostRatio} times as much");
        var read = Read(inflating!, buffer);
        if (read == 0) throw Lies();
        checksum = Crc32.Append(checksum, buffer[..read]);
        at += read;
        allowance.Take(read);
        ownAllowance -= read;
        if (ownAllowance < 0) throw new ModelException(Diagnostics.ModelLimit, $"to read {Quoted.Name(entry.FullName)}, more than {TimesTheEntry} times its bytes would have to be inflated");
        if (at == Length) CheckEnd();
        return read;
    }

    private void CheckEnd()
    {
        Span<byte> more = stackalloc byte[1];
        if (checksum != entry.Crc32 || Read(inflating!, more) != 0) throw Lies();
        verified = true;
    }

    private int Read(Stream stream, Span<byte> buffer)
    {
        try
        {
            return stream.Read(buffer);
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException or NotSupportedException)
        {
            throw NotInflated(exception);
        }
    }

    private Stream Attempt(Func<Stream> open)
    {
        try
        {
            return open();
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException or NotSupportedException)
        {
            throw NotInflated(exception);
        }
    }

    private ModelException Lies() => new(Diagnostics.PackageUnreadable, $"its entry {Quoted.Name(entry.FullName)} does not hold what the directory says (length or CRC-32 differ)");

    private ModelException NotInflated(Exception exception) => new(Diagnostics.PackageUnreadable, $"its entry {Quoted.Name(entry.FullName)} cannot be inflated ({exception.Message})", exception);
}
