using System.Runtime.InteropServices;

namespace ModelGate;

/// <summary>How paths of files are told apart; one source for the tool and the MSBuild task.</summary>
internal static class FilePaths
{
    /// <summary>Ignores case where the system's own file systems do, as on Windows and macOS: there two spellings are one file.</summary>
    public static readonly StringComparer Comparer =
        RuntimeInformation.IsOSPlatform(OSPlatform.Windows) || RuntimeInformation.IsOSPlatform(OSPlatform.OSX) ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal;
}
