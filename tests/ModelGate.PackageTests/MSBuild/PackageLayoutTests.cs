using System.IO.Compression;
using System.Reflection.PortableExecutable;
using System.Xml.Linq;
using ModelGate.PackageTests.Setup;

namespace ModelGate.PackageTests.MSBuild;

[TestClass]
public class PackageLayoutTests
{
    [TestMethod]
    public void Package_carries_task_tool_and_targets_and_depends_on_nothing()
    {
        using var package = ZipFile.OpenRead(Feed.MSBuild);
        var files = package.Entries.Select(entry => entry.FullName).ToArray();

        foreach (string file in (string[])["build/ModelGate.MSBuild.props", "build/ModelGate.MSBuild.targets", "buildMultiTargeting/ModelGate.MSBuild.props",
            "buildMultiTargeting/ModelGate.MSBuild.targets", "tasks/netstandard2.0/ModelGate.MSBuild.dll", "tools/net10.0/any/modelgate.dll"])
            CollectionAssert.Contains(files, file);
        string[] folders = [.. files.Where(file => file.Contains('/', StringComparison.Ordinal)).Select(file => file.Split('/')[0]).Distinct().Where(folder => folder is not ("_rels" or "package"))];
        CollectionAssert.AreEquivalent(new[] { "build", "buildMultiTargeting", "tasks", "tools" }, folders, "nothing may flow into a consumer's output");
        Assert.IsEmpty(files.Where(file => file.Contains("onnxruntime", StringComparison.OrdinalIgnoreCase)), "the runtime is the project's own");
        Assert.IsLessThan(5_000_000, new FileInfo(Feed.MSBuild).Length);

        using var nuspec = package.GetEntry("ModelGate.MSBuild.nuspec")!.Open();
        var metadata = XDocument.Load(nuspec).Root!.Elements().Single();
        Assert.AreEqual("true", metadata.Elements().Single(element => element.Name.LocalName == "developmentDependency").Value);
        Assert.IsEmpty(metadata.Elements().Where(element => element.Name.LocalName == "dependencies"));
    }

    [TestMethod]
    public void Task_is_compiled_ahead_of_time_for_this_platform_and_portable_for_others()
    {
        using var app = new Consumer();
        app.Project("");
        app.Dotnet("restore", "-v:q").AssertPassed();

        Assert.IsTrue(IsCompiled(TaskAssembly(app)));
        Assert.IsFalse(IsCompiled(TaskAssembly(app, "-p:NETCoreSdkPortableRuntimeIdentifier=plan9-mips")));
        Assert.AreEqual(app.PathOf("my.dll"), TaskAssembly(app, "-p:ModelGateTaskAssembly=" + app.PathOf("my.dll")));
    }

    private static string TaskAssembly(Consumer app, params string[] properties) =>
        app.Dotnet(["msbuild", "-nologo", "-getProperty:ModelGateTaskAssembly", .. properties]).AssertPassed().Output.Trim();

    private static bool IsCompiled(string assembly)
    {
        using var reader = new PEReader(File.OpenRead(assembly));
        return reader.PEHeaders.CorHeader!.ManagedNativeHeaderDirectory.Size > 0;
    }
}
