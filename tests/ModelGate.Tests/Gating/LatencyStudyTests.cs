using ModelGate.Benchmarks.Study;

namespace ModelGate.Tests.Gating;

[TestClass]
public sealed class LatencyStudyTests
{
    private static readonly string[] Machines = [.. RecordedMachine.Folders(Path.Combine(Repository.Root, "tests", "ModelGate.Benchmarks", "Recordings"))];

    [TestMethod]
    public void The_readme_shows_what_the_recordings_say()
    {
        string readme = File.ReadAllText(Path.Combine(Repository.Root, "README.md"));
        Assert.IsNotEmpty(Machines);
        foreach (string machine in Machines)
        {
            using var tables = new StringWriter { NewLine = "\n" };
            new StudyReport(RecordedMachine.Title(machine), Recording.AllOf(machine), tables).Write();
            Assert.Contains(tables.ToString(), readme, "Put what `study` prints into README.md.");
        }
    }
}
