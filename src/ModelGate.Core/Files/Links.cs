namespace ModelGate;

/// <summary>Where symbolic links lead.</summary>
internal static class Links
{
    private const int Most = 40; // as Linux allows

    /// <summary>The file that a symbolic link leads to in the end; null where the path is no link.</summary>
    /// <exception cref="IOException">The links go round in a circle.</exception>
    public static FileInfo? Target(string path)
    {
        var file = new FileInfo(path);
        if (file.LinkTarget is null) return null;
        try
        {
            return file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo;
        }
        catch (IOException exception) when (exception.GetType() == typeof(IOException))
        {
            throw new IOException("its symbolic links go round in a circle", exception);
        }
    }

    /// <summary>True where following the links of <paramref name="path"/>, which lies under <paramref name="folder"/>, ends outside of it.</summary>
    public static bool LeadOutOf(string folder, string path)
    {
        var relative = Path.GetRelativePath(folder, path);
        var current = folder;
        foreach (var component in relative.Split(Path.DirectorySeparatorChar))
        {
            current = Path.Combine(current, component);
            var file = new FileInfo(current);
            if (file.LinkTarget is null)
            {
                if (!Path.Exists(current)) return false; // nor is there a link behind it
                continue;
            }
            var real = Resolve(path);
            return real is null || !IsUnder(Resolve(folder) ?? folder, real);
        }
        return false;
    }

    // The path without any link in it; null where the links go round.
    private static string? Resolve(string path)
    {
        var left = Most;
        var resolved = Path.GetPathRoot(path)!;
        var pending = new Stack<string>(Components(path[resolved.Length..]));
        while (pending.TryPop(out var component))
        {
            var next = Path.GetFullPath(Path.Combine(resolved, component));
            if (new FileInfo(next).LinkTarget is not { } target)
            {
                resolved = next;
                continue;
            }
            if (left-- == 0) return null;
            if (Path.IsPathRooted(target))
            {
                resolved = Path.GetPathRoot(target)!;
                target = target[resolved.Length..];
            }
            foreach (var part in Components(target)) pending.Push(part);
        }
        return resolved;
    }

    private static IEnumerable<string> Components(string path) =>
        path.Split([Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar], StringSplitOptions.RemoveEmptyEntries).Reverse();

    /// <summary>True of a full path that begins with the folder's, whatever links may stand in it.</summary>
    public static bool IsUnder(string folder, string path) =>
        path.StartsWith(Path.EndsInDirectorySeparator(folder) ? folder : folder + Path.DirectorySeparatorChar, OperatingSystem.IsWindows() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal);
}
