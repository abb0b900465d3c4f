using System.Buffers.Binary;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace ModelGate.Models.Containers;

/// <summary>A manifest resource of a .NET assembly.</summary>
/// <param name="Name">Its name (untrusted text).</param>
/// <param name="Offset">Where its bytes begin in the file.</param>
/// <param name="Length">How many they are.</param>
internal sealed record AssemblyResource(string Name, long Offset, long Length);

/// <summary>Finds the manifest resources of a .NET assembly by its headers; nothing is loaded.</summary>
internal static class AssemblyResources
{
    private const int Most = 10_000;

    /// <summary>The resources that are embedded; none where the file is no assembly, or is damaged.</summary>
    public static List<AssemblyResource> In(Stream stream)
    {
        try
        {
            stream.Position = 0; // where the image is taken to begin
            using var file = new PEReader(stream, PEStreamOptions.LeaveOpen);
            if (!file.HasMetadata || file.PEHeaders.CorHeader is not { ResourcesDirectory.Size: > 0 } header || !file.PEHeaders.TryGetDirectoryOffset(header.ResourcesDirectory, out var start)) return [];
            var metadata = file.GetMetadataReader();
            List<AssemblyResource> found = [];
            foreach (var handle in metadata.ManifestResources)
            {
                var resource = metadata.GetManifestResource(handle);
                if (resource.Implementation.IsNil && found.Count < Most) Add(found, metadata.GetString(resource.Name), start + resource.Offset, stream);
            }
            return found;
        }
        catch (Exception exception) when (exception is BadImageFormatException or IOException or InvalidOperationException or ArgumentException or OverflowException)
        {
            return [];
        }
    }

    // Four bytes of length, then as many bytes (ECMA-335, II.24.2.4).
    // Each byte is a resource's once: names that share the bytes of one would have them read again for each.
    private static void Add(List<AssemblyResource> found, string name, long offset, Stream stream)
    {
        Span<byte> prefix = stackalloc byte[sizeof(uint)];
        if (offset < 0 || offset > stream.Length - prefix.Length) return;
        stream.Position = offset;
        stream.ReadExactly(prefix);
        long length = BinaryPrimitives.ReadUInt32LittleEndian(prefix);
        var (start, end) = (offset + prefix.Length, offset + prefix.Length + length);
        if (end <= stream.Length && !found.Exists(other => start < other.Offset + other.Length && other.Offset < end)) found.Add(new AssemblyResource(name, start, length));
    }
}
