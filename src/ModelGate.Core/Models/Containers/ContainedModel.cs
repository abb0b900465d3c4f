using System.Buffers;

namespace ModelGate.Models.Containers;

/// <summary>A model inside a package or an assembly.</summary>
/// <param name="Place">Where: the path of an entry, and behind <c>#</c> the name of a resource (untrusted text).</param>
/// <param name="Length">Its bytes.</param>
public sealed record ContainedModel(string Place, long Length)
{
    private const long LargestInMemory = 64L << 20;
    private const int BufferSize = 1 << 18;

    /// <summary>Opens its bytes as a seekable stream.</summary>
    public required Func<Stream> Open { get; init; }

    /// <summary>Full path, and length of what lies beside it in the same container; null where nothing of that name does.</summary>
    internal Func<string, long?> Beside { get; init; } = static _ => null;

    /// <summary>CRC-32 of its bytes, computed from them.</summary>
    /// <exception cref="ModelException">They cannot be inflated.</exception>
    public uint Checksum()
    {
        using var stream = Open();
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            var checksum = 0u;
            for (int read; (read = stream.Read(buffer)) > 0;) checksum = Crc32.Append(checksum, buffer.AsSpan(0, read));
            return checksum;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Reads its structure in place.</summary>
    /// <param name="container">Path of the container.</param>
    /// <exception cref="ModelException">It is damaged, goes beyond a limit, or keeps weights in files that the container does not hold.</exception>
    public ModelFile Read(string container)
    {
        using var stream = Open();
        // Small ones from memory: formats that refer to and fro would be inflated again and again.
        if (Length > LargestInMemory) return ModelReader.Read(stream, $"{container}/{Place}", Beside);
        using var memory = new MemoryStream((int)Length);
        stream.CopyTo(memory);
        return ModelReader.Read(memory, $"{container}/{Place}", Beside);
    }
}
