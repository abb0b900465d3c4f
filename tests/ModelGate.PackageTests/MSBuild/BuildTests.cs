using ModelGate.PackageTests.Setup;

namespace ModelGate.PackageTests.MSBuild;

[TestClass]
public class BuildTests
{
    private const string Deployed = """<None Include="m.onnx" CopyToOutputDirectory="PreserveNewest" />""";

    [TestMethod]
    public void Over_budget_fails_at_the_budgets_own_line_and_fails_again_without_a_process()
    {
        using var app = new Consumer("my app é 模型");
        app.Project(Deployed).Model("m.onnx", 64, 64).SizeLimit("1 kB");
        string breach = app.PathOf("modelgate.yml") + "(5,7): error MG1001: m.onnx: size.on_disk is ";

        var first = app.Build().AssertFailed().AssertSays(breach).AssertSays("over its limit of 1 kB").AssertSays("Next: `modelgate inspect m.onnx`");
        var second = app.Build("--no-restore", Consumer.NoProcess).AssertFailed().AssertSays(breach);

        CollectionAssert.AreEqual(first.BudgetLines, second.BudgetLines);
        app.Build("--no-restore", "-p:NoWarn=MG1001", "-p:WarningsNotAsErrors=MG1001").AssertFailed().AssertSays(breach);
        app.Build("--no-restore", "-p:ModelGateSkip=true").AssertPassed().AssertSilentOn("MG");
    }

    [TestMethod]
    public void Within_budget_passes_and_leaves_no_file_of_ours_in_the_output()
    {
        using var app = new Consumer();
        app.Project(Deployed).Model("m.onnx", 8, 8).SizeLimit("1 MB");

        app.Build().AssertPassed().AssertSilentOn("MG");
        app.Build("--no-restore", Consumer.NoProcess).AssertPassed().AssertSilentOn("MG");

        string[] output = [.. Directory.GetFiles(app.PathOf(Path.Combine("bin", "Debug", "net10.0")), "*", SearchOption.AllDirectories).Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal)];
        CollectionAssert.AreEqual(new[] { "app.deps.json", "app.dll", "app.pdb", "m.onnx" }, output);
        Assert.IsFalse(File.ReadAllText(app.PathOf("bin/Debug/net10.0/app.deps.json")).Contains("modelgate", StringComparison.OrdinalIgnoreCase));
    }

    [TestMethod]
    public void Near_the_limit_warns_on_every_build_as_any_warning_of_MSBuild()
    {
        using var app = new Consumer();
        app.Project(Deployed, properties: "<TreatWarningsAsErrors>true</TreatWarningsAsErrors>").Model("m.onnx", 64, 64).SizeLimit("{ warn: 1 kB, max: 1 MB }");
        string warning = app.PathOf("modelgate.yml") + "(5,7): warning MG1002: ";

        app.Build().AssertPassed().AssertSays(warning);
        app.Build("--no-restore", Consumer.NoProcess).AssertPassed().AssertSays(warning);
        app.Build("--no-restore", "-warnaserror").AssertFailed().AssertSays("error MG1002: ");
        app.Build("--no-restore", "-p:NoWarn=MG1002").AssertPassed().AssertSilentOn("MG1002");
    }

    [TestMethod]
    public void Whatever_changes_is_judged_anew()
    {
        using var app = new Consumer();
        app.Project(Deployed).Model("m.onnx", 8, 8).SizeLimit("1 MB");
        app.Build().AssertPassed();

        app.SizeLimit("100 B");
        app.Build("--no-restore").AssertFailed().AssertSays("error MG1001: ");
        app.SizeLimit("1 MB").Build("--no-restore").AssertPassed();
        var written = File.GetLastWriteTimeUtc(app.PathOf("m.onnx"));
        app.Model("m.onnx", 800, 800);
        File.SetLastWriteTimeUtc(app.PathOf("m.onnx"), written);
        app.Build("--no-restore").AssertFailed().AssertSays("error MG1001: ");
        app.Model("m.onnx", 8, 8).Build("--no-restore").AssertPassed();
        app.Build("--no-restore", "-p:ModelGateMeasure=all", Consumer.NoProcess).AssertFailed().AssertSays("MG4001");
        app.Build("--no-restore", "-p:ModelGateMeasure=some").AssertFailed().AssertSays("error MG2090: ");
        app.Write("other/modelgate.dll", "").Build("--no-restore", "-p:ModelGateTool=" + app.PathOf("other/modelgate.dll")).AssertFailed().AssertSays("MG4001");
        app.Build("--no-restore").AssertPassed();

        foreach (string receipt in Directory.GetFiles(app.PathOf(Path.Combine("obj", "modelgate")), "*.receipt"))
            File.WriteAllText(receipt, File.ReadAllText(receipt).Replace("exit\t0", "exit\t1", StringComparison.Ordinal));
        app.Build("--no-restore").AssertPassed();
        app.Project("").Build("--no-restore", "-p:ModelGatePolicy=gone.yml").AssertPassed().AssertSilentOn("MG");
    }

    [TestMethod]
    public void Every_kind_of_deployed_model_is_judged_and_no_other()
    {
        string[] kinds = ["Content", "EmbeddedResource", "Resource", "MauiAsset", "AndroidAsset", "BundleResource", "AvaloniaResource", "ModelGateModel"];
        using var app = new Consumer();
        app.Project(string.Join("\n", kinds.Select(kind => $"""<{kind} Include="models/{kind}.onnx" />"""))
            + """<None Include="models/copied.onnx" CopyToOutputDirectory="Always" /><None Include="models/undeployed.onnx" /><ProjectReference Include="lib/lib.csproj" />""",
            properties: "<EnableDefaultItems>false</EnableDefaultItems>");
        app.Write("lib/lib.csproj", """
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup>
              <ItemGroup><Content Include="referenced.onnx" CopyToOutputDirectory="PreserveNewest" /></ItemGroup>
            </Project>
            """).Model("lib/referenced.onnx", 64, 64).SizeLimit("1 kB");
        string[] judged = [.. kinds.Select(kind => $"models/{kind}.onnx"), "models/copied.onnx", "lib/referenced.onnx"];
        foreach (string model in judged[..^1])
            app.Model(model, 64, 64);
        app.Model("models/undeployed.onnx", 64, 64);

        var outcome = app.Build().AssertFailed().AssertSilentOn("undeployed");

        foreach (string model in judged)
            outcome.AssertSays($"error MG1001: {model}: ");
    }

    [TestMethod]
    public void A_design_time_build_does_nothing()
    {
        using var app = new Consumer();
        app.Project(Deployed).Model("m.onnx", 64, 64).SizeLimit("1 kB");
        app.Dotnet("restore", "-v:q").AssertPassed();

        app.Build("--no-restore", "-p:DesignTimeBuild=true").AssertPassed().AssertSilentOn("MG");
        Assert.IsFalse(Directory.Exists(app.PathOf("obj/modelgate")));
    }

    [TestMethod]
    public void Builds_at_once_give_one_verdict()
    {
        using var app = new Consumer();
        app.Project(Deployed).Model("m.onnx", 64, 64).SizeLimit("1 kB");
        app.Dotnet("restore", "-v:q").AssertPassed();

        var outcomes = new CommandOutcome[4];
        Parallel.For(0, outcomes.Length, i => outcomes[i] = app.Dotnet("msbuild", "-nologo", "-v:d", "-t:ModelGateBuild"));

        foreach (var outcome in outcomes)
            outcome.AssertFailed().AssertSays("(5,7): error MG1001: ").AssertSilentOn("MG9001");
        Assert.AreEqual(1, outcomes.Count(outcome => outcome.Output.Contains("modelgate.dll check ", StringComparison.Ordinal)), "one judges, the others cite");
    }

    [TestMethod]
    public void A_breach_that_the_caller_tolerates_still_fails_publish()
    {
        using var app = new Consumer();
        app.Project(Deployed).Model("m.onnx", 64, 64).SizeLimit("1 kB").Write("all.proj", """
            <Project>
              <Target Name="Build"><MSBuild Projects="app.csproj" Targets="Restore" /><MSBuild Projects="app.csproj" Targets="Build" ContinueOnError="true" Properties="After=restore" /></Target>
              <Target Name="Publish" DependsOnTargets="Build"><MSBuild Projects="app.csproj" Targets="Publish" Properties="NoBuild=true" /></Target>
            </Project>
            """);

        app.Dotnet("msbuild", "all.proj", "-nologo", "-t:Build").AssertSays("MG1001");
        app.Dotnet("msbuild", "all.proj", "-nologo", "-t:Publish").AssertFailed();
        Assert.IsFalse(app.Has("bin/Debug/net10.0/publish/m.onnx"));
    }

    [TestMethod]
    public void Entries_for_models_of_other_projects_are_deferred_and_listed()
    {
        using var app = new Consumer();
        app.Project(Deployed).Model("m.onnx", 8, 8).Write("modelgate.yml", """
            version: 1
            models:
              - path: m.onnx
                budgets: { size.on_disk: 1 MB }
              - path: other/elsewhere.onnx
                budgets: { size.on_disk: 1 MB }

            """);

        app.Build("-v:d").AssertPassed().AssertSays("this project deploys no model that `other/elsewhere.onnx` matches").AssertSays("PASS  1 passed, 1 deferred").AssertSilentOn("warning MG");
    }

    [TestMethod]
    public void A_policy_that_changes_while_a_node_lives_on_is_judged_anew()
    {
        using var app = new Consumer();
        app.Project(Deployed).Model("m.onnx", 64, 64).SizeLimit("1 MB").SizeLimit("1 kB", "later.yml").Write("twice.proj", """
            <Project>
              <Target Name="Build">
                <MSBuild Projects="app.csproj" Targets="Build" Properties="Turn=1" />
                <Copy SourceFiles="later.yml" DestinationFiles="modelgate.yml" />
                <MSBuild Projects="app.csproj" Targets="Build" Properties="Turn=2" />
              </Target>
            </Project>
            """);
        app.Dotnet("restore", "app.csproj", "-v:q").AssertPassed();

        var outcome = app.Dotnet("msbuild", "twice.proj", "-nologo", "-v:d", "-m:1").AssertFailed().AssertSays("modelgate.yml(5,7): error MG1001: ");
        Assert.AreEqual(2, outcome.Lines.Count(line => line.Contains("modelgate.dll check ", StringComparison.Ordinal)), outcome.ToString());
    }
}
