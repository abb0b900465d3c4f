using System.IO.Compression;

namespace ModelGate.Models.Containers;

/// <summary>The entries beside a model in the same package. What the directory says of one is believed once its bytes have been seen.</summary>
/// <param name="entries">All entries of the package.</param>
/// <param name="package">Path of the package: a model in it has its place under that.</param>
/// <param name="allowance">How much may be inflated.</param>
internal sealed class ContainerFiles(IReadOnlyList<ZipArchiveEntry> entries, string package, InflationAllowance allowance) : FilesBeside
{
    private Dictionary<string, ZipArchiveEntry>? byName;

    /// <summary>None: the resources of an assembly have nothing beside them.</summary>
    public static ContainerFiles None { get; } = new ContainerFiles([], "", new InflationAllowance(0));

    /// <summary>Opens an entry by its full path; null where there is none.</summary>
    public ReadOnlyStream? Open(string path) => Find(path) is { } entry ? new EntryStream(entry, allowance) : null;

    public override bool Has(string path) => Find(path) is not null;

    public override long? LengthOf(string path)
    {
        using var stream = Open(path);
        stream?.Verify();
        return stream?.Length;
    }

    public override T Read<T>(string path, Func<Stream, T> read)
    {
        using var stream = Open(path) ?? throw new ModelException(Diagnostics.ExternalDataMissing, "there is no such entry in the package");
        var result = read(stream);
        stream.Verify();
        return result;
    }

    private ZipArchiveEntry? Find(string path)
    {
        if (entries.Count == 0) return null;
        var inside = Path.GetRelativePath(Path.GetFullPath(package), path).Replace('\\', '/');
        return (byName ??= entries.ToDictionary(static entry => entry.FullName, StringComparer.Ordinal)).GetValueOrDefault(inside);
    }
}
