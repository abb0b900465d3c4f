using ModelGate.TestModels;
using ModelGate.Tests.Tool;
using ModelGate.Tool;

namespace ModelGate.Tests.Examples;

[TestClass]
public class OverBudgetTests
{
    private static readonly string Example = Path.Combine(Repository.Root, "examples", "over-budget");

    [TestMethod]
    public void The_committed_model_is_what_this_repository_builds()
    {
        byte[] built = SmallModels.Perceptron(64, 64).ToArray();
        if (Environment.GetEnvironmentVariable("MODELGATE_UPDATE_GOLDEN") == "1")
            File.WriteAllBytes(Path.Combine(Example, "model.onnx"), built);

        CollectionAssert.AreEqual(built, File.ReadAllBytes(Path.Combine(Example, "model.onnx")), "run with MODELGATE_UPDATE_GOLDEN=1 to write it anew");
    }

    [TestMethod]
    public void The_way_back_under_the_budget_is_the_one_that_the_error_and_the_README_name()
    {
        using var folder = new TemporaryFolder();
        foreach (string file in (string[])["modelgate.yml", "model.onnx"])
            File.Copy(Path.Combine(Example, file), folder.File(file));

        var breach = CommandRun.Of("check", folder.File("modelgate.yml"), "--measure", "static");
        var compress = CommandRun.Of("compress", folder.File("model.onnx"), "--to", "int8", "-o", folder.File("model.int8.onnx"));
        File.Move(folder.File("model.int8.onnx"), folder.File("model.onnx"), overwrite: true);
        var pass = CommandRun.Of("check", folder.File("modelgate.yml"), "--measure", "static");

        const string Command = "modelgate compress model.onnx --to int8 -o model.int8.onnx";
        // As it reads in the example's own folder.
        string told = breach.Output.Replace(folder.Path + Path.DirectorySeparatorChar, "", StringComparison.Ordinal).Replace(folder.Path.Replace(Path.DirectorySeparatorChar, '/') + "/", "", StringComparison.Ordinal);
        Assert.AreEqual((int)ExitCode.Breach, breach.ExitCode, breach.Output);
        StringAssert.Contains(told, $"`{Command}`");
        string walk = File.ReadAllText(Path.Combine(Example, "README.md"));
        StringAssert.Contains(walk, Command);
        AssertFigure(walk, "over by ", told);
        AssertFigure(walk, "int8.onnx        # ", compress.Output);
        // The whole line as the README has it, its next step left out.
        string line = File.ReadLines(Path.Combine(Repository.Root, "README.md")).Single(static line => line.StartsWith("modelgate.yml(", StringComparison.Ordinal) && line.Contains(Command, StringComparison.Ordinal));
        foreach (string part in line.Split(" … "))
            StringAssert.Contains(told, part);
        Assert.AreEqual((int)ExitCode.Pass, compress.ExitCode, compress.Error);
        Assert.AreEqual((int)ExitCode.Pass, pass.ExitCode, pass.Output);
    }

    // What is written behind some words, up to the unit, is what the tool says.
    private static void AssertFigure(string walk, string behind, string said)
    {
        int from = walk.IndexOf(behind, StringComparison.Ordinal) + behind.Length;
        string figure = walk[from..(walk.IndexOf("kB", from, StringComparison.Ordinal) + 2)];
        StringAssert.Contains(said, figure);
    }
}
