using ModelGate.PackageTests.Setup;

namespace ModelGate.PackageTests.Runtime;

/// <summary>
/// A copy of what the repository has to supply ONNX Runtime with, beside two small projects that need it, in a folder with an empty
/// packages folder. It is asked for 1.26.0, which the repository itself does not use.
/// </summary>
internal sealed class Supply : IDisposable
{
    /// <summary>The version asked for.</summary>
    public const string Version = "1.26.0";

    /// <summary>What is said where packages are made.</summary>
    public const string Making = "packing it from npm";

    private readonly string root = Directory.CreateTempSubdirectory("modelgate-supply-").FullName;

    public Supply()
    {
        Copy(Path.Combine("build", "onnxruntime"), "Directory.Packages.props", "global.json");
        foreach (string project in (string[])["one", "two"])
        {
            Directory.CreateDirectory(Path.Combine(root, project));
            File.WriteAllText(Path.Combine(root, project, project + ".csproj"), """
                <Project Sdk="Microsoft.NET.Sdk">
                  <PropertyGroup>
                    <TargetFramework>net10.0</TargetFramework>
                  </PropertyGroup>
                  <ItemGroup>
                    <PackageReference Include="Microsoft.ML.OnnxRuntime" />
                  </ItemGroup>
                  <Import Project="../build/onnxruntime/OnnxRuntime.targets" />
                </Project>
                """);
        }
    }

    /// <summary>The feed that packages are made into.</summary>
    public string Feed => Path.Combine(root, "build", "onnxruntime", "feed");

    /// <summary>True once the version asked for was made; false where a configured source carried it.</summary>
    public bool HasMade => File.Exists(Path.Combine(Feed, $"Microsoft.ML.OnnxRuntime.{Version}.nupkg"));

    /// <summary>Restores one of the two projects.</summary>
    /// <param name="project"><c>one</c> or <c>two</c>.</param>
    /// <param name="path">The search path for programs; null for the machine's own.</param>
    public CommandOutcome Restore(string project, string? path = null)
    {
        Dictionary<string, string?> variables = new()
        {
            ["NUGET_PACKAGES"] = Path.Combine(root, "packages"),
            ["NUGET_FALLBACK_PACKAGES"] = Setup.Feed.MachinePackages,
        };
        if (path is not null)
            variables["PATH"] = path;
        return Command.Dotnet(Path.Combine(root, project), ["restore", "-nologo", "-v:q", "-p:OnnxRuntimeVersion=" + Version], variables);
    }

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(root, recursive: true);

    // As a clean clone has it: without what was made or unpacked there.
    private void Copy(string folder, params string[] files)
    {
        string source = Path.Combine(Repository.Root, folder);
        string[] left = ["obj", "bin", "node_modules"];
        var all = new DirectoryInfo(source).EnumerateFiles("*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(Repository.Root, file.FullName))
            .Where(file => Path.GetExtension(file) != ".nupkg" && !file.Split(Path.DirectorySeparatorChar).Intersect(left).Any());
        foreach (string file in all.Concat(files))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(root, file))!);
            File.Copy(Path.Combine(Repository.Root, file), Path.Combine(root, file));
        }
    }
}
