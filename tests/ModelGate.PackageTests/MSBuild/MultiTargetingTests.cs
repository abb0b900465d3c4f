using ModelGate.PackageTests.Setup;

namespace ModelGate.PackageTests.MSBuild;

[TestClass]
public class MultiTargetingTests
{
    private const string Items = """
        <None Include="both.onnx" CopyToOutputDirectory="PreserveNewest" />
        <EmbeddedResource Include="only.onnx" Condition="'$(TargetFramework)' == 'netstandard2.0'" />
        """;

    [TestMethod]
    public void Every_framework_is_judged_by_what_it_deploys_itself()
    {
        using var app = new Consumer();
        app.Project(Items, frameworks: "net10.0;netstandard2.0").Model("both.onnx", 8, 8).Model("only.onnx", 64, 64).SizeLimit("1 kB");

        var all = app.Build("-m").AssertFailed();
        Assert.AreEqual(1, all.LinesBeforeSummary.Count(line => line.Contains("error MG1001: only.onnx", StringComparison.Ordinal)), all.ToString());
        all.AssertSays("app.csproj::TargetFramework=netstandard2.0]").AssertSilentOn("TargetFramework=net10.0]");
        app.Build("--no-restore", "-f", "net10.0", Consumer.NoProcess).AssertPassed();
        app.Build("--no-restore", "-f", "netstandard2.0", Consumer.NoProcess).AssertFailed().AssertSays("error MG1001: only.onnx").AssertSilentOn("MG4001");
    }

    [TestMethod]
    public void One_process_serves_the_frameworks_that_deploy_the_same_and_each_of_them_reports()
    {
        using var app = new Consumer();
        app.Project("""<None Include="m.onnx" CopyToOutputDirectory="PreserveNewest" Pack="true" PackagePath="models" />""", frameworks: "net10.0;netstandard2.0").Model("m.onnx", 64, 64).SizeLimit("{ warn: 1 kB, max: 1 MB }");
        app.Dotnet("restore", "-v:q").AssertPassed();

        var build = app.Dotnet("build", "-nologo", "-v:d", "-clp:NoSummary", "-m", "--no-restore").AssertPassed();
        Assert.AreEqual(1, build.Lines.Count(line => line.Contains("modelgate.dll check ", StringComparison.Ordinal)));
        foreach (string framework in (string[])["net10.0", "netstandard2.0"])
            Assert.AreEqual(1, build.LinesBeforeSummary.Count(line => line.Contains("warning MG1002", StringComparison.Ordinal) && line.Contains($"TargetFramework={framework}]", StringComparison.Ordinal)));

        var pack = app.Dotnet("pack", "-nologo", "-v:m", "-c", "Debug", "--no-restore", "-m").AssertPassed();
        Assert.AreEqual(2, pack.LinesBeforeSummary.Count(line => line.Contains("warning MG1002", StringComparison.Ordinal)), pack.ToString());
        app.SizeLimit("1 kB").Dotnet("pack", "-nologo", "-v:m", "-c", "Debug", "--no-build").AssertFailed().AssertSays("(5,7): error MG1001: m.onnx: ");
    }

    [TestMethod]
    public void A_solution_reports_each_framework_of_a_referenced_project_once()
    {
        using var app = new Consumer();
        app.Project(Items, path: "lib/lib.csproj", frameworks: "net10.0;netstandard2.0").Model("lib/both.onnx", 64, 64).Model("lib/only.onnx", 8, 8).SizeLimit("1 kB");
        app.Write("app/app.csproj", """
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup>
              <ItemGroup><ProjectReference Include="../lib/lib.csproj" /></ItemGroup>
            </Project>
            """).Write("all.slnx", """<Solution><Project Path="app/app.csproj" /><Project Path="lib/lib.csproj" /></Solution>""");

        var outcome = app.Build("all.slnx", "-m").AssertFailed();

        foreach (string framework in (string[])["net10.0", "netstandard2.0"])
            Assert.AreEqual(1, outcome.LinesBeforeSummary.Count(line => line.Contains("error MG1001", StringComparison.Ordinal) && line.Contains($"TargetFramework={framework}]", StringComparison.Ordinal)), outcome.ToString());
    }
}
