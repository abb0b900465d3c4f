namespace ModelGate.Tests;

[TestClass]
public class AtomicFileTests
{
    private readonly string folder = Directory.CreateTempSubdirectory("modelgate").FullName;

    [TestCleanup]
    public void RemoveFolder() => Directory.Delete(folder, recursive: true);

    [TestMethod]
    public void A_file_is_replaced_whole()
    {
        string path = Path.Combine(folder, "new", "report.json");

        AtomicFile.Write(path, "first"u8);
        AtomicFile.Write(path, "second"u8);

        Assert.AreEqual("second", File.ReadAllText(path));
        Assert.HasCount(1, Directory.GetFiles(Path.GetDirectoryName(path)!));
    }

    [TestMethod]
    public void A_target_that_cannot_be_replaced_leaves_no_debris()
    {
        string taken = Directory.CreateDirectory(Path.Combine(folder, "taken")).FullName;

        Exception? error = null;
        try
        {
            AtomicFile.Write(taken, "text"u8);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            error = e;
        }

        Assert.IsNotNull(error);
        Assert.IsEmpty(Directory.GetFiles(folder));
    }
}
