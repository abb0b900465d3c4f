namespace ModelGate.PackageTests.MSBuild;

[TestClass]
public class ModelExtensionsTests
{
    [TestMethod]
    public void Task_and_tool_take_the_same_extensions_for_models() =>
        CollectionAssert.AreEqual(Policies.ModelExtensions.All.ToArray(), ModelGate.MSBuild.ModelExtensions.All);
}
