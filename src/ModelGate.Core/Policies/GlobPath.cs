namespace ModelGate.Policies;

/// <summary>A <c>path:</c> of a policy: relative to the policy's folder, with forward slashes, <c>*</c> within a name and <c>**</c> for any folders.</summary>
internal static class GlobPath
{
    /// <summary>For the schema: no root, no backslash, no <c>?</c>, no slash at the end.</summary>
    internal const string Pattern = @"^(?![A-Za-z]:)(?!/)(?!(.*/)?[^/]*\*\*[^/]+(/|$))(?!(.*/)?[^/]+\*\*(/|$))(?!.*//)(?!.*[^./][^/]*/\.{1,2}/)[^\\?]*[^\\?/]$";

    /// <summary>True where it may match any number of files.</summary>
    internal static bool IsGlob(string path) => path.Contains('*', StringComparison.Ordinal);

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
