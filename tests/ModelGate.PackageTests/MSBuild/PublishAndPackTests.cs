using ModelGate.PackageTests.Setup;

namespace ModelGate.PackageTests.MSBuild;

[TestClass]
public class PublishAndPackTests
{
    private const string Deployed = """<Content Include="models/m.onnx" CopyToOutputDirectory="PreserveNewest" />""";

    [TestMethod]
    public void Publish_stops_a_breach_before_anything_is_copied_and_cites_what_build_has_judged()
    {
        using var app = new Consumer();
        app.Project(Deployed).Model("models/m.onnx", 64, 64).SizeLimit("{ warn: 1 kB, max: 1 MB }");

        var both = app.Dotnet("publish", "-nologo", "-v:m", "-c", "Debug", "-clp:NoSummary").AssertPassed();
        Assert.AreEqual(1, both.LinesBeforeSummary.Count(line => line.Contains("warning MG1002", StringComparison.Ordinal)), both.ToString());
        Assert.IsTrue(app.Has("bin/Debug/net10.0/publish/models/m.onnx"));
        app.Dotnet("publish", "-nologo", "-v:m", "-c", "Debug", "--no-build", Consumer.NoProcess).AssertPassed().AssertSays("warning MG1002");

        Directory.Delete(app.PathOf("bin/Debug/net10.0/publish"), recursive: true);
        app.SizeLimit("1 kB");
        app.Dotnet("publish", "-nologo", "-v:m", "-c", "Debug", "--no-build").AssertFailed().AssertSays("(5,7): error MG1001: ");
        Assert.IsFalse(Directory.Exists(app.PathOf("bin/Debug/net10.0/publish")) && Directory.EnumerateFileSystemEntries(app.PathOf("bin/Debug/net10.0/publish")).Any());
    }

    [TestMethod]
    public void Pack_judges_what_the_package_holds_and_leaves_the_package_where_it_is()
    {
        using var app = new Consumer();
        app.Project(Deployed).Model("models/m.onnx", 64, 64).Write("modelgate.yml", """
            version: 1
            models:
              - path: models/m.onnx
                budgets:
                  size.in_package: 1 kB
                  size.on_disk: { warn: 1 kB, max: 1 MB }
            package:
              budgets:
                package.size: 1 kB

            """);

        app.Build("-c", "Release").AssertPassed().AssertSilentOn("in_package");
        var packed = app.Dotnet("pack", "-nologo", "-v:m", "--no-build").AssertFailed().AssertSays("modelgate.yml(5,7): error MG1001: models/m.onnx: size.in_package is ").AssertSays("modelgate.yml(9,5): error MG1001: app.1.0.0.nupkg: package.size is ");
        packed.AssertSays("warning MG1002");
        Assert.IsTrue(app.Has("bin/Release/app.1.0.0.nupkg"));
        app.Dotnet("pack", "-nologo", "-v:m", "--no-build", Consumer.NoProcess).AssertFailed().AssertSays("size.in_package is ").AssertSilentOn("MG4001");
        app.Dotnet("pack", "-nologo", "-v:m", "-p:ModelGateSkip=true").AssertPassed();
    }

    [TestMethod]
    public void A_tool_project_is_gated_through_what_it_publishes()
    {
        using var app = new Consumer();
        app.Project(Deployed, properties: "<OutputType>Exe</OutputType><PackAsTool>true</PackAsTool><UseAppHost>false</UseAppHost>").Model("models/m.onnx", 64, 64).SizeLimit("1 kB")
            .Write("Program.cs", "System.Console.WriteLine();");

        app.Dotnet("pack", "-nologo", "-v:m").AssertFailed().AssertSays("(5,7): error MG1001: models/m.onnx: ");
        app.SizeLimit("{ warn: 1 kB, max: 1 MB }").Dotnet("pack", "-nologo", "-v:m", "--no-restore").AssertPassed().AssertSays("warning MG1002");
    }
}
