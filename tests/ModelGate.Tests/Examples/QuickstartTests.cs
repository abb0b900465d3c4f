using ModelGate.TestModels;

namespace ModelGate.Tests.Examples;

[TestClass]
public class QuickstartTests
{
    private static readonly string Model = Path.Combine(Repository.Root, "examples", "quickstart", "models", "classifier.onnx");

    [TestMethod]
    public void The_committed_model_is_what_this_repository_builds()
    {
        byte[] built = SmallModels.Convolutional().ToArray();
        if (Environment.GetEnvironmentVariable("MODELGATE_UPDATE_GOLDEN") == "1")
            File.WriteAllBytes(Model, built);

        CollectionAssert.AreEqual(built, File.ReadAllBytes(Model), "run with MODELGATE_UPDATE_GOLDEN=1 to write it anew");
        Assert.IsLessThanOrEqualTo(64 * 1024, built.Length);
    }
}
