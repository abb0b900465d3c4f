using ModelGate.PackageTests.Setup;

namespace ModelGate.PackageTests.Runtime;

/// <summary>ONNX Runtime where no configured source carries it, and the version that a project ships.</summary>
[TestClass]
public sealed class RuntimeSupplyTests
{
    // Made once for all tests here: a download and two packs. Two restores at once, as a solution's would be.
    private static readonly Lazy<Made> Shared = new(static () =>
    {
        var supply = new Supply();
        CommandOutcome? one = null, two = null;
        Parallel.Invoke(() => one = supply.Restore("one"), () => two = supply.Restore("two"));
        return new(supply, [one!, two!]);
    });

    private sealed record Made(Supply Supply, CommandOutcome[] Restores);

    [ClassCleanup]
    public static void RemoveTheCopy()
    {
        if (Shared.IsValueCreated)
            Shared.Value.Supply.Dispose();
    }

    [TestMethod]
    public void Two_restores_at_once_both_succeed_and_one_makes_the_packages()
    {
        NeedNpm();
        foreach (var restore in Shared.Value.Restores)
            restore.AssertPassed();
        if (!Shared.Value.Supply.HasMade)
            Assert.Inconclusive($"A configured source carries ONNX Runtime {Supply.Version}, so nothing had to be made.");

        Assert.HasCount(1, Shared.Value.Restores.Where(restore => restore.Output.Contains(Supply.Making, StringComparison.Ordinal)).ToArray());
        Shared.Value.Supply.Restore("one").AssertPassed().AssertSilentOn(Supply.Making);
    }

    [TestMethod]
    public void Without_npm_the_restore_fails_and_says_what_to_install()
    {
        using var supply = new Supply();

        var restore = supply.Restore("one", path: Path.Combine(supply.Feed, "no-such-folder"));

        if (restore.ExitCode == 0)
            Assert.Inconclusive($"A configured source carries ONNX Runtime {Supply.Version}, so npm was not asked.");
        restore.AssertSays($"No configured NuGet source carries Microsoft.ML.OnnxRuntime {Supply.Version}, and packing it from npm failed.")
            .AssertSays("Install npm (it comes with Node.js)").AssertSays("or add a NuGet source that has the package");
        Assert.IsFalse(supply.HasMade);
    }

    [TestMethod]
    [DataRow("1.29.0", false)]
    [DataRow(Supply.Version, false)]
    [DataRow(Supply.Version, true, DisplayName = Supply.Version + " that another project brings along")]
    public void A_build_times_the_runtime_that_the_project_ships_and_names_it(string version, bool isTransitive)
    {
        if (version == Supply.Version)
        {
            NeedNpm();
            Shared.Value.Restores[0].AssertPassed();
        }

        string source = version == Supply.Version ? $"<RestoreAdditionalProjectSources>{Shared.Value.Supply.Feed}</RestoreAdditionalProjectSources>" : "";
        string runtime = $"""<PackageReference Include="Microsoft.ML.OnnxRuntime" Version="{version}" />""";
        using var app = new Consumer();
        app.Project($"""
                <None Include="m.onnx" CopyToOutputDirectory="PreserveNewest" />
                {(isTransitive ? """<ProjectReference Include="lib/lib.csproj" />""" : runtime)}
                """, properties: source + "<EnableDefaultItems>false</EnableDefaultItems>")
            .Write("lib/lib.csproj", $"""
                <Project Sdk="Microsoft.NET.Sdk">
                  <PropertyGroup><TargetFramework>net10.0</TargetFramework>{source}</PropertyGroup>
                  <ItemGroup>{runtime}</ItemGroup>
                </Project>
                """)
            .Model("m.onnx", 8, 8)
            .Write("modelgate.yml", """
                version: 1
                models:
                  - path: "**/*.onnx"
                    budgets:
                      latency.p50: 30 s

                """);

        app.Build("-p:ModelGateMeasure=all").AssertPassed();

        string[] kept = [.. Directory.GetFiles(app.PathOf(Path.Combine("obj", "modelgate"))).Select(File.ReadAllText)];
        Assert.IsTrue(kept.Any(text => text.Contains($"with ONNX Runtime {version} (Microsoft.ML.OnnxRuntime {version})", StringComparison.Ordinal)), string.Join('\n', kept));
    }

    private static void NeedNpm()
    {
        if (!Command.IsOnPath("npm"))
            Assert.Inconclusive("Where no configured source carries ONNX Runtime it is made from an npm package, and npm is not here.");
    }
}
