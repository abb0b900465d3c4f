using System.Globalization;
using System.Xml.Linq;

namespace ModelGate.PackageTests.Setup;

/// <summary>A folder feed that holds this checkout's packages, each packed once per test run from what the build left.</summary>
internal static class Feed
{
    /// <summary>The configuration that the tests, and what they pack, were built in.</summary>
#if DEBUG
    public const string Configuration = "Debug";
#else
    public const string Configuration = "Release";
#endif
    private static readonly Lazy<string> TheFolder = new(() => Directory.CreateTempSubdirectory("modelgate-feed-").FullName);
    private static readonly Lazy<string> MSBuildPackage = new(PackMSBuild);
    private static readonly Lazy<string> ToolPackages = new(() => PackTool(Folder));

    /// <summary>Version of the packages: new in each run, so that no cache on the machine holds it.</summary>
    public static string Version { get; } = "0.1.0-test." + DateTime.UtcNow.Ticks.ToString(CultureInfo.InvariantCulture);

    /// <summary>The version that the repository gives its packages.</summary>
    public static string RepositoryVersion { get; } = XDocument.Load(Path.Combine(Repository.Root, "Directory.Build.props")).Descendants("Version").Single().Value;

    /// <summary>The folder.</summary>
    public static string Folder => TheFolder.Value;

    /// <summary>Path of the MSBuild package.</summary>
    public static string MSBuild => MSBuildPackage.Value;

    /// <summary>The folder, once it holds the tool: the package that points at the others, this machine's own and <c>any</c>.</summary>
    public static string WithTool => ToolPackages.Value;

    /// <summary>Packages that consumers restore, apart from the machine's own, which is read and never written.</summary>
    private static string PackagesFolder => Path.Combine(Folder, "packages");

    /// <summary>The global packages folder of the machine.</summary>
    public static string MachinePackages => Environment.GetEnvironmentVariable("NUGET_PACKAGES")
        ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    /// <summary>The variables under which restores take packages from this feed and leave the machine's folder alone.</summary>
    public static Dictionary<string, string?> Variables => new()
    {
        ["NUGET_PACKAGES"] = PackagesFolder,
        ["NUGET_FALLBACK_PACKAGES"] = MachinePackages,
    };

    /// <summary>A nuget.config that adds a feed, this one unless another is named, and the local ONNX Runtime feed where there is one, to the machine's sources.</summary>
    public static string NuGetConfig(string? folder = null)
    {
        string runtime = Path.Combine(Repository.Root, "build", "onnxruntime", "feed");
        return $"""
            <configuration>
              <packageSources>
                <add key="ModelGate tests" value="{folder ?? Folder}" />
                <add key="ONNX Runtime" value="{runtime}" />
              </packageSources>
            </configuration>
            """;
    }

    /// <summary>A nuget.config whose only source is this feed: nothing else can be what is installed.</summary>
    public static string OnlySource() => $"""
        <configuration>
          <packageSources>
            <clear />
            <add key="ModelGate tests" value="{Folder}" />
          </packageSources>
        </configuration>
        """;

    /// <summary>Packs the package that points at those of every runtime, as a release does, from what packing the tool for this machine has compiled.</summary>
    /// <returns>The package's path.</returns>
    public static string PackPointerToEveryRuntime(string folder)
    {
        _ = WithTool;
        PackTool(folder, "-p:PackEveryRuntime=true");
        return Directory.GetFiles(folder, "*.nupkg").Single();
    }

    /// <summary>Removes the feed and what was restored from it.</summary>
    public static void Delete()
    {
        if (TheFolder.IsValueCreated)
            Directory.Delete(TheFolder.Value, recursive: true);
    }

    private static string PackMSBuild()
    {
        Command.Dotnet(Repository.Root,
            ["pack", Path.Combine("src", "ModelGate.MSBuild"), "-c", Configuration, "-o", Folder, "-p:PackageVersion=" + Version, "-nologo", "-v:q", "--no-build"]).AssertPassed();
        return Path.Combine(Folder, $"ModelGate.MSBuild.{Version}.nupkg");
    }

    // Ahead-of-time compilation wants Release; folders of its own, so that a build of the checkout finds nothing changed.
    private static string PackTool(string folder, params string[] arguments)
    {
        Command.Dotnet(Repository.Root,
            ["pack", Path.Combine("src", "ModelGate.Tool"), "-o", folder, "--artifacts-path", Path.Combine(Folder, "artifacts"), "-p:Version=" + Version, "-nologo", "-v:q", .. arguments]).AssertPassed();
        return folder;
    }
}
