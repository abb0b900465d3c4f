namespace ModelGate.Models.Containers;

/// <summary>A part of a seekable stream, as if it were all.</summary>
/// <param name="whole">The stream.</param>
/// <param name="start">Where the part begins.</param>
/// <param name="length">Bytes of the part.</param>
/// <param name="owns">True to dispose the stream with the part.</param>
internal sealed class PartOfStream(Stream whole, long start, long length, bool owns) : ReadOnlyStream(length)
{
    public override int Read(Span<byte> buffer)
    {
        var wanted = (int)Math.Min(buffer.Length, Math.Max(0, Length - Position));
        if (wanted == 0) return 0;
        whole.Position = start + Position;
        var read = whole.Read(buffer[..wanted]);
        Position += read;
        return read;
    }

    public override void Verify() => (whole as ReadOnlyStream)?.Verify();

    protected override void Dispose(bool disposing)
    {
        if (disposing && owns) whole.Dispose();
        base.Dispose(disposing);
    }
}
