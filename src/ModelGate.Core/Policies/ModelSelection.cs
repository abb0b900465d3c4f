namespace ModelGate.Policies;

/// <summary>A model file that a policy may be about.</summary>
/// <param name="Path">Full path of the file.</param>
/// <param name="DeployedPath">Where a build puts it, relative to the output folder; null where the file was found on disk.</param>
public sealed record ModelCandidate(string Path, string? DeployedPath = null);

/// <summary>A model with the entry whose budgets hold for it.</summary>
/// <param name="Entry">The entry.</param>
/// <param name="Name">What reports call it: the entry's name, or the path relative to the policy's folder; both where the entry has a name and matches several files.</param>
/// <param name="Path">Path relative to the policy's folder, with forward slashes; where the file is deployed where its source lies outside that folder.</param>
/// <param name="File">The file.</param>
public sealed record SelectedModel(ModelEntry Entry, string Name, string Path, ModelCandidate File);

/// <summary>
/// Which models a policy is about. Globs are relative to the policy's folder and ignore case on every system, so that the same policy
/// picks the same files everywhere. Where several entries match a file, the most specific one holds: a path without wildcards before a
/// glob, a glob without <c>**</c> before one with it, then the one with more literal characters, then the one that stands first.
/// </summary>
public sealed record ModelSelection
{
    /// <summary>The models, in the order of their entries, then by path.</summary>
    public required IReadOnlyList<SelectedModel> Models { get; init; }

    /// <summary>Entries that match no file at all: an error on disk, deferred where a build gives the files it deploys.</summary>
    public required IReadOnlyList<ModelEntry> EntriesWithoutModel { get; init; }

    /// <summary>What there is to say: files that several entries match, deployed models that none matches, entries that found nothing on disk.</summary>
    public required IReadOnlyList<Diagnostic> Diagnostics { get; init; }

    /// <summary>Looks for the policy's models on disk. An entry that finds none is an error (MG3012), as is a folder that cannot be searched (MG3001).</summary>
    /// <param name="policy">The policy; its path may be relative to the current folder.</param>
    public static ModelSelection FromDisk(Policy policy)
    {
        var search = new ModelSearch(FolderOf(policy));
        List<ModelCandidate> candidates = [];
        foreach (var entry in policy.Models)
            candidates.AddRange(search.Find(entry.Path));
        var selection = Select(policy, Distinct(candidates));
        List<Diagnostic> diagnostics = [.. search.Errors];
        foreach (var entry in selection.EntriesWithoutModel)
        {
            diagnostics.Add(new(ModelGate.Diagnostics.NothingMatched, entry.Path.At,
                $"No model matches `{entry.Path.Text}` in {FolderOf(policy)}.{search.Hint(entry.Path.Value)} {ModelGate.Diagnostics.NothingMatched.Fix}"));
        }

        return selection with { Diagnostics = [.. diagnostics, .. selection.Diagnostics] };
    }

    /// <summary>The model of a full path, whatever case or links it goes by; null where no entry matches it.</summary>
    public SelectedModel? Find(string path) => Models.FirstOrDefault(model => FileIdentity.AreSame(model.File.Path, path));

    /// <summary>Every model file in a folder and below, told by its extension, as full paths; and what could not be searched.</summary>
    public static (IReadOnlyList<string> Files, IReadOnlyList<Diagnostic> Diagnostics) AllIn(string folder)
    {
        var search = new ModelSearch(Path.GetFullPath(folder));
        var found = search.Find(new("**/*", "**/*", new(folder)));
        return ([.. found.Select(file => file.Path)], search.Errors);
    }

    /// <summary>The files on disk that a path or glob of the policy matches, as full paths; empty where there is none.</summary>
    public static IReadOnlyList<string> FilesOnDisk(Policy policy, Written<string> path) =>
        [.. new ModelSearch(FolderOf(policy)).Find(path).Select(file => file.Path)];

    /// <summary>
    /// Picks among the models that a build deploys: by source path relative to the policy's folder, or by deployed path where the source lies
    /// outside that folder (a model that comes out of a package). A model that no entry matches is reported as the policy's <c>unmatched:</c> says.
    /// </summary>
    /// <param name="policy">The policy; its path may be relative to the current folder.</param>
    /// <param name="deployed">The deployed files.</param>
    public static ModelSelection FromDeployment(Policy policy, IReadOnlyList<ModelCandidate> deployed)
    {
        var selection = Select(policy, deployed);
        if (policy.Unmatched == Reaction.Ignore)
            return selection;
        var chosen = selection.Models.Select(model => model.File.Path).ToHashSet(FilePaths.Comparer);
        var unmatched = deployed.Where(candidate => !chosen.Contains(candidate.Path) && ModelExtensions.Match(candidate.Path)).DistinctBy(candidate => candidate.Path, FilePaths.Comparer)
            .Select(candidate => new Diagnostic(ModelGate.Diagnostics.Unmatched, new(policy.Path, 1, 1),
                $"{DisplayPath(FolderOf(policy), candidate)} is deployed, but no entry of the policy matches it. Add one under `models:`, or write `unmatched: ignore`.")
            {
                Severity = policy.Unmatched == Reaction.Error ? Severity.Error : Severity.Warning,
            });
        return selection with { Diagnostics = [.. selection.Diagnostics, .. unmatched] };
    }

    private static ModelSelection Select(Policy policy, IReadOnlyList<ModelCandidate> candidates)
    {
        var folder = FolderOf(policy);
        var matches = new HashSet<string>[policy.Models.Count];
        for (var i = 0; i < matches.Length; i++)
            matches[i] = Matching(policy.Models[i].Path.Value, folder, candidates);
        var models = new List<Choice>();
        var notes = new List<Diagnostic>();
        foreach (var file in Distinct(candidates))
        {
            var first = Array.FindIndex(matches, matching => matching.Contains(file.Path));
            if (first < 0)
                continue;
            var best = first;
            if (Array.FindLastIndex(matches, matching => matching.Contains(file.Path)) > first)
            {
                int[] entries = [.. Enumerable.Range(0, matches.Length).Where(index => matches[index].Contains(file.Path))];
                best = entries.MinBy(index => Specificity(policy.Models[index].Path.Value, DisplayPath(folder, file)));
                notes.Add(SeveralMatch(policy, entries, best, DisplayPath(folder, file)));
            }

            models.Add(new(best, file, DisplayPath(folder, file)));
        }

        var counts = new int[policy.Models.Count];
        foreach (var model in models)
            counts[model.Index]++;
        models.Sort((one, other) => one.Index != other.Index ? one.Index - other.Index : string.CompareOrdinal(one.Path, other.Path));
        return new()
        {
            Models = models.ConvertAll(model => new SelectedModel(policy.Models[model.Index], policy.Models[model.Index].Name switch
            {
                null => model.Path,
                var name => counts[model.Index] == 1 ? name : $"{name} ({model.Path})",
            }, model.Path, model.File)),
            EntriesWithoutModel = Array.TrueForAll(matches, matching => matching.Count > 0) ? [] : [.. policy.Models.Where((_, index) => matches[index].Count == 0)],
            Diagnostics = notes,
        };
    }

    // The first of each path.
    private static List<ModelCandidate> Distinct(IReadOnlyList<ModelCandidate> candidates)
    {
        var seen = new HashSet<string>(FilePaths.Comparer);
        List<ModelCandidate> distinct = [];
        foreach (var candidate in candidates)
        {
            if (seen.Add(candidate.Path))
                distinct.Add(candidate);
        }

        return distinct;
    }

    private static HashSet<string> Matching(string glob, string folder, IReadOnlyList<ModelCandidate> candidates)
    {
        List<string> sources = [], deployed = [];
        foreach (var candidate in candidates)
        {
            sources.Add(RelativePath(folder, candidate.Path));
            if (candidate.DeployedPath is not null && IsOutside(folder, candidate.Path))
                deployed.Add(Slashes(candidate.DeployedPath));
        }

        var bySource = GlobPath.Matching(glob, sources);
        var byDeployment = GlobPath.Matching(glob, deployed);
        var matching = new HashSet<string>(FilePaths.Comparer);
        foreach (var candidate in candidates)
        {
            var isNamed = bySource.Contains(RelativePath(folder, candidate.Path))
                || (candidate.DeployedPath is not null && IsOutside(folder, candidate.Path) && byDeployment.Contains(Slashes(candidate.DeployedPath)));
            if (isNamed && (GlobPath.NamesExtension(glob) || ModelExtensions.Match(candidate.Path)))
                matching.Add(candidate.Path);
        }

        return matching;
    }

    /// <summary>Smaller is more specific; compares element by element.</summary>
    private static (bool IsGlob, bool IsOtherCase, bool IsDeep, int Literals) Specificity(string glob, string path) =>
        (GlobPath.IsGlob(glob), !GlobPath.IsGlob(glob) && !path.Equals(GlobPath.Trim(glob), StringComparison.Ordinal),
            glob.Contains("**", StringComparison.Ordinal), -glob.Count(character => character != '*'));

    private static Diagnostic SeveralMatch(Policy policy, int[] entries, int best, string path)
    {
        var others = entries.Where(index => index != best).Select(index => $"`{policy.Models[index].Path.Text}` (line {policy.Models[index].Path.At.Line})");
        var chosen = policy.Models[best].Path;
        return new(ModelGate.Diagnostics.ModelNote, chosen.At, $"{path} also matches {string.Join(", ", others)}; the most specific entry holds: `{chosen.Text}` (line {chosen.At.Line}).");
    }

    // A class: of a tuple in a list, the runtime would compile every method it needs at each start.
    private sealed record Choice(int Index, ModelCandidate File, string Path);

    private static string FolderOf(Policy policy) => Path.GetDirectoryName(Path.GetFullPath(policy.Path))!;

    private static string DisplayPath(string folder, ModelCandidate file) =>
        file.DeployedPath is not null && IsOutside(folder, file.Path) ? Slashes(file.DeployedPath) : RelativePath(folder, file.Path);

    private static bool IsOutside(string folder, string path) => RelativePath(folder, path) is var relative && (relative.StartsWith("../", StringComparison.Ordinal) || Path.IsPathRooted(relative));

    private static string RelativePath(string folder, string path) => Slashes(Path.GetRelativePath(folder, path));

    // On other systems a backslash is part of a name.
    private static string Slashes(string path) => OperatingSystem.IsWindows() ? path.Replace('\\', '/') : path;
}
