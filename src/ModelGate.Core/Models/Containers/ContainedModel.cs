using System.Buffers;

namespace ModelGate.Models.Containers;

/// <summary>A model inside a package or an assembly.</summary>
/// <param name="Place">Where: the path of an entry, and behind <c>#</c> the name of a resource (untrusted text).</param>
/// <param name="Length">Its bytes.</param>
internal sealed record ContainedModel(string Place, long Length)
{
    private const long LargestInMemory = 64L << 20;
    private const int BufferSize = 1 << 18;

    /// <summary>Opens its bytes as a seekable stream.</summary>
    public required Func<ReadOnlyStream> Open { get; init; }

    /// <summary>What lies beside it in the same container.</summary>
    public ContainerFiles Beside { get; init; } = ContainerFiles.None;

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
            stream.Verify();
            return checksum;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Reads its structure in place, and the rest of what its container holds of it to check it.</summary>
    /// <param name="container">Path of the container.</param>
    /// <exception cref="ModelException">It is damaged, goes beyond a limit, keeps weights in files that the container does not hold, or is not what the container's directory says.</exception>
    public ModelFile Read(string container)
    {
        using var stream = Open();
        try
        {
            var model = Read(stream, $"{container}/{Place}");
            stream.Verify();
            return model;
        }
        catch (OutOfMemoryException exception)
        {
            throw ModelReader.TooLarge(Length, exception);
        }
    }

    private ModelFile Read(ReadOnlyStream stream, string path)
    {
        // Small ones from memory: formats that refer to and fro would be inflated again and again.
        if (Length > LargestInMemory) return ModelReader.Read(stream, path, Beside);
        using var memory = new MemoryStream();
        Fill(memory, stream);
        return ModelReader.Read(memory, path, Beside);
    }

    // Room as the bytes come: the directory of a small package may say of twenty thousand entries that each has as many as are held in memory.
    private void Fill(MemoryStream memory, ReadOnlyStream stream)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            for (int read; (read = stream.Read(buffer)) > 0;)
            {
                var needed = memory.Length + read;
                if (needed > memory.Capacity) memory.Capacity = (int)Math.Max(needed, Math.Min(Length, needed * 2));
                memory.Write(buffer, 0, read);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
