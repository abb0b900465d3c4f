using ModelGate.PackageTests.Setup;

namespace ModelGate.PackageTests.MSBuild;

/// <summary>Builds that one process serves one after the other, as in an IDE, while what they use changes.</summary>
[TestClass]
public class LivingServerTests
{
    // What the task of the one version says and that of the other does not.
    private const string Original = "holds a modelgate.yml", Changed = "HOLDS a modelgate.yml";

    [TestMethod]
    public void A_package_that_is_updated_while_the_server_lives_on_is_the_one_that_gates()
    {
        using var app = new Consumer();
        string updated = Feed.Version + ".1";
        OtherVersion.Write(app.PathOf("feed"), updated, (Original, Changed));
        app.Write("nuget.config", Feed.NuGetConfig().Replace("</packageSources>", """<add key="updated" value="feed" /></packageSources>""", StringComparison.Ordinal));
        // Without a policy the task itself fails the build, in words that tell which of the two it is.
        app.Model("m.onnx", 8, 8).Project("""<None Include="m.onnx" CopyToOutputDirectory="PreserveNewest" />""").Write("Directory.Build.targets", """
            <Project>
              <Target Name="TellProcess" BeforeTargets="Build">
                <Message Importance="high" Text="process $([System.Environment]::ProcessId)" />
              </Target>
            </Project>
            """);
        string project = File.ReadAllText(app.PathOf("app.csproj"));

        var variables = new Dictionary<string, string?>(Feed.Variables)
        {
            ["DOTNET_CLI_USE_MSBUILD_SERVER"] = "1",
            ["MSBUILDDISABLENODEREUSE"] = null,
            ["MSBUILDENABLEALLPROPERTYFUNCTIONS"] = "1",
            ["MSBUILDNODEHANDSHAKESALT"] = updated, // a server of our own: nobody else's is asked, or ended
        };
        try
        {
            var before = Build();
            app.Write("app.csproj", project.Replace($"\"{Feed.Version}\"", $"\"{updated}\"", StringComparison.Ordinal));
            var after = Build();

            Assert.AreEqual(Process(before), Process(after), "Both builds are to be of one living process.");
            before.AssertSays(Original).AssertSilentOn(Changed);
            after.AssertSays(Changed).AssertSilentOn(Original);
        }
        finally
        {
            Command.Dotnet(app.Folder, ["build-server", "shutdown", "--msbuild"], variables);
        }

        CommandOutcome Build() => Command.Dotnet(app.Folder, ["build", "-nologo", "-v:n", "-clp:NoSummary"], variables).AssertFailed().AssertSays("error MG2001: ");

        static string Process(CommandOutcome outcome) => outcome.Lines.Single(line => line.Trim().StartsWith("process ", StringComparison.Ordinal)).Trim();
    }
}
