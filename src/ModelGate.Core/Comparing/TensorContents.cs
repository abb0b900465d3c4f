using System.Security.Cryptography;
using ModelGate.Compressing;
using ModelGate.Models;
using ModelGate.Models.Onnx;

namespace ModelGate.Comparing;

/// <summary>The bytes of a model's tensors, read block by block.</summary>
/// <param name="path">Full path of the model.</param>
internal sealed class TensorContents(string path) : IDisposable
{
    private const int Block = 1 << 18, OpeningLength = 64;

    private readonly FileStream stream = File.OpenRead(path);
    private readonly SourceFiles files = new();
    private readonly byte[] block = new byte[Block];

    /// <summary>
    /// Where a tensor's values lie. Those that are not stored in one piece stand for themselves with everything that is said of them, name
    /// included: they are the same only where all of it is. No bytes lie anywhere. Null where the file has no place for them.
    /// </summary>
    public FileRange? Find(Tensor tensor) => tensor.Bytes == 0 ? new(path, 0, 0)
        : tensor.Data is { } data ? new(data.File ?? path, data.Offset, data.Length)
        : tensor.Stored is { } stored ? MessageOf(stored)
        : null;

    /// <summary>Reads bytes of a range, from <paramref name="at"/> in it: as many as a block holds, or are left.</summary>
    /// <exception cref="ModelException">The file has become shorter.</exception>
    public ReadOnlySpan<byte> Read(FileRange range, long at)
    {
        var part = block.AsSpan(0, (int)Math.Min(Block, range.Length - at));
        files.Read(range, at, part);
        return part;
    }

    /// <summary>The first bytes of a range as text: what tells two tensors of one shape apart nearly always, at no cost.</summary>
    public string Opening(FileRange range)
    {
        var part = block.AsSpan(0, (int)Math.Min(OpeningLength, range.Length));
        files.Read(range, 0, part);
        return Convert.ToHexString(part);
    }

    /// <summary>SHA-256 of a range.</summary>
    public string Hash(FileRange range)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (long at = 0; at < range.Length; at += Block)
            hash.AppendData(Read(range, at));
        return Convert.ToHexString(hash.GetHashAndReset());
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        files.Dispose();
        stream.Dispose();
    }

    private FileRange MessageOf(StoredTensor stored)
    {
        var reader = new ProtobufReader(stream, stream.Length);
        reader.Jump(stored.Offset);
        long length = reader.Length();
        return new(path, reader.Position, length);
    }
}
