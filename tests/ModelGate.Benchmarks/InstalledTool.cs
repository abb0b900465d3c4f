using ModelGate.PackageTests.Setup;

namespace ModelGate.Benchmarks;

/// <summary>The tool as a user installs it: packed from this checkout, compiled to native code where the machine's kind has a package.</summary>
internal static class InstalledTool
{
    /// <summary>Packs and installs it into a folder; <see cref="Feed.Delete"/> removes what packing left. Returns the path of the program.</summary>
    public static string In(string folder)
    {
        string config = Path.Combine(folder, "nuget.config"), tools = Path.Combine(folder, "tools");
        _ = Feed.WithTool;
        File.WriteAllText(config, Feed.OnlySource());
        Command.Dotnet(folder, ["tool", "install", "ModelGate", "--version", Feed.Version, "--tool-path", tools, "--configfile", config], Feed.Variables).AssertPassed();
        return Executable(tools, "modelgate");
    }

    /// <summary>The path of a program in a folder.</summary>
    public static string Executable(string folder, string name) => Path.Combine(folder, OperatingSystem.IsWindows() ? name + ".exe" : name);
}
