using ModelGate.TestModels;
using ModelGate.Tool;

namespace ModelGate.Tests.Tool;

/// <summary><c>modelgate init</c>: the policy that it writes.</summary>
[TestClass]
public sealed class InitTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [TestMethod]
    public void Init_writes_a_policy_that_the_models_pass_and_never_replaces_one()
    {
        folder.Write("model.onnx", Model);
        Directory.CreateDirectory(folder.File("größe und mehr"));
        folder.Write("größe und mehr/zweites.onnx", Model);

        var first = Run("init", folder.Path);
        var check = Run("check", folder.File("modelgate.yml"));
        var second = Run("init", folder.Path);
        var forced = Run("init", folder.Path, "--force");

        Assert.AreEqual((int)ExitCode.Pass, first.ExitCode, first.Error);
        StringAssert.Contains(first.Output, "for 2 models");
        StringAssert.StartsWith(File.ReadAllText(folder.File("modelgate.yml")), "# yaml-language-server: $schema=modelgate.schema.json");
        Assert.AreEqual(Run("schema").Output, File.ReadAllText(folder.File("modelgate.schema.json")));
        Assert.AreEqual((int)ExitCode.Pass, check.ExitCode, check.Output);
        StringAssert.Contains(check.Output, "PASS  5 passed");
        Assert.AreEqual((int)ExitCode.PolicyOrUsage, second.ExitCode, second.Output);
        StringAssert.Contains(second.Error, "already there");
        Assert.AreEqual((int)ExitCode.Pass, forced.ExitCode, forced.Error);
    }

    [TestMethod]
    public void Init_of_a_project_finds_the_models_that_it_takes_from_elsewhere()
    {
        Directory.CreateDirectory(folder.File("shared/inner"));
        Directory.CreateDirectory(folder.File("app"));
        foreach (string model in (string[])["shared/one.onnx", "shared/inner/two.onnx", "shared/other.onnx", "app/own.onnx"])
            folder.Write(model, Model);
        folder.Write("shared/notes.txt", [1]);
        File.WriteAllText(folder.File("app/app.csproj"), """
            <Project><ItemGroup>
              <None Include="..\shared\one.onnx; ..\shared\notes.txt; $(Elsewhere)\*.onnx" />
              <Content Include="../shared/inner/**/*.onnx" /><Compile Include="own.cs" />
            </ItemGroup></Project>
            """);

        var run = Run("init", folder.File("app/app.csproj"));

        Assert.AreEqual((int)ExitCode.Pass, run.ExitCode, run.Error);
        string policy = File.ReadAllText(folder.File("app/modelgate.yml"));
        foreach (string path in (string[])["\"own.onnx\"", "\"../shared/one.onnx\"", "\"../shared/inner/two.onnx\""])
            Assert.Contains($"  - path: {path}", policy);
        Assert.DoesNotContain("other.onnx", policy);
        Assert.AreEqual((int)ExitCode.Pass, Run("check", folder.File("app/modelgate.yml")).ExitCode);
    }

    [TestMethod]
    public void Init_tells_of_a_model_that_it_cannot_measure()
    {
        folder.Write("model.onnx", Model);
        folder.Write("empty.onnx", []);

        var run = Run("init", folder.Path);

        Assert.AreEqual((int)ExitCode.NotJudged, run.ExitCode, run.Error);
        StringAssert.Contains(run.Error, "empty.onnx: error MG3002: left out of the policy");
        StringAssert.Contains(run.Output, "for 1 model");
    }

    [TestMethod]
    public void Init_that_cannot_write_says_so_and_leaves_no_policy()
    {
        Directory.CreateDirectory(folder.File("modelgate.schema.json"));

        var run = Run("init", folder.Path);

        Assert.AreEqual((int)ExitCode.Internal, run.ExitCode, run.Error);
        StringAssert.Contains(run.Error, "modelgate.schema.json: error MG9002: The file could not be written: ");
        Assert.DoesNotContain("   at ", run.Error);
        Assert.IsFalse(File.Exists(folder.File("modelgate.yml")));
    }

    private static byte[] Model { get; } = SmallModels.Dense().ToArray();

    private static CommandRun Run(params string[] args) => CommandRun.Of(args);
}
