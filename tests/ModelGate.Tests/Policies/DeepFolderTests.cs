using System.Text;
using ModelGate.Policies;

namespace ModelGate.Tests.Policies;

[TestClass]
public class DeepFolderTests
{
    // Each tree alone is within what Linux takes as a path (4,096 bytes); one inside the other is beyond it.
    private const int Levels = 10, NameLength = 230;

    [TestMethod]
    public void A_folder_too_deep_to_be_reached_is_an_error_and_not_passed_over()
    {
        if (!OperatingSystem.IsLinux()) Assert.Inconclusive("Only Linux makes paths longer than it opens.");
        using var folder = new TemporaryFolder();
        string outer = Tree(folder.File("outer")), inner = folder.File("inner"), moved = Path.Combine(outer, "inner");
        File.WriteAllBytes(Path.Combine(Tree(inner), "model.onnx"), [1]);
        Directory.Move(inner, moved);
        try
        {
            var reading = PolicyReader.Parse(Encoding.UTF8.GetBytes("version: 1\nmodels:\n  - path: \"**/*.onnx\"\n    budgets:\n      size.on_disk: 1 MB\n"), folder.File("modelgate.yml"), "1.0.0");

            var selection = ModelSelection.FromDisk(reading.Policy!);

            Assert.IsTrue(selection.Diagnostics.Any(diagnostic => diagnostic.Kind == Diagnostics.ModelUnreadable && diagnostic.Message.Contains("cannot be reached", StringComparison.Ordinal)));
        }
        finally
        {
            Directory.Move(moved, inner);
        }
    }

    private static string Tree(string root)
    {
        string path = root;
        for (int i = 0; i < Levels; i++)
            path = Path.Combine(path, new string((char)('a' + i), NameLength));
        return Directory.CreateDirectory(path).FullName;
    }
}
