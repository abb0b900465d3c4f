using ModelGate.PackageTests.Action;
using ModelGate.PackageTests.Setup;

namespace ModelGate.PackageTests;

[TestClass]
public class ThreeDoorsTests
{
    [TestMethod]
    public void Tool_MSBuild_and_action_tell_static_budgets_in_the_same_bytes()
    {
        using var app = new Consumer("my repö");
        app.Project("""<Content Include="models/*.onnx" CopyToOutputDirectory="PreserveNewest" />""").Model("models/big é.onnx", 64, 64).Model("models/small.onnx", 8, 8).Write("modelgate.yml", """
            version: 1
            models:
              - path: "models/*.onnx"
                budgets:
                  parameters: 1K
                  size.on_disk: { warn: 200 B, max: 1 kB }
                  size.on_wire.gzip: 100 B
                  size.on_wire.brotli: 50 B
                  bits_per_weight: { warn: 4, max: 64 }

            """);
        string temporary = Directory.CreateDirectory(Path.GetFullPath(app.PathOf("../runner temp"))).FullName;
        _ = Feed.WithTool;
        var action = new CompositeAction(Path.Combine(Repository.Root, "action.yml"));

        var annotated = action.Run(app.Folder, temporary, new Dictionary<string, string> { ["version"] = Feed.Version });
        var plain = action.Run(app.Folder, temporary, new Dictionary<string, string> { ["version"] = Feed.Version, ["format"] = "msbuild" });
        string tool = Path.Combine(temporary, "modelgate-" + Feed.Version, OperatingSystem.IsWindows() ? "modelgate.exe" : "modelgate");
        var direct = Command.Run(tool, app.Folder, ["check", "--format", "msbuild"]).AssertExit(1);
        var build = app.Build().AssertFailed();

        string[] lines = direct.BudgetLines;
        Assert.IsGreaterThan(5, lines.Length, direct.ToString());
        CollectionAssert.AreEqual(lines, build.BudgetLines, $"{direct}\n{build}");
        CollectionAssert.AreEqual(lines, CommandOutcome.BudgetLinesOf(plain.Log), $"{direct}\n{plain.Log}");
        string[] messages = [.. lines.Select(line => line[(line.IndexOf(" MG", StringComparison.Ordinal) + " MG1001: ".Length)..]).Order(StringComparer.Ordinal)];
        string[] annotations = [.. annotated.Annotations("error").Concat(annotated.Annotations("warning")).Select(annotation => annotation.Message).Order(StringComparer.Ordinal)];
        CollectionAssert.AreEqual(messages, annotations, $"{direct}\n{annotated.Log}");
    }
}
