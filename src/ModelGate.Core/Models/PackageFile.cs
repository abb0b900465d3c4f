using System.Buffers;
using System.IO.Compression;
using ModelGate.Models.Containers;

namespace ModelGate.Models;

/// <summary>
/// A nupkg or zip, looked into in place: nothing is extracted, no name in it becomes a path, and what its directory says of an entry
/// is believed only once the entry has been inflated and its checksum computed here. Of an entry that by its first bytes is no model nothing
/// more is inflated: no figure rests on it. How much is inflated in all is bounded.
/// </summary>
public sealed class PackageFile : IDisposable
{
    private const int MostEntries = 200_000;
    private const int BufferSize = 1 << 18;

    private readonly string path;
    private readonly OpenedFile file;
    private readonly ZipArchive archive;
    private readonly InflationAllowance allowance;

    private PackageFile(string path, OpenedFile file, ZipArchive archive)
    {
        this.path = path;
        this.file = file;
        this.archive = archive;
        allowance = new InflationAllowance(file.Length);
    }

    /// <summary>Bytes of the package.</summary>
    public long Length => file.Length;

    /// <summary>Opens a package and checks its directory.</summary>
    /// <exception cref="ModelException">It cannot be opened, or its directory is damaged or contradicts itself.</exception>
    public static PackageFile Open(string path)
    {
        var file = OpenedFile.Open(path);
        try
        {
            var package = new PackageFile(path, file, new ZipArchive(file.Stream, ZipArchiveMode.Read, leaveOpen: true));
            package.CheckDirectory();
            return package;
        }
        catch (Exception exception)
        {
            file.Dispose();
            if (exception is ModelException) throw;
            throw exception is InvalidDataException or IOException or NotSupportedException or ArgumentException ? Unreadable($"it is not a whole zip archive ({exception.Message})", exception) : exception;
        }
    }

    /// <summary>True where it is a model itself, of a format that only its size is known of.</summary>
    internal bool IsModel => SizeOnlyModels.IsZipped(archive.Entries);

    /// <summary>The models in it, those embedded in its assemblies included.</summary>
    /// <exception cref="ModelException">An entry is not what the directory says.</exception>
    internal IReadOnlyList<ContainedModel> Models() => ContainedModels.InZip(archive.Entries, path, allowance);

    /// <summary>How many of its models repeat another: byte for byte, or weight for weight where one keeps its weights in a file beside it.</summary>
    /// <exception cref="ModelException">An entry is not what the directory says.</exception>
    public long DuplicateModels() => ModelDuplicates.Count(Models(), path);

    /// <summary>Bytes of the native libraries that it brings, by runtime identifier (<c>runtimes/RID/native/</c>).</summary>
    /// <exception cref="ModelException">An entry is not what the directory says.</exception>
    public IReadOnlyDictionary<string, long> NativeLibraries()
    {
        var byRuntime = new Dictionary<string, long>(StringComparer.OrdinalIgnoreCase);
        foreach (var entry in archive.Entries)
        {
            if (entry.FullName.Split('/', '\\') is not ["runtimes", var runtime, "native", .., { Length: > 0 }]) continue;
            Verify(entry);
            byRuntime[runtime] = byRuntime.GetValueOrDefault(runtime) + entry.Length;
        }
        return byRuntime;
    }

    /// <summary>Compressed bytes of the entries that hold exactly the bytes of a file; null where none does.</summary>
    /// <param name="path">The file, compared by length and CRC-32.</param>
    /// <exception cref="ModelException">The file cannot be read, or an entry is not what the directory says.</exception>
    public long? CompressedLengthOf(string path)
    {
        using var wanted = OpenedFile.Open(path);
        var candidates = archive.Entries.Where(entry => entry.Length == wanted.Length).ToArray();
        if (candidates.Length == 0) return null;
        var checksum = ChecksumOf(wanted.Stream);
        wanted.CheckUnchanged();
        long? total = null;
        foreach (var entry in candidates.Where(entry => entry.Crc32 == checksum))
        {
            Verify(entry);
            total = (total ?? 0) + entry.CompressedLength;
        }
        return total;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        archive.Dispose();
        file.Dispose();
    }

    private void CheckDirectory()
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        Int128 compressed = 0;
        if (archive.Entries.Count > MostEntries) throw Unreadable($"it has {archive.Entries.Count} entries; at most {MostEntries} are looked at");
        foreach (var entry in archive.Entries)
        {
            if (entry.FullName.Contains('\0', StringComparison.Ordinal)) throw Unreadable("the name of an entry holds a NUL");
            if (!names.Add(entry.FullName)) throw Unreadable($"it has two entries named {Quoted.Name(entry.FullName)}");
            if (entry.IsEncrypted) throw Unreadable($"its entry {Quoted.Name(entry.FullName)} is encrypted");
            compressed += entry.CompressedLength;
        }
        if (compressed > Length) throw Unreadable($"its entries claim {compressed} compressed bytes, more than the package has ({Length})");
        ZipDirectory.CheckApart(file.Stream, archive.Entries.Count, static why => Unreadable(why));
    }

    private void Verify(ZipArchiveEntry entry)
    {
        using var content = new EntryStream(entry, allowance);
        content.Verify();
    }

    private static uint ChecksumOf(Stream stream)
    {
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

    private static ModelException Unreadable(string why, Exception? inner = null) => new(Diagnostics.PackageUnreadable, why, inner);
}
