using System.Buffers;
using System.IO.Compression;
using ModelGate.Models;

namespace ModelGate.Measuring;

/// <summary>A way to compress a file for the wire.</summary>
internal enum WireCodec
{
    /// <summary>deflate at <see cref="CompressionLevel.Optimal"/>.</summary>
    Deflate,

    /// <summary>brotli at quality 5.</summary>
    Brotli,
}

/// <summary>Bytes of a file once compressed, found by compressing it into nothing: memory is bounded whatever the file weighs.</summary>
internal static class WireSize
{
    /// <summary>What gzip adds (RFC 1952): ten bytes of header and eight of trailer around the same deflate stream.</summary>
    public const int GzipOverhead = 18;

    private const int BrotliQuality = 5;
    private const int BufferSize = 1 << 18;

    /// <summary>Compresses a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="codec">How.</param>
    /// <param name="read">Told how many more bytes have been compressed.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="ModelException">The file cannot be opened or changed while it was read.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static long Of(string path, WireCodec codec, Action<long>? read, CancellationToken cancellation = default)
    {
        using var file = OpenedFile.Open(path);
        if (file.Length > Limits.FileLength)
            throw new ModelException(Diagnostics.ModelLimit, $"the file is {file.Length} bytes long; at most {Limits.FileLength} are compressed");
        using var counted = new CountingStream();
        using (Stream compressor = codec == WireCodec.Deflate
            ? new DeflateStream(counted, CompressionLevel.Optimal)
            : new BrotliStream(counted, new BrotliCompressionOptions { Quality = BrotliQuality }))
        {
            var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
            try
            {
                for (int part; (part = file.Stream.Read(buffer)) > 0; read?.Invoke(part))
                {
                    cancellation.ThrowIfCancellationRequested();
                    compressor.Write(buffer, 0, part);
                }
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
        file.CheckUnchanged();
        return counted.Length;
    }

    /// <summary>Bytes of a file once compressed with gzip.</summary>
    /// <param name="path">The file.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="ModelException">The file cannot be opened or changed while it was read.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static long Gzip(string path, CancellationToken cancellation = default) => Of(path, WireCodec.Deflate, read: null, cancellation) + GzipOverhead;

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
