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

    // Says the length it had, and ends before.
    private sealed class Shrunken(byte[] bytes, long length) : MemoryStream(bytes)
    {
        public override long Length => length;
    }
}
