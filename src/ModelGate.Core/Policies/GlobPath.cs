using System.IO.Enumeration;
using Microsoft.Extensions.FileSystemGlobbing;

namespace ModelGate.Policies;

/// <summary>A <c>path:</c> of a policy: relative to the policy's folder, with forward slashes, <c>*</c> within a name and <c>**</c> for any folders.</summary>
internal static class GlobPath
{
    /// <summary>For the schema: what <see cref="Refuse"/> lets pass.</summary>
    internal const string Pattern = $@"^(?![A-Za-z]:)(\.{{1,2}}/)*{Segment}(/{Segment})*$";

    private const string Segment = @"(\*\*|(?!\.{1,2}(/|$))(\*(?!\*)|[^*/\\?])+)";

    /// <summary>True where it may match any number of files.</summary>
    internal static bool IsGlob(string path) => path.Contains('*', StringComparison.Ordinal);

    /// <summary>True where its last part says which extension is meant, so that the name alone need not tell a model.</summary>
    internal static bool NamesExtension(string path) => !IsGlob(path) || (Path.GetExtension(path) is { Length: > 1 } extension && !extension.Contains('*', StringComparison.Ordinal));

    /// <summary>The path without <c>.</c> segments.</summary>
    internal static string Trim(string path) => !path.Contains("./", StringComparison.Ordinal) ? path : string.Join('/', path.Split('/').Where(segment => segment != "."));

    /// <summary>The leading <c>..</c> segments, and what follows them.</summary>
    internal static (IReadOnlyList<string> Climbs, string Below) SplitClimb(string path)
    {
        var segments = Trim(path).Split('/');
        var climbs = segments.TakeWhile(segment => segment == "..").ToArray();
        return (climbs, string.Join('/', segments[climbs.Length..]));
    }

    /// <summary>Those of some relative paths, with forward slashes, that a path or glob matches; case has no say.</summary>
    internal static HashSet<string> Matching(string glob, IEnumerable<string> paths)
    {
        return IsGlob(glob) ? MatchingGlob(glob, paths) : MatchingPath(Trim(glob), paths);
    }

    /// <summary>False where no file of a name can match: sooner told than by the matcher, which takes any name for <c>*.*</c>.</summary>
    /// <param name="last">The last segment of a glob.</param>
    /// <param name="file">The name, without its folder.</param>
    internal static bool MayMatch(string last, ReadOnlySpan<char> file) =>
        last is "**" || last.Contains("*.*", StringComparison.Ordinal) || FileSystemName.MatchesSimpleExpression(last, file, ignoreCase: true);

    private static HashSet<string> MatchingPath(string wanted, IEnumerable<string> paths)
    {
        HashSet<string> matching = [];
        foreach (var path in paths)
        {
            if (path.Equals(wanted, StringComparison.OrdinalIgnoreCase))
                matching.Add(path);
        }

        return matching;
    }

    private static HashSet<string> MatchingGlob(string glob, IEnumerable<string> paths)
    {
        var (climbs, pattern) = SplitClimb(glob);
        var prefix = string.Concat(climbs.Select(_ => "../"));
        var last = pattern[(pattern.LastIndexOf('/') + 1)..];
        string[] below = [.. paths.Where(path => path.StartsWith(prefix, StringComparison.Ordinal)).Select(path => path[prefix.Length..])
            .Where(path => !path.StartsWith("../", StringComparison.Ordinal) && !Path.IsPathRooted(path) && MayMatch(last, path.AsSpan(path.LastIndexOf('/') + 1)))];
        if (below.Length == 0)
            return [];
        var matcher = new Matcher(StringComparison.OrdinalIgnoreCase).AddInclude(pattern);
        // The root only makes the paths full ones; nothing is looked up.
        return [.. matcher.Match(Path.GetFullPath("/"), below).Files.Select(match => prefix + match.Path)];
    }

    /// <summary>Why a path is refused, or null.</summary>
    internal static string? Refuse(string path)
    {
        if (path.Length == 0)
            return "the path is empty: write a path or glob such as `models/*.onnx`";
        if (path.Contains('\\', StringComparison.Ordinal))
            return $"`{path}` has backslashes: write `{path.Replace('\\', '/')}`, which works on every system";
        if (path[0] == '/' || (path.Length > 1 && char.IsAsciiLetter(path[0]) && path[1] == ':'))
            return $"`{path}` is not relative: paths begin at the policy's folder";
        if (path.Contains('?', StringComparison.Ordinal))
            return $"`{path}` has a `?`: globs know `*` within a name and `**` for any folders";
        if (path[^1] == '/')
            return $"`{path}` names a folder: write `{path}**/*.onnx` for the models in it";

        var climbing = true;
        foreach (var segment in path.Split('/'))
        {
            if (segment.Length == 0)
                return $"`{path}` has two slashes in a row";
            if (segment is "." or ".." && !climbing)
                return $"`{path}` has `{segment}` after a folder: write it at the beginning only";
            if (segment != "**" && segment.Contains("**", StringComparison.Ordinal))
                return $"`{path}` has `**` within a name: write `**/{segment.Replace("**", "*", StringComparison.Ordinal)}` for any folders";
            climbing &= segment is "." or "..";
        }

        return climbing ? $"`{path}` names a folder: write `{path}/**/*.onnx` for the models in it" : null;
    }
}
