using ModelGate.TestModels;

namespace ModelGate.PackageTests.Setup;

/// <summary>A user's folder outside of the repository, with projects that reference the MSBuild package from the folder feed. Deleted with the test.</summary>
internal sealed class Consumer : IDisposable
{
    private readonly string root;

    /// <summary>An empty folder.</summary>
    /// <param name="name">Its name; may hold anything a file system allows.</param>
    public Consumer(string name = "app")
    {
        root = Directory.CreateTempSubdirectory("modelgate-consumer-").FullName;
        Folder = Directory.CreateDirectory(Path.Combine(root, name)).FullName;
        Write("nuget.config", Feed.NuGetConfig());
        Directory.CreateDirectory(Path.Combine(Folder, ".git")); // the search for a policy ends here
    }

    /// <summary>Full path.</summary>
    public string Folder { get; }

    /// <summary>The reference that switches the gate on.</summary>
    public static string PackageReference
    {
        get
        {
            Assert.IsTrue(File.Exists(Feed.MSBuild));
            return $"""<PackageReference Include="ModelGate.MSBuild" Version="{Feed.Version}" PrivateAssets="all" />""";
        }
    }

    /// <summary>Full path of a file.</summary>
    public string PathOf(string path) => Path.Combine(Folder, path);

    /// <summary>True where a file exists.</summary>
    public bool Has(string path) => File.Exists(PathOf(path));

    /// <summary>Writes a file and the folders above it.</summary>
    public Consumer Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(PathOf(path))!);
        File.WriteAllText(PathOf(path), text);
        return this;
    }

    /// <summary>Writes a model of one dense layer: 4 × inputs × outputs bytes of weights and a little more.</summary>
    public Consumer Model(string path, int inputs, int outputs)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(PathOf(path))!);
        SmallModels.Dense(inputs, outputs).Save(PathOf(path));
        return this;
    }

    /// <summary>Writes a policy that gives every model a size; the budget's line is the fifth, its column the seventh.</summary>
    public Consumer SizeLimit(string limit, string path = "modelgate.yml") => Write(path, $"""
        version: 1
        models:
          - path: "**/*.onnx"
            budgets:
              size.on_disk: {limit}

        """);

    /// <summary>Writes a policy that lets every model take ten seconds, which even a busy machine keeps.</summary>
    public Consumer TimeLimit() => Write("modelgate.yml", """
        version: 1
        models:
          - path: "**/*.onnx"
            budgets:
              latency.p50: 10 s

        """);

    /// <summary>Writes a library's project file that references the package.</summary>
    /// <param name="items">Its items.</param>
    /// <param name="path">Its path.</param>
    /// <param name="frameworks">One framework, or several separated by semicolons.</param>
    /// <param name="properties">More properties.</param>
    public Consumer Project(string items, string path = "app.csproj", string frameworks = "net10.0", string properties = "")
    {
        string targets = frameworks.Contains(';', StringComparison.Ordinal) ? "TargetFrameworks" : "TargetFramework";
        return Write(path, $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <{targets}>{frameworks}</{targets}>
                {properties}
              </PropertyGroup>
              <ItemGroup>
                {PackageReference}
                {items}
              </ItemGroup>
            </Project>
            """);
    }

    /// <summary>Runs <c>dotnet</c> in the folder.</summary>
    public CommandOutcome Dotnet(params string[] arguments) => Command.Dotnet(Folder, arguments, Feed.Variables);

    /// <summary>Runs <c>dotnet</c> in the folder as a CI service does, which sets the variable <c>CI</c>.</summary>
    /// <param name="ci">Its value.</param>
    /// <param name="arguments">Arguments, each as it is.</param>
    public CommandOutcome DotnetInCI(string ci, params string[] arguments) => Command.Dotnet(Folder, arguments, new Dictionary<string, string?>(Feed.Variables) { ["CI"] = ci });

    /// <summary>A property under which starting the tool would fail with MG4001: a build that passes has started no process.</summary>
    public const string NoProcess = "-p:ModelGateDotnetHost=/nowhere/host";

    /// <summary>Runs <c>dotnet build</c>, quietly; warnings and errors are printed.</summary>
    public CommandOutcome Build(params string[] arguments) => Dotnet(["build", "-nologo", "-v:m", "-clp:NoSummary", .. arguments]);

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(root, recursive: true);
}
