using ModelGate.Measuring;

namespace ModelGate.Tests.Measuring;

/// <summary>Finding the runtime that a restore resolved, from assets files as NuGet writes them.</summary>
[TestClass]
public sealed class RuntimeOfProjectTests
{
    private const string Native = """ "files": ["runtimes/linux-x64/native/libonnxruntime.so", "runtimes/osx.10.14-arm64/native/libonnxruntime.dylib"] """;
    private const string Managed = """ "files": ["lib/net8.0/Microsoft.ML.OnnxRuntime.dll", "lib/netstandard2.0/Microsoft.ML.OnnxRuntime.dll"] """;

    [TestMethod]
    public void The_worker_project_itself_is_resolved_though_it_excludes_all_assets()
    {
        var location = Latency.Workers.Runtime.Location!;
        Assert.AreEqual("Microsoft.ML.OnnxRuntime 1.29.0", location.Package);
        Assert.IsTrue(File.Exists(Path.Combine(location.ManagedFolders[0], "Microsoft.ML.OnnxRuntime.dll")));
        Assert.IsTrue(File.Exists(Path.Combine(location.NativeFolders[0], RuntimeIdentifiers.LibraryOf(RuntimeIdentifiers.OfThisProcess))));
    }

    [TestMethod]
    public void Excluded_assets_still_tell_the_folder_that_was_chosen()
    {
        using var project = new Project(("Microsoft.ML.OnnxRuntime", "1.26.0", "", Native), ("Microsoft.ML.OnnxRuntime.Managed", "1.26.0", "lib/netstandard2.0/_._", Managed));
        var location = project.Find().Location!;
        Assert.EndsWith(Path.Combine("microsoft.ml.onnxruntime.managed", "1.26.0", "lib", "netstandard2.0"), location.ManagedFolders[0]);
        Assert.EndsWith(Path.Combine("microsoft.ml.onnxruntime", "1.26.0", "runtimes", "linux-x64", "native"), location.NativeFolders[0]);
        Assert.AreEqual("1.26.0", location.Version!.ToString());
    }

    [TestMethod]
    [DataRow("net10.0-windows", "net10.0-windows", DisplayName = "as SDK 10 writes it")]
    [DataRow("net8.0-windows", "net8.0-windows7.0", DisplayName = "as older SDKs write it")]
    [DataRow("netcoreapp3.1", ".NETCoreApp,Version=v3.1", DisplayName = "as all SDKs write what came before .NET 5")]
    public void The_target_of_a_framework_is_found_by_whatever_name_the_sdk_gives_it(string framework, string target)
    {
        using var project = new Project(target, framework, ("Microsoft.ML.OnnxRuntime", "1.26.0", "", Native), ("Microsoft.ML.OnnxRuntime.Managed", "1.26.0", "", Managed));
        Assert.IsNotNull(project.Find(framework: framework).Location);
        Assert.Contains("knows no target 'net9.0'", project.Find(framework: "net9.0").Failure!.Reason);
    }

    [TestMethod]
    public void A_flavour_is_taken_as_it_is_named()
    {
        using var project = new Project(("Microsoft.ML.OnnxRuntime.Gpu", "1.20.1", "", """ "files": [] """),
            ("Microsoft.ML.OnnxRuntime.Gpu.Linux", "1.20.1", "", Native), ("Microsoft.ML.OnnxRuntime.Managed", "1.20.1", "lib/net8.0/Microsoft.ML.OnnxRuntime.dll", Managed));
        Assert.AreEqual("Microsoft.ML.OnnxRuntime.Gpu.Linux 1.20.1", project.Find().Location!.Package);
    }

    [TestMethod]
    public void Several_flavours_are_an_error_that_names_them()
    {
        using var project = new Project(("Microsoft.ML.OnnxRuntime", "1.26.0", "", Native), ("Microsoft.ML.OnnxRuntime.QNN", "1.26.0", "", Native), ("Microsoft.ML.OnnxRuntime.Managed", "1.26.0", "", Managed));
        var failure = project.Find().Failure!;
        Assert.AreEqual("MG4003", failure.Kind.Code);
        Assert.Contains("Microsoft.ML.OnnxRuntime 1.26.0, Microsoft.ML.OnnxRuntime.QNN 1.26.0", failure.Reason);
    }

    [TestMethod]
    public void A_project_without_a_runtime_is_told_which_reference_to_add()
    {
        using var project = new Project(("Microsoft.ML.OnnxRuntimeGenAI", "0.5.0", "", Native));
        var failure = project.Find().Failure!;
        Assert.AreEqual("MG4002", failure.Kind.Code);
        Assert.Contains("<PackageReference Include=\"Microsoft.ML.OnnxRuntime\"", failure.Reason);
    }

    [TestMethod]
    public void A_package_without_a_library_for_this_machine_is_an_error()
    {
        using var project = new Project(("Microsoft.ML.OnnxRuntime", "1.26.0", "", Native), ("Microsoft.ML.OnnxRuntime.Managed", "1.26.0", "", Managed));
        Assert.AreEqual("MG4003", project.Find(machine: "linux-musl-x64").Failure!.Kind.Code);
        Assert.IsNotNull(project.Find(machine: "osx-arm64").Location, "an older RID of the same system");
    }

    [TestMethod]
    [DataRow("{")]
    [DataRow("{}")]
    [DataRow("[]")]
    [DataRow("""{"targets":{"net10.0":{"Microsoft.ML.OnnxRuntime/1.0.0":{}}},"libraries":{},"packageFolders":{}}""")]
    public void An_assets_file_that_is_damaged_says_to_restore(string json)
    {
        using var folder = new TemporaryFolder();
        folder.Write("project.assets.json", System.Text.Encoding.UTF8.GetBytes(json));
        var failure = RuntimeOfProject.Read(folder.File("project.assets.json"), "net10.0", "", "linux-x64").Failure!;
        Assert.AreEqual("MG4002", failure.Kind.Code);
        Assert.Contains("dotnet restore", failure.Reason);
    }

    [TestMethod]
    [DataRow("osx.10.14-arm64", "osx-arm64")]
    [DataRow("ubuntu.24.04-x64", "linux-x64")]
    [DataRow("alpine.3.20-x64", "linux-musl-x64")]
    [DataRow("linux-musl-arm64", "linux-musl-arm64")]
    [DataRow("win10-x64", "win-x64")]
    public void Rids_have_a_portable_form(string rid, string portable) => Assert.AreEqual(portable, RuntimeIdentifiers.Portable(rid));

    /// <summary>An assets file and a packages folder with what it names.</summary>
    private sealed class Project : IDisposable
    {
        private readonly TemporaryFolder folder = new();

        public Project(params (string Id, string Version, string Asset, string Files)[] packages) : this("net10.0", "net10.0", packages)
        {
        }

        public Project(string target, string alias, params (string Id, string Version, string Asset, string Files)[] packages)
        {
            foreach (var (id, version, _, _) in packages)
                Directory.CreateDirectory(folder.File(PathOf(id, version)));
            string targets = string.Join(',', packages.Select(package => $$""" "{{package.Id}}/{{package.Version}}": { "type": "package"{{(package.Asset.Length > 0 ? $$""", "compile": { "{{package.Asset}}": {} } """ : "")}} } """));
            string libraries = string.Join(',', packages.Select(package => $$""" "{{package.Id}}/{{package.Version}}": { "path": "{{PathOf(package.Id, package.Version)}}", {{package.Files}} } """));
            string root = System.Text.Json.JsonEncodedText.Encode(folder.Path).ToString();
            File.WriteAllText(folder.File("project.assets.json"), $$"""
                {
                  "targets": { "{{target}}": { {{targets}} } }, "libraries": { {{libraries}} }, "packageFolders": { "{{root}}": {} },
                  "project": { "frameworks": { "{{target}}": { "targetAlias": "{{alias}}" } } }
                }
                """);
        }

        public RuntimeSearch Find(string machine = "linux-x64", string framework = "net10.0") => RuntimeOfProject.Read(folder.File("project.assets.json"), framework, "", machine);

        public void Dispose() => folder.Dispose();

        private static string PathOf(string id, string version) => $"{id.ToLowerInvariant()}/{version}";
    }
}
