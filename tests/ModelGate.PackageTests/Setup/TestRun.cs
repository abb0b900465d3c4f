namespace ModelGate.PackageTests.Setup;

/// <summary>What belongs to the run as a whole.</summary>
[TestClass]
public static class TestRun
{
    [AssemblyCleanup]
    public static void RemoveTheFeed() => Feed.Delete();
}
