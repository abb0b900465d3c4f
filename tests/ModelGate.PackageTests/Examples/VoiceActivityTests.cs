using ModelGate.PackageTests.Setup;

namespace ModelGate.PackageTests.Examples;

/// <summary>The example as a user who copies its folder has it, with the package under the very version that it names.</summary>
[TestClass]
public sealed class VoiceActivityTests : IDisposable
{
    private static readonly string Source = Path.Combine(Repository.Root, "examples", "voice-activity");
    private readonly string root = Directory.CreateTempSubdirectory("modelgate-voice-").FullName;

    public void Dispose() => Directory.Delete(root, recursive: true);

    [TestMethod]
    public void It_builds_hears_the_voice_and_is_gated()
    {
        if (!Command.IsOnPath("npm"))
            Assert.Inconclusive("The example takes its model from npm, and npm is not here.");
        string feed = Path.Combine(root, "feed"), app = Directory.CreateDirectory(Path.Combine(root, "voice-activity")).FullName;
        foreach (string file in Directory.EnumerateFiles(Source))
            File.Copy(file, Path.Combine(app, Path.GetFileName(file)));
        OtherVersion.Write(feed, Feed.RepositoryVersion);
        File.WriteAllText(Path.Combine(app, "nuget.config"), Feed.NuGetConfig(feed));
        // A packages folder of its own: here the package has the version of a release.
        var variables = new Dictionary<string, string?> { ["NUGET_PACKAGES"] = Path.Combine(root, "packages"), ["NUGET_FALLBACK_PACKAGES"] = Feed.MachinePackages };
        string policy = Path.Combine(app, "modelgate.yml");

        Replace(policy, "latency.p95: 16 ms", "latency.p95: 16 s"); // the machine of a test run is never idle
        Command.Dotnet(app, ["build", "-nologo", "-v:q", "-p:ModelGateMeasure=all"], variables).AssertPassed();
        Command.Dotnet(app, ["run", "--no-build"], variables).AssertPassed().AssertSays("speech from 1.").AssertSays("to 3.");

        Replace(policy, "size.on_disk: 2.5 MB", "size.on_disk: 2 MB");
        Command.Dotnet(app, ["build", "-nologo", "-v:q", "--no-restore"], variables).AssertFailed().AssertSays("modelgate.yml(12,7): error MG1001: silero: size.on_disk");
    }

    [TestMethod]
    public void Its_lock_pins_hashes_and_names_no_host()
    {
        string text = File.ReadAllText(Path.Combine(Source, "package-lock.json"));

        Assert.Contains("\"integrity\": \"sha512-", text);
        Assert.DoesNotContain("resolved", text);
        Assert.DoesNotContain("://", text);
    }

    private static void Replace(string path, string before, string after)
    {
        string text = File.ReadAllText(path);
        Assert.Contains(before, text);
        File.WriteAllText(path, text.Replace(before, after, StringComparison.Ordinal));
    }
}
