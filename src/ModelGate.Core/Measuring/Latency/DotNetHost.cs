using System.Runtime.InteropServices;

namespace ModelGate.Measuring;

/// <summary>Finds the <c>dotnet</c> host that starts a worker.</summary>
/// <param name="variable">Reads an environment variable; null where it is not set.</param>
/// <param name="exists">Whether a file is there.</param>
/// <param name="firstLine">The first line of a file; null where it cannot be read.</param>
internal sealed class DotNetHost(Func<string, string?> variable, Func<string, bool> exists, Func<string, string?> firstLine)
{
    private static readonly string FileName = OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet";

    /// <summary>
    /// The host that runs this process where it is a managed one: then neither PATH nor an environment variable decides what runs. Compiled
    /// to native code it has none, and the machine's own is looked for.
    /// </summary>
    /// <returns>Full path of the host; its bare name where there is none to be found, so that starting it says what is missing.</returns>
    public static string OfThisProcess()
    {
        var host = new DotNetHost(Environment.GetEnvironmentVariable, File.Exists, FirstLine);
        return host.OfRuntime(RuntimeEnvironment.GetRuntimeDirectory()) ?? host.OfMachine(RuntimeInformation.ProcessArchitecture) ?? FileName;
    }

    /// <summary>The host above the folder of a shared framework (ROOT/shared/Microsoft.NETCore.App/VERSION/).</summary>
    /// <param name="runtime">Folder that the core library was loaded from.</param>
    /// <returns>Full path of the host; null where the process does not run on a shared framework.</returns>
    public string? OfRuntime(string runtime)
    {
        string? root = Path.GetDirectoryName(Path.GetDirectoryName(Path.GetDirectoryName(runtime.TrimEnd('/', '\\'))));
        return root is null ? null : In(root);
    }

    /// <summary>The host that the start of any .NET program would find: what DOTNET_ROOT names, where it is registered, its usual folders, and then the PATH.</summary>
    /// <param name="architecture">Architecture of this process.</param>
    /// <returns>Full path of the host; null where there is none.</returns>
    public string? OfMachine(Architecture architecture)
    {
        string name = architecture.ToString();
        foreach (string? folder in (string?[])
                 [
                     variable("DOTNET_ROOT_" + name.ToUpperInvariant()), variable("DOTNET_ROOT"),
                     .. OperatingSystem.IsWindows() ? (string?[])[] : [firstLine("/etc/dotnet/install_location_" + name.ToLowerInvariant()), firstLine("/etc/dotnet/install_location")],
                     .. UsualFolders(), .. (variable("PATH") ?? "").Split(Path.PathSeparator),
                 ])
        {
            // An entry that is not a full path would depend on the folder that the tool happens to run in.
            if (folder is not null && Path.IsPathFullyQualified(folder) && In(folder) is { } host)
                return host;
        }

        return null;
    }

    private string?[] UsualFolders() => OperatingSystem.IsWindows() ? [Below(variable("ProgramFiles"), "dotnet")]
        : OperatingSystem.IsMacOS() ? ["/usr/local/share/dotnet"]
        : ["/usr/share/dotnet", "/usr/lib/dotnet", "/usr/lib64/dotnet", Below(variable("HOME"), ".dotnet")];

    private string? In(string folder)
    {
        string host = Path.Combine(folder, FileName);
        return exists(host) ? host : null;
    }

    private static string? Below(string? folder, string name) => folder is null ? null : Path.Combine(folder, name);

    private static string? FirstLine(string path)
    {
        try
        {
            using var reader = new StreamReader(path);
            return reader.ReadLine()?.Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
