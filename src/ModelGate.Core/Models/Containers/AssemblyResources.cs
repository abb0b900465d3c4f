using System.Buffers.Binary;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
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
    private const int LongestName = 1023; // as compilers allow
    private const int LargestMetadata = 256 << 20;

    /// <summary>The resources that are embedded; none where the file is no assembly, or is damaged.</summary>
    /// <exception cref="ModelException">It has more of them, or larger tables, than any assembly has, or keeps several in the same bytes.</exception>
    public static List<AssemblyResource> In(Stream stream)
    {
        try
        {
            stream.Position = 0; // where the image is taken to begin
            using var file = new PEReader(stream, PEStreamOptions.LeaveOpen);
            if (!file.HasMetadata || file.PEHeaders.CorHeader is not { ResourcesDirectory.Size: > 0 } header || !file.PEHeaders.TryGetDirectoryOffset(header.ResourcesDirectory, out var start)) return [];
            if (file.PEHeaders.MetadataSize > LargestMetadata) throw Refused($"its tables take {file.PEHeaders.MetadataSize} bytes; at most {LargestMetadata} are read");
            var metadata = file.GetMetadataReader();
            List<AssemblyResource> found = [];
            foreach (var handle in metadata.ManifestResources)
            {
                var resource = metadata.GetManifestResource(handle);
                if (!resource.Implementation.IsNil) continue;
                if (found.Count == Most) throw Refused($"it has more than {Most} resources");
                if (IsLong(file, metadata, resource.Name)) throw Refused($"the name of a resource is longer than {LongestName} bytes");
                Add(found, metadata.GetString(resource.Name), start + resource.Offset, stream);
            }
            CheckApart(found);
            return found;
        }
        catch (Exception exception) when (exception is BadImageFormatException or IOException or InvalidOperationException or ArgumentException or OverflowException)
        {
            return [];
        }
    }

    // A name is whatever stands before the next zero: ten thousand resources may all have the same megabytes for theirs.
    private static bool IsLong(PEReader file, MetadataReader metadata, StringHandle name)
    {
        var start = metadata.GetHeapMetadataOffset(HeapIndex.String) + metadata.GetHeapOffset(name);
        var length = Math.Min(LongestName + 1, metadata.MetadataLength - start);
        return length > LongestName && file.GetMetadata().GetReader(start, length).IndexOf(0) < 0;
    }

    // As many resources as an assembly may name could otherwise all be the same hundred megabytes.
    private static void CheckApart(List<AssemblyResource> resources)
    {
        var end = 0L;
        foreach (var resource in resources.OrderBy(static resource => resource.Offset))
        {
            if (resource.Offset < end) throw Refused($"two of its resources lie in the same bytes, at {resource.Offset}");
            end = resource.Offset + resource.Length;
        }
    }

    private static ModelException Refused(string why) => new(Diagnostics.PackageUnreadable, "the assembly is refused: " + why);

    // Four bytes of length, then as many bytes (ECMA-335, II.24.2.4).
    private static void Add(List<AssemblyResource> found, string name, long offset, Stream stream)
    {
        Span<byte> prefix = stackalloc byte[sizeof(uint)];
        if (offset < 0 || offset > stream.Length - prefix.Length) return;
        stream.Position = offset;
        stream.ReadExactly(prefix);
        long length = BinaryPrimitives.ReadUInt32LittleEndian(prefix);
        if (length <= stream.Length - offset - prefix.Length) found.Add(new AssemblyResource(name, offset + prefix.Length, length));
    }
}
