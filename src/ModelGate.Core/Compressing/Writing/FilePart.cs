namespace ModelGate.Compressing;

/// <summary>A stretch of a file, written from its beginning on. It stops when it is told to: between blocks, so that nothing else needs to look.</summary>
/// <param name="file">Takes what is written; null where only the conversion matters.</param>
/// <param name="cancellation">Stops it.</param>
internal sealed class FilePart(PendingFile? file, CancellationToken cancellation) : Stream
{
    // Most pieces of a model are a few bytes long; a call of the system for each would take longer than all else.
    private readonly byte[] buffer = new byte[1 << 16];
    private int filled;
    private long position;

    public override bool CanRead => false;
    public override bool CanSeek => false;
    public override bool CanWrite => true;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => position + filled; set => throw new NotSupportedException(); }

    /// <summary>Goes on at another place, once what was written is in the file.</summary>
    public void Begin(long at)
    {
        Flush();
        position = at;
    }

    public override void Write(ReadOnlySpan<byte> bytes)
    {
        cancellation.ThrowIfCancellationRequested();
        if (bytes.Length > buffer.Length - filled) Flush();
        if (bytes.Length <= buffer.Length - filled)
        {
            bytes.CopyTo(buffer.AsSpan(filled));
            filled += bytes.Length;
            return;
        }
        file?.WriteAt(position, bytes);
        position += bytes.Length;
    }

    public override void Flush()
    {
        if (filled > 0) file?.WriteAt(position, buffer.AsSpan(0, filled));
        position += filled;
        filled = 0;
    }

    public override void Write(byte[] bytes, int offset, int count) => Write(bytes.AsSpan(offset, count));
    public override int Read(byte[] bytes, int offset, int count) => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
}
