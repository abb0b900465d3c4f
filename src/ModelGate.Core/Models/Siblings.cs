namespace ModelGate.Models;

/// <summary>
/// Finds files that a model names beside itself. Refused is whatever would make a tool touch a file outside the model's folder
/// (CVE-2022-25882, CVE-2024-27318, CVE-2026-27489).
/// </summary>
internal static class Siblings
{
    /// <summary>The full path of a file that a model names.</summary>
    /// <param name="model">Full path of the model.</param>
    /// <param name="location">What the model says.</param>
    /// <param name="refused">What to throw, given why.</param>
    /// <exception cref="ModelException">The location leads out of the model's folder or is no path in it.</exception>
    public static string Locate(string model, string location, Func<string, ModelException> refused)
    {
        if (location.Contains('\0', StringComparison.Ordinal)) throw refused("whose name holds a NUL");
        if (location.Contains("://", StringComparison.Ordinal) || location.StartsWith("file:", StringComparison.OrdinalIgnoreCase)) throw refused("which is a URL");
        if (location[0] is '/' or '\\' || location.Length > 1 && location[1] == ':' || Path.IsPathRooted(location)) throw refused("which is an absolute path");
        var components = location.Split('/', '\\');
        if (components.Contains("..")) throw refused("which leads out of the model's folder");
        if (OperatingSystem.IsWindows() && location.Contains(':', StringComparison.Ordinal)) throw refused("which names an alternate stream");

        var folder = Path.GetDirectoryName(model)!;
        var path = Path.GetFullPath(Path.Combine(folder, location));
        // Last, for what only the system knows to lead elsewhere, such as the device names of Windows.
        if (!Links.IsUnder(folder, path)) throw refused("which is no file in the model's folder");
        if (Links.LeadOutOf(folder, path)) throw refused("which a symbolic link leads out of the model's folder");
        return FilePaths.Comparer.Equals(path, model) ? throw refused("which is the model itself") : path;
    }
}
