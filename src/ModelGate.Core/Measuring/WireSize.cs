using System.Buffers;
using System.IO.Compression;
using ModelGate.Models;
using ModelGate.Models.Onnx;

namespace ModelGate.Measuring;

/// <summary>Bytes of a file once compressed, found by compressing it into nothing: memory is bounded whatever the file weighs.</summary>
/// <param name="Deflate">With deflate at <see cref="CompressionLevel.Optimal"/>; 0 where it was not asked for.</param>
/// <param name="Brotli">With brotli at quality 5; 0 where it was not asked for.</param>
public sealed record WireSize(long Deflate, long Brotli)
{
    private const int BrotliQuality = 5;
    private const int BufferSize = 1 << 18;

    // RFC 1952: ten bytes of header and eight of trailer around the same deflate stream.
    private const int GzipOverhead = 18;

    /// <summary>With gzip at <see cref="CompressionLevel.Optimal"/>.</summary>
    public long Gzip => Deflate + GzipOverhead;

    /// <summary>Compresses a file with the codecs that are asked for, in one pass.</summary>
    /// <exception cref="ModelException">The file cannot be opened or changed while it was read.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static WireSize Of(string path, bool deflate, bool brotli, CancellationToken cancel = default)
    {
        using var file = OpenedFile.Open(path);
        if (file.Length > Limits.FileLength)
            throw new ModelException(Diagnostics.ModelLimit, $"the file is {file.Length} bytes long; at most {Limits.FileLength} are compressed");
        using var deflated = new CountingStream();
        using var brotlied = new CountingStream();
        using (var deflater = new DeflateStream(deflated, CompressionLevel.Optimal))
        using (var brotlier = new BrotliStream(brotlied, new BrotliCompressionOptions { Quality = BrotliQuality }))
        {
            var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
            try
            {
                for (int read; (read = file.Stream.Read(buffer)) > 0;)
                {
                    cancel.ThrowIfCancellationRequested();
                    if (deflate) deflater.Write(buffer, 0, read);
                    if (brotli) brotlier.Write(buffer, 0, read);
                }
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
        file.CheckUnchanged();
        return new WireSize(deflate ? deflated.Length : 0, brotli ? brotlied.Length : 0);
    }

    // Swallows what is written and counts it.
    private sealed class CountingStream : Stream
    {
        private long length;

        public override bool CanRead => false;
        public override bool CanSeek => false;
        public override bool CanWrite => true;
        public override long Length => length;

        public override long Position
        {
            get => length;
            set => throw new NotSupportedException();
        }

        public override void Write(byte[] buffer, int offset, int count) => length += count;
        public override void Write(ReadOnlySpan<byte> buffer) => length += buffer.Length;
        public override void Flush() { }
        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
