using System.Xml.Linq;
using ModelGate.PackageTests.Setup;

namespace ModelGate.PackageTests.MSBuild;

/// <summary>A project's models are timed with the ONNX Runtime that the project itself resolves.</summary>
[TestClass]
public class TimingTests
{
    private const string Deployed = """<Content Include="m.onnx" CopyToOutputDirectory="PreserveNewest" />""", MeasureAll = "-p:ModelGateMeasure=all";

    private static string RuntimeVersion { get; } =
        XDocument.Load(Path.Combine(Repository.Root, "Directory.Packages.props")).Descendants("OnnxRuntimeVersion").Single().Value;

    [TestMethod]
    [DataRow("")]
    [DataRow("""ExcludeAssets="all" """, DisplayName = "without a file of it in the output")]
    public void The_runtime_that_the_project_references_times_its_models(string attributes)
    {
        using var app = new Consumer("my app é 模型");
        app.Project(Deployed + Runtime(attributes)).Model("m.onnx", 4, 2).TimeLimit();

        app.Build("-v:d", MeasureAll).AssertPassed().AssertSays($"with ONNX Runtime {RuntimeVersion} (Microsoft.ML.OnnxRuntime {RuntimeVersion})");
    }

    [TestMethod]
    public void The_runtime_that_another_project_brings_along_times_them_too()
    {
        using var app = new Consumer();
        app.Project(Deployed + """<ProjectReference Include="lib/lib.csproj" />""", properties: "<EnableDefaultItems>false</EnableDefaultItems>").Model("m.onnx", 4, 2).TimeLimit().Write("lib/lib.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup>
              <ItemGroup>{Runtime("")}</ItemGroup>
            </Project>
            """);

        app.Build("-v:d", MeasureAll).AssertPassed().AssertSays($"with ONNX Runtime {RuntimeVersion} (Microsoft.ML.OnnxRuntime {RuntimeVersion})");
    }

    [TestMethod]
    public void A_project_that_resolves_none_is_told_what_to_reference()
    {
        using var app = new Consumer();
        app.Project(Deployed).Model("m.onnx", 4, 2).TimeLimit();

        app.Build(MeasureAll).AssertFailed().AssertSays("modelgate.yml(5,7): error MG4002: ").AssertSays("<PackageReference Include=\"Microsoft.ML.OnnxRuntime\" Version=\"");
        app.Build("--no-restore").AssertPassed().AssertSays("latency.p50 of m.onnx deferred").AssertSilentOn("MG4002");
    }

    [TestMethod]
    public void Build_publish_and_pack_share_one_timing()
    {
        using var app = new Consumer();
        app.Project(Deployed + Runtime("")).Model("m.onnx", 4, 2).TimeLimit();

        app.Build("-c", "Release", MeasureAll).AssertPassed();
        string timing = Timing(app);
        app.Dotnet("publish", "-nologo", "-v:m", "--no-build", MeasureAll).AssertPassed();
        app.Dotnet("pack", "-nologo", "-v:m", "--no-build", MeasureAll).AssertPassed();
        Assert.AreEqual(timing, Timing(app), "a second timing would have other samples");

        static string Timing(Consumer app) => string.Concat(Directory.GetFiles(app.PathOf(Path.Combine("obj", "modelgate")), "*.timing").Order(StringComparer.Ordinal).Select(File.ReadAllText));
    }

    [TestMethod]
    public void CI_measures_everything_and_a_desk_what_needs_no_run()
    {
        using var app = new Consumer();
        app.Project("");
        app.Dotnet("restore", "-v:q").AssertPassed();

        foreach (var (ci, measure) in ((string, string)[])[("true", "all"), ("1", "all"), ("false", "static"), ("0", "static"), ("", "static")])
            Assert.AreEqual(measure, app.DotnetInCI(ci, "msbuild", "-nologo", "-getProperty:ModelGateMeasure").AssertPassed().Output.Trim(), $"CI={ci}");
        Assert.AreEqual("static", app.DotnetInCI("true", "msbuild", "-nologo", "-getProperty:ModelGateMeasure", "-p:ModelGateMeasure=static").AssertPassed().Output.Trim());
    }

    private static string Runtime(string attributes) => $"""<PackageReference Include="Microsoft.ML.OnnxRuntime" Version="{RuntimeVersion}" {attributes}/>""";
}
