using Microsoft.Extensions.FileSystemGlobbing;
using Microsoft.Extensions.FileSystemGlobbing.Abstractions;

namespace ModelGate.Policies;

/// <summary>
/// Looks for files on disk. Links to folders are not followed, so no loop is walked and nothing outside is found; folders that hold copies
/// (<c>bin</c>, <c>obj</c>, <c>node_modules</c>, names with a leading dot) are left out unless the glob names them. Each folder is listed
/// once, however many globs lead through it.
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
    private readonly Dictionary<string, Listing> listings = new(StringComparer.Ordinal);

    /// <summary>Folders that could not be searched: models in them have not been judged.</summary>
    internal IReadOnlyList<Diagnostic> Errors => errors;

    /// <summary>The files that a path or glob matches, by path.</summary>
    internal IReadOnlyList<ModelCandidate> Find(Written<string> path)
    {
        // A path that is not there as it is written may be there in another case, which has no say.
        return !GlobPath.IsGlob(path.Value) && Path.GetFullPath(Path.Combine(folder, path.Value)) is var file && File.Exists(file) ? [new(file)] : FindAll(path);
    }

    private IReadOnlyList<ModelCandidate> FindAll(Written<string> path)
    {
        var (climbs, pattern) = GlobPath.SplitClimb(path.Value);
        var root = climbs.Aggregate(folder, (current, _) => Path.GetDirectoryName(current) ?? current);
        var matcher = new Matcher(StringComparison.OrdinalIgnoreCase).AddInclude(pattern);
        var result = matcher.Execute(new Folder(new DirectoryInfo(root), null, 0, new(path, pattern), this));
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

    // What does not depend on the glob.
    private Listing List(DirectoryInfo folder)
    {
        if (listings.TryGetValue(folder.FullName, out var known))
            return known;
        var listing = new Listing();
        listings.Add(folder.FullName, listing);
        if (!folder.Exists)
            return listing;
        try
        {
            foreach (var child in folder.EnumerateFileSystemInfos("*", new EnumerationOptions { AttributesToSkip = 0, IgnoreInaccessible = false, MatchType = MatchType.Simple }))
            {
                if (listing.Entries++ == MaxEntries)
                    break; // no glob looks at more
                if (child is DirectoryInfo subfolder)
                    listing.Folders.Add(Described(subfolder));
                else
                    listing.Files.Add(new((FileInfo)child));
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            listing.Failure = FileErrors.Reason(exception);
        }

        return listing;
    }

    private Subfolder Described(DirectoryInfo subfolder)
    {
        var described = new Subfolder(subfolder, Directory.Exists(subfolder.FullName), subfolder.Attributes.HasFlag(FileAttributes.ReparsePoint) && subfolder.LinkTarget is not null);
        if (described is { IsReachable: true, IsLink: true })
            links.Add(subfolder.FullName);
        return described;
    }

    /// <summary>What lies in a folder.</summary>
    private sealed class Listing
    {
        internal List<FileInfoWrapper> Files { get; } = [];

        internal List<Subfolder> Folders { get; } = [];

        internal int Entries { get; set; }

        /// <summary>Why it could not be listed; null where it could.</summary>
        internal string? Failure { get; set; }
    }

    private sealed record Subfolder(DirectoryInfo Info, bool IsReachable, bool IsLink);

    /// <summary>One glob, and how much it may still look at.</summary>
    private sealed class Walk(Written<string> glob, string pattern)
    {
        private readonly string[] segments = pattern.Split('/');
        private int entries;

        internal Written<string> Glob => glob;

        internal bool Names(string folder) => segments.Contains(folder, StringComparer.OrdinalIgnoreCase);

        internal bool MayMatch(string file) => GlobPath.MayMatch(segments[^1], file);

        /// <summary>Takes a folder's entries; false where they are too many, and told the first time.</summary>
        internal bool Take(int more, Action tell)
        {
            if (entries > MaxEntries)
                return false;
            entries += more;
            if (entries <= MaxEntries)
                return true;
            tell();
            return false;
        }
    }

    /// <summary>A folder as the matcher sees it.</summary>
    private sealed class Folder(DirectoryInfo self, Folder? parent, int depth, Walk walk, ModelSearch search) : DirectoryInfoBase
    {
        public override string Name => self.Name;

        public override string FullName => self.FullName;

        public override DirectoryInfoBase? ParentDirectory => parent;

        public override IEnumerable<FileSystemInfoBase> EnumerateFileSystemInfos()
        {
            var children = new List<FileSystemInfoBase>();
            var listing = search.List(self);
            if (!walk.Take(listing.Entries, () => Report($"there are more than {MaxEntries} files and folders to look at; name the folder in the path")))
                return children;
            if (listing.Failure is { } failure)
                Report($"{self.FullName} cannot be searched ({failure}); allow reading it or name a narrower path");
            foreach (var file in listing.Files)
            {
                if (walk.MayMatch(file.Name))
                    children.Add(file);
            }

            foreach (var subfolder in listing.Folders)
            {
                if (IsSearched(subfolder))
                    children.Add(new Folder(subfolder.Info, this, depth + 1, walk, search));
            }

            return children;
        }

        public override DirectoryInfoBase GetDirectory(string path) => new Folder(new DirectoryInfo(Path.Combine(self.FullName, path)), this, depth + 1, walk, search);

        public override FileInfoBase GetFile(string path) => new FileInfoWrapper(new FileInfo(Path.Combine(self.FullName, path)));

        private bool IsSearched(Subfolder subfolder)
        {
            string name = subfolder.Info.Name;
            // Listed by its parent and yet not to be found: its path is longer than the system takes.
            if (!subfolder.IsReachable)
            {
                Report($"a folder `{name[..Math.Min(32, name.Length)]}…` cannot be reached, most likely since its path is too long, so what is in it cannot be judged; name a narrower path");
                return false;
            }

            if (subfolder.IsLink)
                return false;
            if (depth == MaxDepth)
                Report($"{subfolder.Info.FullName} lies more than {MaxDepth} folders deep; name the folder in the path");
            return depth < MaxDepth && ((!name.StartsWith('.') && !Copies.Contains(name, StringComparer.OrdinalIgnoreCase)) || walk.Names(name));
        }

        private void Report(string reason) => search.errors.Add(new(Diagnostics.ModelUnreadable, walk.Glob.At, $"`{walk.Glob.Text}`: {reason}."));
    }
}
