using System.IO.Enumeration;

namespace ModelGate.Models.Containers;

/// <summary>A folder as it is published: which of its files are models, or hold some.</summary>
public static class ModelFolder
{
    private const int MostFiles = 200_000, Deepest = 64;

    private static readonly EnumerationOptions Everything = new() { RecurseSubdirectories = true, MaxRecursionDepth = Deepest, AttributesToSkip = FileAttributes.None, IgnoreInaccessible = false };

    /// <summary>The files, in the order of their paths: models by their content, and assemblies and packages with models in them. A file that cannot be looked into is one of them, for its reader to say why.</summary>
    /// <param name="folder">The folder; folders in it are looked into, unless a link leads to them.</param>
    /// <exception cref="ModelException">It cannot be listed, or has more files than are looked into.</exception>
    public static IReadOnlyList<string> Files(string folder)
    {
        List<string> found = [];
        foreach (var path in All(folder))
        {
            if (Holds(path)) found.Add(path);
        }
        found.Sort(StringComparer.Ordinal);
        return found;
    }

    private static List<string> All(string folder)
    {
        try
        {
            var entries = new FileSystemEnumerable<string>(folder, static (ref FileSystemEntry entry) => entry.ToSpecifiedFullPath(), Everything)
            {
                ShouldIncludePredicate = static (ref FileSystemEntry entry) => !entry.IsDirectory,
                ShouldRecursePredicate = static (ref FileSystemEntry entry) => !entry.Attributes.HasFlag(FileAttributes.ReparsePoint),
            };
            List<string> files = [.. entries.Take(MostFiles + 1)];
            return files.Count <= MostFiles ? files : throw new ModelException(Diagnostics.ModelLimit, $"the folder has more than {MostFiles} files");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ModelException(Diagnostics.ModelUnreadable, FileErrors.Reason(exception), exception);
        }
    }

    private static bool Holds(string path)
    {
        if (path.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase)) return true; // whatever it turns out to be
        try
        {
            using var file = OpenedFile.Open(path);
            var header = new byte[(int)Math.Min(Content.HeaderLength, file.Length)];
            file.Stream.ReadExactly(header);
            if (ContainedModels.IsModel(header, file.Length, path) || Content.Of(header, file.Length) == Content.LfsPointer) return true;
            if (header.AsSpan().StartsWith("MZ"u8)) return ContainedModels.InAssembly(file.Stream, "", () => file.Stream, opensAnew: false).Count > 0;
            return header.AsSpan().StartsWith("PK\u0003\u0004"u8) && PackageHolds(path);
        }
        catch (ModelException exception)
        {
            return exception.Kind != Diagnostics.ModelEmpty;
        }
        catch (IOException)
        {
            return true;
        }
    }

    private static bool PackageHolds(string path)
    {
        using var package = PackageFile.Open(path);
        return package.IsModel || package.Models().Count > 0;
    }
}
