using System.Buffers;
using System.IO.Compression;

namespace ModelGate.Models.Containers;

/// <summary>
/// An entry of a zip as a seekable stream, inflated in passing: forward by throwing away, backward by starting anew. How much is inflated in
/// all is bounded, and an entry that inflates to more or less than its directory says is refused.
/// </summary>
internal sealed class EntryStream(ZipArchiveEntry entry) : ReadOnlyStream(entry.Length)
{
    private const int BufferSize = 1 << 16, TimesTheEntry = 8;
    private const long SmallestAllowance = 64L << 20;

    private Stream? inflating;
    private long at;
    private long allowance = SmallestAllowance + (entry.Length * TimesTheEntry);

    public override int Read(Span<byte> buffer)
    {
        var wanted = (int)Math.Min(buffer.Length, Math.Max(0, Length - Position));
        if (wanted == 0) return 0;
        MoveTo(Position);
        var read = Inflate(buffer[..wanted]);
        Position = at;
        return read;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) inflating?.Dispose();
        base.Dispose(disposing);
    }

    private void MoveTo(long position)
    {
        if (inflating is null || position < at)
        {
            inflating?.Dispose();
            (inflating, at) = (Begin(), 0);
        }
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

    private int Inflate(Span<byte> buffer)
    {
        try
        {
            var read = inflating!.Read(buffer);
            if (read == 0) throw new ModelException(Diagnostics.PackageUnreadable, $"its entry {Quoted.Name(entry.FullName)} inflates to less than its directory says");
            at += read;
            allowance -= read;
            return allowance >= 0 ? read : throw new ModelException(Diagnostics.ModelLimit, $"to read {Quoted.Name(entry.FullName)}, more than {TimesTheEntry} times its bytes would have to be inflated");
        }
        catch (InvalidDataException exception)
        {
            throw CannotInflate(exception);
        }
    }

    // The local header is read only here: it may lie elsewhere than the directory says, or ask for a method that there is not.
    private Stream Begin()
    {
        try
        {
            return entry.Open();
        }
        catch (Exception exception) when (exception is InvalidDataException or NotSupportedException)
        {
            throw CannotInflate(exception);
        }
    }

    private ModelException CannotInflate(Exception exception) =>
        new(Diagnostics.PackageUnreadable, $"its entry {Quoted.Name(entry.FullName)} cannot be inflated ({exception.Message})", exception);
}
