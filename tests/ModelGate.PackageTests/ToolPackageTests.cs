using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Xml.Linq;
using ModelGate.PackageTests.Setup;
using ModelGate.TestModels;

namespace ModelGate.PackageTests;

[TestClass]
public sealed class ToolPackageTests : IDisposable
{
    private static readonly string ThisMachine = RuntimeInformation.RuntimeIdentifier;
    private readonly string folder = Directory.CreateTempSubdirectory("modelgate tööl ").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [TestMethod]
    public void The_package_of_a_runtime_identifier_carries_tool_worker_and_one_native_runtime()
    {
        string native = OperatingSystem.IsWindows() ? "onnxruntime.dll" : OperatingSystem.IsMacOS() ? "libonnxruntime.dylib" : "libonnxruntime.so";
        string[] files = Tools(ThisMachine);

        bool links = !OperatingSystem.IsWindows() && (File.Exists("/usr/bin/clang") || File.Exists("/usr/bin/gcc"));
        foreach (string file in (string[])[.. links ? [Executable, "dotnet/THIRD-PARTY-NOTICES.TXT"] : (string[])["modelgate.dll", "ModelGate.Core.dll"], "worker/modelgate-worker.dll", "onnxruntime/Microsoft.ML.OnnxRuntime.dll", "onnxruntime/" + native, "onnxruntime/ThirdPartyNotices.txt"])
            CollectionAssert.Contains(files, file);
        Assert.HasCount(1, files.Where(file => file.Contains("onnxruntime", StringComparison.OrdinalIgnoreCase) && Path.GetExtension(file) is ".so" or ".dylib" || file == "onnxruntime/onnxruntime.dll").ToArray());
        Assert.IsLessThan(30_000_000, new FileInfo(Package("." + ThisMachine)).Length);
    }

    [TestMethod]
    public void The_package_for_any_machine_carries_no_native_code()
    {
        CollectionAssert.AreEquivalent(
            new[]
            {
                "DotnetToolSettings.xml", "Microsoft.Extensions.FileSystemGlobbing.dll", "ModelGate.Core.dll", "NuGet.Versioning.dll", "System.CommandLine.dll", "YamlDotNet.dll",
                "modelgate.deps.json", "modelgate.dll", "modelgate.runtimeconfig.json",
                "worker/System.Numerics.Tensors.dll", "worker/modelgate-worker.deps.json", "worker/modelgate-worker.dll", "worker/modelgate-worker.runtimeconfig.json",
            },
            Tools("any"));
        Assert.IsLessThan(2_000_000, new FileInfo(Package(".any")).Length);
    }

    [TestMethod]
    public void The_package_that_a_user_names_only_points_at_the_others()
    {
        Assert.IsLessThan(30_000, new FileInfo(Package("")).Length);
        using var package = ZipFile.OpenRead(Package(""));
        using var settings = package.Entries.Single(entry => entry.Name == "DotnetToolSettings.xml").Open();
        var document = XDocument.Load(settings);

        Assert.AreEqual("modelgate", document.Descendants("Command").Single().Attribute("Name")!.Value);
        CollectionAssert.AreEquivalent(new[] { ThisMachine, "any" }, document.Descendants("RuntimeIdentifierPackage").Select(element => element.Attribute("RuntimeIdentifier")!.Value).ToArray());
    }

    [TestMethod]
    public void Released_it_points_at_the_package_of_every_runtime_and_at_portable_ones_where_glibc_is_not()
    {
        using var package = ZipFile.OpenRead(Feed.PackPointerToEveryRuntime(folder));
        using var settings = package.Entries.Single(entry => entry.Name == "DotnetToolSettings.xml").Open();

        CollectionAssert.AreEquivalent(
            new[] { "linux-x64", "linux-arm64", "win-x64", "win-arm64", "osx-arm64", "linux-musl-x64", "linux-musl-arm64", "any" },
            XDocument.Load(settings).Descendants("RuntimeIdentifierPackage").Select(element => element.Attribute("RuntimeIdentifier")!.Value).ToArray());
    }

    [TestMethod]
    [DataRow("")]
    [DataRow(".any")]
    public void Every_package_shows_what_it_is_and_whose_work_it_carries(string suffix)
    {
        using var package = ZipFile.OpenRead(Package(suffix));
        using var nuspec = package.Entries.Single(entry => entry.Name.EndsWith(".nuspec", StringComparison.Ordinal)).Open();
        var metadata = XDocument.Load(nuspec).Root!.Elements().Single().Elements().ToLookup(element => element.Name.LocalName, element => element.Value);

        Assert.AreEqual("MIT", metadata["license"].Single());
        Assert.IsFalse(string.IsNullOrEmpty(metadata["description"].Single()));
        foreach (string file in (string[])[metadata["icon"].Single(), metadata["readme"].Single(), "THIRD-PARTY-NOTICES.txt"])
            Assert.IsNotNull(package.GetEntry(file), file);
        using var notices = new StreamReader(package.GetEntry("THIRD-PARTY-NOTICES.txt")!.Open());
        string text = notices.ReadToEnd();
        foreach (string assembly in Tools("any").Where(file => file.EndsWith(".dll", StringComparison.Ordinal)).Select(file => Path.GetFileNameWithoutExtension(file)).Where(name => !name.StartsWith("modelgate", StringComparison.OrdinalIgnoreCase)))
            Assert.Contains(assembly, text, "a work that is carried and not named");
    }

    [TestMethod]
    public void Installed_in_a_clean_place_it_weighs_times_and_judges()
    {
        string tool = Install("ModelGate");
        string model = SmallModels.Convolutional().Save(Path.Combine(folder, "m ö.onnx"));
        File.WriteAllText(Path.Combine(folder, "modelgate.yml"), """
            version: 1
            models:
              - path: "*.onnx"
                inputs: { image: { shape: [1, 3, 32, 32] } }
                budgets:
                  parameters: 6K
                  latency.p50: 10 s
            """);

        Run(tool, "--version").AssertPassed().AssertSays(Feed.Version);
        Run(tool, "check").AssertPassed();
        Run(tool, "inspect", model).AssertPassed().AssertSays("5,418");
        Run(tool, "bench", model, "--max-time", "10 s").AssertPassed().AssertSays("p50");
        Run(tool, "check", "--frobnicate").AssertExit(2);
    }

    [TestMethod]
    public void Compiled_to_native_code_it_says_what_the_portable_tool_says()
    {
        SmallModels.Convolutional().Save(Path.Combine(folder, "m.onnx"));
        File.WriteAllText(Path.Combine(folder, "broken.onnx"), "<!DOCTYPE html>");
        File.WriteAllText(Path.Combine(folder, "modelgate.yml"), """
            version: 1
            models:
              - { path: m.onnx, budgets: { parameters: 10, size.on_wire.brotli: { max: 1 MB, warn: 1 kB } } }
              - { path: broken.onnx, budgets: { parameters: 10 } }
            """);
        File.WriteAllText(Path.Combine(folder, "wrong.yml"), "version: 1\nmodels:\n  - { path: m.onnx, budgets: { parmeters: 10 } }\n");
        string native = Install("ModelGate", "native"), portable = Install("ModelGate.any", "portable");

        foreach (string line in (string[])
                 [
                     "check", "check --format json", "check --format markdown", "check --format github", "check --format msbuild", "check wrong.yml", "check nowhere.yml", "check --frobnicate",
                     "inspect m.onnx", "inspect m.onnx --format json", "inspect broken.onnx", "metrics", "metrics --format json", "schema", "explain MG1001", "explain MG0", "completions bash",
                     "compress m.onnx --to int8 -o small.onnx", "inspect small.onnx", "init --help", "--help",
                 ])
        {
            string[] arguments = line.Split(' ');
            var (first, second) = (Run(native, arguments), Run(portable, arguments));
            Assert.AreEqual(second.ExitCode, first.ExitCode, line);
            Assert.AreEqual(second.Output, first.Output, line);
        }
    }

    [TestMethod]
    public void Run_without_installing_it_returns_its_exit_code()
    {
        SmallModels.Dense().Save(Path.Combine(folder, "m.onnx"));
        File.WriteAllText(Path.Combine(folder, "modelgate.yml"), """
            version: 1
            models: [{ path: m.onnx, budgets: { parameters: 9 } }]
            """);
        string config = WriteConfig();

        Command.Dotnet(folder, ["tool", "exec", "ModelGate@" + Feed.Version, "--yes", "--configfile", config, "--", "check"], Feed.Variables).AssertExit(1).AssertSays("MG1001");
    }

    [TestMethod]
    public void On_a_machine_without_a_package_of_its_own_sizes_are_judged_and_latency_says_what_to_install()
    {
        string tool = Install("ModelGate.any");
        SmallModels.Dense().Save(Path.Combine(folder, "m.onnx"));
        File.WriteAllText(Path.Combine(folder, "modelgate.yml"), """
            version: 1
            models: [{ path: m.onnx, budgets: { parameters: 10, latency.p50: 1 s } }]
            """);

        Run(tool, "check").AssertExit(3).AssertSays("MG40").AssertSays("--runtime").AssertSays("1 unmeasured, 1 passed");
        Run(tool, "inspect", "m.onnx").AssertPassed();
    }

    private static string Executable => OperatingSystem.IsWindows() ? "modelgate.exe" : "modelgate";

    private static string Package(string suffix) => Path.Combine(Feed.WithTool, $"ModelGate{suffix}.{Feed.Version}.nupkg");

    private static string[] Tools(string runtimeIdentifier)
    {
        using var package = ZipFile.OpenRead(Package("." + runtimeIdentifier));
        // tools/FRAMEWORK/RUNTIME/…, where native code has the framework "any".
        return [.. package.Entries.Select(entry => entry.FullName.Split('/', 4)).Where(parts => parts is ["tools", _, var runtime, _] && runtime == runtimeIdentifier).Select(parts => parts[3])];
    }

    private string Install(string package, string into = "tools")
    {
        string tools = Path.Combine(folder, into);
        Command.Dotnet(folder, ["tool", "install", package, "--version", Feed.Version, "--tool-path", tools, "--configfile", WriteConfig()], Feed.Variables).AssertPassed();
        return Path.Combine(tools, Executable);
    }

    private CommandOutcome Run(string tool, params string[] arguments) => Command.Run(tool, folder, arguments);

    private string WriteConfig()
    {
        _ = Feed.WithTool; // packed before it is looked for
        string config = Path.Combine(folder, "nuget.config");
        File.WriteAllText(config, Feed.OnlySource());
        return config;
    }
}
