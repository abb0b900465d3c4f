using ModelGate.PackageTests.Setup;

namespace ModelGate.PackageTests.MSBuild;

[TestClass]
public class MissingPartsTests
{
    private const string Model = """<None Include="m.onnx" CopyToOutputDirectory="PreserveNewest" />""";

    [TestMethod]
    public void A_project_that_deploys_a_model_needs_a_policy()
    {
        using var app = new Consumer();
        app.Project(Model).Write("m.onnx", "");

        app.Build().AssertFailed().AssertSays("app.csproj : error MG2001: ").AssertSays("modelgate init").AssertSilentOn("MG9001");
        app.Build("--no-restore", "-p:ModelGatePolicy=other/gate.yml").AssertFailed().AssertSays(app.PathOf(Path.Combine("other", "gate.yml")));
        app.Build("--no-restore", "-p:ModelGateSkip=true").AssertPassed().AssertSilentOn("MG");
    }

    [TestMethod]
    public void A_project_that_deploys_no_model_needs_none()
    {
        using var app = new Consumer();
        app.Project("").Write("undeployed.onnx", "");

        app.Build().AssertPassed().AssertSilentOn("MG");
    }

    [TestMethod]
    public void A_tool_that_cannot_start_fails_the_build_with_the_next_step()
    {
        using var app = new Consumer();
        app.Project(Model).Write("m.onnx", "").Write("modelgate.yml", "version: 1\n").Write("not-a-tool.dll", "");

        string[] broken = ["-p:ModelGateDotnetHost=" + app.PathOf("nowhere"), "-p:ModelGateTool=" + app.PathOf("nowhere.dll"), "-p:ModelGateTool=" + app.PathOf("not-a-tool.dll"), "-p:ModelGateDotnetHost=" + app.PathOf("m.onnx")];
        app.Dotnet("restore", "-v:q").AssertPassed();
        foreach (string property in broken)
            app.Build("--no-restore", property).AssertFailed().AssertSays("error MG4001: ").AssertSays("Install the .NET 10 runtime");
    }

    [TestMethod]
    public void A_tool_that_the_system_ends_is_not_taken_for_one_that_cannot_start()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Inconclusive("Windows knows no signals.");
            return;
        }

        using var app = new Consumer();
        app.Project(Model).Write("m.onnx", "").Write("modelgate.yml", "version: 1\n").Write("host", "#!/bin/sh\nkill -9 $$\n");
        File.SetUnixFileMode(app.PathOf("host"), UnixFileMode.UserRead | UnixFileMode.UserExecute);

        app.Build("-p:ModelGateDotnetHost=" + app.PathOf("host")).AssertFailed().AssertSays("error MG9001: ").AssertSays("exit code 137").AssertSilentOn("MG4001");
    }
}
