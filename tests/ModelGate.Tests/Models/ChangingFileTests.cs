using ModelGate.Models;
using ModelGate.TestModels;

namespace ModelGate.Tests.Models;

/// <summary>A file that is written to while it is read has no size and no weight that could be judged.</summary>
[TestClass]
public sealed class ChangingFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [TestMethod]
    public void A_file_that_stays_as_it_is_may_be_read_by_several()
    {
        var path = SmallModels.Dense().Save(folder.File("m.onnx"));
        using var first = OpenedFile.Open(path);
        using var second = OpenedFile.Open(path);

        first.CheckUnchanged();
        second.CheckUnchanged();
    }

    [TestMethod]
    public void A_file_that_grows_is_refused() => AssertChanged(path => File.AppendAllText(path, "more"));

    [TestMethod]
    public void A_file_that_shrinks_is_refused() => AssertChanged(path =>
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        file.SetLength(10);
    });

    [TestMethod]
    public void A_file_that_is_rewritten_at_the_same_length_is_refused() => AssertChanged(path =>
    {
        using (var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite)) file.WriteByte(9);
        File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddSeconds(5)); // clocks of file systems are coarse
    });

    [TestMethod]
    public void A_file_that_another_takes_the_place_of_is_refused() => AssertChanged(path => TakePlaceOf(path, File.ReadAllBytes(path)[..^1], File.GetLastWriteTimeUtc(path)));

    [TestMethod]
    public void A_file_that_one_of_equal_length_and_time_takes_the_place_of_is_refused()
    {
        if (OperatingSystem.IsWindows()) Assert.Inconclusive("Windows hands the time of birth on to a file that takes another's name.");
        AssertChanged(path => TakePlaceOf(path, File.ReadAllBytes(path), File.GetLastWriteTimeUtc(path)));
    }

    [TestMethod]
    public void A_file_that_is_removed_is_refused() => AssertChanged(File.Delete);

    [TestMethod]
    public void A_link_that_leads_to_another_file_meanwhile_is_refused()
    {
        if (OperatingSystem.IsWindows()) Assert.Inconclusive("Links need a privilege on Windows.");
        SmallModels.Dense().Save(folder.File("one.onnx"));
        SmallModels.Dense(9, 9).Save(folder.File("two.onnx"));
        File.CreateSymbolicLink(folder.File("link.onnx"), "one.onnx");
        using var file = OpenedFile.Open(folder.File("link.onnx"));
        file.CheckUnchanged();

        File.Delete(folder.File("link.onnx"));
        File.CreateSymbolicLink(folder.File("link.onnx"), "two.onnx");

        Assert.AreEqual(Diagnostics.ModelChanged, Assert.ThrowsExactly<ModelException>(file.CheckUnchanged).Kind);
    }

    [TestMethod]
    public void A_model_that_ends_earlier_than_it_did_when_it_was_opened_is_refused()
    {
        var bytes = SmallModels.Convolutional().ToArray();
        using var stream = new Shrunken(bytes[..(bytes.Length / 2)], bytes.Length);

        Assert.AreEqual(Diagnostics.ModelChanged, Assert.ThrowsExactly<ModelException>(() => ModelReader.Read(stream, "model.onnx")).Kind);
    }

    private void AssertChanged(Action<string> change)
    {
        var path = SmallModels.Dense().Save(folder.File("m.onnx"));
        using var file = OpenedFile.Open(path);
        ModelReader.Read(file.Stream, path);

        change(path);

        Assert.AreEqual(Diagnostics.ModelChanged, Assert.ThrowsExactly<ModelException>(file.CheckUnchanged).Kind);
    }

    // As most programs save: a new file, renamed over the old one.
    private void TakePlaceOf(string path, byte[] content, DateTime written)
    {
        var other = folder.Write("other", content);
        File.SetLastWriteTimeUtc(other, written);
        File.Move(other, path, overwrite: true);
    }

    // Says the length it had, and ends before.
    private sealed class Shrunken(byte[] bytes, long length) : MemoryStream(bytes)
    {
        public override long Length => length;
    }
}
