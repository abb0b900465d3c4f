namespace ModelGate.Tests.Models;

/// <summary>Counts the bytes that are read of another stream.</summary>
internal sealed class CountingStream(Stream stream) : Stream
{
    public long Count { get; private set; }

    public override bool CanRead => true;
    public override bool CanSeek => true;
    public override bool CanWrite => false;
    public override long Length => stream.Length;

    public override long Position
    {
        get => stream.Position;
        set => stream.Position = value;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        var read = stream.Read(buffer);
        Count += read;
        return read;
    }

    public override long Seek(long offset, SeekOrigin origin) => stream.Seek(offset, origin);
    public override void Flush() => stream.Flush();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
