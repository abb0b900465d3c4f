using ModelGate.MSBuild;
using ModelGate.Tool;

namespace ModelGate.Tests.Tool;

[TestClass]
public sealed class FileStampTests
{
    [TestMethod]
    public void A_file_that_is_not_touched_keeps_its_stamp()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("model.onnx", [1, 2, 3]);
        Assert.AreEqual(FileStamp.Of(path), FileStamp.Of(path));
        Assert.AreEqual("absent", FileStamp.Of(folder.File("other.onnx")));
    }

    [TestMethod]
    public void A_file_of_equal_length_and_time_in_its_place_has_another_stamp()
    {
        using var folder = new TemporaryFolder();
        var written = new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc);
        string path = folder.Write("model.onnx", [1, 2, 3]), other = folder.Write("other.onnx", [4, 5, 6]);
        File.SetLastWriteTimeUtc(path, written);
        File.SetLastWriteTimeUtc(other, written);
        string before = FileStamp.Of(path);
        File.Move(other, path, overwrite: true);
        Assert.AreEqual((3L, written), (new FileInfo(path).Length, File.GetLastWriteTimeUtc(path)), "which is all that length and time tell");
        Assert.AreNotEqual(before, FileStamp.Of(path));
    }

    [TestMethod]
    public void A_folder_in_which_a_version_was_installed_has_another_stamp()
    {
        using var folder = new TemporaryFolder();
        Directory.SetLastWriteTimeUtc(folder.Path, new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc));
        string before = FileStamp.Of(folder.Path);
        Assert.AreEqual(before, FileStamp.Of(folder.Path));
        Directory.CreateDirectory(folder.File("10.0.1"));
        Assert.AreNotEqual(before, FileStamp.Of(folder.Path));
    }

    [TestMethod]
    public void The_tool_names_the_folder_of_the_runtimes_that_it_chose_from() =>
        Assert.AreEqual("Microsoft.NETCore.App", Path.GetFileName(ToolFiles.Runtimes));
}
