using Microsoft.Extensions.FileSystemGlobbing;
using Microsoft.Extensions.FileSystemGlobbing.Abstractions;

namespace ModelGate.Policies;

/// <summary>
/// Looks for files on disk. Links to folders are not followed, so no loop is walked and nothing outside is found; folders that hold copies
/// (<c>bin</c>, <c>obj</c>, <c>node_modules</c>, names with a leading dot) are left out unless the glob names them.
/// </summary>
/// <param name="folder">Full path of the folder that globs are relative to.</param>
internal sealed class ModelSearch(string folder)
{
    /// <summary>Files and folders that one glob may look at: some seconds' work.</summary>
    internal const int MaxEntries = 1_000_000;

    private const int MaxDepth = 128;
    private static readonly string[] Copies = ["bin", "obj", "node_modules"];
    private readonly List<Diagnostic> errors = [];
    private readonly List<string> links = [];

    /// <summary>Folders that could not be searched: models in them have not been judged.</summary>
    internal IReadOnlyList<Diagnostic> Errors => errors;

    /// <summary>The files that a path or glob matches, by path.</summary>
    internal IReadOnlyList<ModelCandidate> Find(Written<string> path)
    {
        if (!GlobPath.IsGlob(path.Value))
        {
            var file = Path.GetFullPath(Path.Combine(folder, path.Value));
            return File.Exists(file) ? [new(file)] : [];
        }

        return FindAll(path);
    }

    private IReadOnlyList<ModelCandidate> FindAll(Written<string> path)
    {
        var (climbs, pattern) = GlobPath.SplitClimb(path.Value);
        var root = climbs.Aggregate(folder, (current, _) => Path.GetDirectoryName(current) ?? current);
        var budget = new Allowance();
        var matcher = new Matcher(StringComparison.OrdinalIgnoreCase).AddInclude(pattern);
        var result = matcher.Execute(new Folder(new DirectoryInfo(root), null, 0, path, pattern.Split('/'), budget, this));
        return
        [
            .. result.Files.Select(match => new ModelCandidate(Path.GetFullPath(Path.Combine(root, match.Path))))
                .Where(candidate => GlobPath.NamesExtension(pattern) || ModelExtensions.Match(candidate.Path))
                .OrderBy(candidate => candidate.Path, StringComparer.Ordinal),
        ];
    }

    /// <summary>What may be the reason that a path found nothing, or nothing.</summary>
    internal string Hint(string path)
    {
        var full = Path.GetFullPath(Path.Combine(folder, path));
        if (!GlobPath.IsGlob(path))
            return Directory.Exists(full) ? $" It is a folder: write `{path}/**/*.onnx`." : "";
        return links.Count > 0 ? $" Links to folders are not followed: {string.Join(", ", links.Distinct().Take(3))}." : "";
    }

    private sealed class Allowance
    {
        internal int Entries { get; set; }
    }

    /// <summary>A folder as the matcher sees it.</summary>
    private sealed class Folder(DirectoryInfo self, Folder? parent, int depth, Written<string> glob, string[] segments, Allowance allowance, ModelSearch search) : DirectoryInfoBase
    {
        public override string Name => self.Name;

        public override string FullName => self.FullName;

        public override DirectoryInfoBase? ParentDirectory => parent;

        public override IEnumerable<FileSystemInfoBase> EnumerateFileSystemInfos()
        {
            var children = new List<FileSystemInfoBase>();
            if (!self.Exists)
                return children;
            try
            {
                foreach (var child in self.EnumerateFileSystemInfos("*", new EnumerationOptions { AttributesToSkip = 0, IgnoreInaccessible = false, MatchType = MatchType.Simple }))
                {
                    if (++allowance.Entries > MaxEntries)
                    {
                        if (allowance.Entries == MaxEntries + 1)
                            Report($"there are more than {MaxEntries} files and folders to look at; name the folder in the path");
                        break;
                    }

                    if (child is not DirectoryInfo subfolder)
                        children.Add(new FileInfoWrapper((FileInfo)child));
                    else if (IsSearched(subfolder))
                        children.Add(new Folder(subfolder, this, depth + 1, glob, segments, allowance, search));
                }
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                Report($"{self.FullName} cannot be searched ({FileErrors.Reason(exception)}); allow reading it or name a narrower path");
            }

            return children;
        }

        public override DirectoryInfoBase GetDirectory(string path) => new Folder(new DirectoryInfo(Path.Combine(self.FullName, path)), this, depth + 1, glob, segments, allowance, search);

        public override FileInfoBase GetFile(string path) => new FileInfoWrapper(new FileInfo(Path.Combine(self.FullName, path)));

        private bool IsSearched(DirectoryInfo subfolder)
        {
            // Listed by its parent and yet not to be found: its path is longer than the system takes.
            if (!Directory.Exists(subfolder.FullName))
            {
                Report($"a folder `{subfolder.Name[..Math.Min(32, subfolder.Name.Length)]}…` cannot be reached, most likely since its path is too long, so what is in it cannot be judged; name a narrower path");
                return false;
            }

            if (subfolder.Attributes.HasFlag(FileAttributes.ReparsePoint) && subfolder.LinkTarget is not null)
            {
                search.links.Add(subfolder.FullName);
                return false;
            }

            if (depth == MaxDepth)
                Report($"{subfolder.FullName} lies more than {MaxDepth} folders deep; name the folder in the path");
            return depth < MaxDepth && ((!subfolder.Name.StartsWith('.') && !Copies.Contains(subfolder.Name, StringComparer.OrdinalIgnoreCase))
                || segments.Contains(subfolder.Name, StringComparer.OrdinalIgnoreCase));
        }

        private void Report(string reason) => search.errors.Add(new(Diagnostics.ModelUnreadable, glob.At, $"`{glob.Text}`: {reason}."));
    }
}
