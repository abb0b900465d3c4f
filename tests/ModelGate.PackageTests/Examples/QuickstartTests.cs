using ModelGate.PackageTests.Setup;

namespace ModelGate.PackageTests.Examples;

[TestClass]
public class QuickstartTests
{
    [TestMethod]
    public void It_passes_as_it_stands()
    {
        string tool = Path.Combine(Repository.Root, "src", "ModelGate.Tool", "bin", Feed.Configuration, "net10.0", "modelgate.dll");

        Command.Dotnet(Repository.Root, [tool, "check", "examples/quickstart/modelgate.yml"]).AssertPassed().AssertSays("4 passed");
    }
}
