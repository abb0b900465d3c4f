using System.Diagnostics;
using System.IO.Compression;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace ModelGate.Benchmarks;

/// <summary>What a pass over a file cannot be faster than: reading it, hashing its bytes, compressing its bytes, with nothing else done.</summary>
internal sealed class BareCosts
{
    private const int ChunkLength = 1 << 18, Rounds = 5;
    private const double LongEnough = 10; // seconds

    private readonly string path;
    private readonly byte[] bytes;
    private readonly byte[][] buffers = [.. Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new byte[ChunkLength])];

    private BareCosts(string path)
    {
        this.path = path;
        bytes = File.ReadAllBytes(path);
    }

    /// <summary>Bytes of the file.</summary>
    public long Length => bytes.Length;

    /// <summary>Takes a file that fits into memory.</summary>
    public static BareCosts Of(string path) => new(path);

    /// <summary>Reads every byte, a quarter of a megabyte at a time.</summary>
    public void Read()
    {
        using var file = File.OpenHandle(path);
        Parallel.For(0, buffers.Length, thread =>
        {
            for (long at = (long)thread * ChunkLength; at < Length; at += (long)buffers.Length * ChunkLength)
                RandomAccess.Read(file, buffers[thread], at);
        });
    }

    /// <summary>Hashes every byte.</summary>
    public void Hash() => Parallel.For(0, buffers.Length, thread =>
    {
        int part = bytes.Length / buffers.Length;
        SHA256.HashData(bytes.AsSpan(thread * part, part));
    });

    /// <summary>Compresses every byte, on one thread: a deflate stream cannot be divided.</summary>
    public void Deflate()
    {
        using var deflate = new DeflateStream(Stream.Null, CompressionLevel.Optimal);
        deflate.Write(bytes);
    }

    /// <summary>Bytes of the file per second of some work: the median of a few rounds.</summary>
    public double BytesPerSecond(Action work)
    {
        List<double> times = [];
        for (int round = -1; round < Rounds && times.Sum() < LongEnough; round++)
        {
            long began = Stopwatch.GetTimestamp();
            work();
            if (round >= 0) times.Add(Stopwatch.GetElapsedTime(began).TotalSeconds);
        }

        times.Sort();
        return Length / times[times.Count / 2];
    }
}

/// <summary>A file as a stream that counts what is read of it.</summary>
internal sealed class CountedFile(SafeFileHandle file) : Stream
{
    /// <summary>Bytes that were read so far.</summary>
    public long BytesRead { get; private set; }

    public override bool CanRead => true;
    public override bool CanSeek => true;
    public override bool CanWrite => false;
    public override long Length => RandomAccess.GetLength(file);
    public override long Position { get; set; }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        int read = RandomAccess.Read(file, buffer, Position);
        Position += read;
        BytesRead += read;
        return read;
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void Flush() { }
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
