using Microsoft.Win32.SafeHandles;

namespace ModelGate.Models;

/// <summary>An open file as a stream whose reads go to the system as they are, one call each.</summary>
/// <param name="file">The file; it stays open.</param>
/// <param name="length">Its bytes when it was opened.</param>
internal sealed class HandleStream(SafeFileHandle file, long length) : ReadOnlyStream(length)
{
    public override int Read(Span<byte> buffer)
    {
        var read = RandomAccess.Read(file, buffer, Position);
        Position += read;
        return read;
    }

    public override void Verify()
    {
        // No container says of it what it is.
    }
}
