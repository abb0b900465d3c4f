namespace ModelGate.Models;

/// <summary>What seekable streams have in common that only read.</summary>
internal abstract class ReadOnlyStream(long length) : Stream
{
    public sealed override bool CanRead => true;
    public sealed override bool CanSeek => true;
    public sealed override bool CanWrite => false;
    public sealed override long Length => length;
    public sealed override long Position { get; set; }

    public abstract override int Read(Span<byte> buffer);

    /// <summary>Makes sure that the whole of what it reads from is what its container says.</summary>
    /// <exception cref="ModelException">It is not.</exception>
    public abstract void Verify();

    public sealed override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public sealed override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => Position + offset,
        _ => length + offset,
    };

    public sealed override void Flush() { }
    public sealed override void SetLength(long value) => throw new NotSupportedException();
    public sealed override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
