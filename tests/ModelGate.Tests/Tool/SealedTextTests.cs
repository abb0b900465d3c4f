using System.Diagnostics;
using ModelGate.MSBuild;

namespace ModelGate.Tests.Tool;

/// <summary>Receipts are read by every build: whatever lies in their place must not hold it up.</summary>
[TestClass]
public sealed class SealedTextTests
{
    [TestMethod]
    public void A_pipe_in_the_place_of_a_receipt_is_no_receipt()
    {
        if (OperatingSystem.IsWindows()) Assert.Inconclusive("Windows keeps its pipes out of folders.");
        using var folder = new TemporaryFolder();
        string path = folder.File("set.receipt");
        using (var mkfifo = Process.Start("mkfifo", path)) mkfifo.WaitForExit();

        var reading = Task.Run(() => SealedText.Read(path, ""));

        Assert.IsTrue(reading.Wait(TimeSpan.FromSeconds(20)), "It waits for somebody to write.");
        Assert.IsNull(reading.Result);
    }

    [TestMethod]
    public void What_was_sealed_is_read_back()
    {
        using var folder = new TemporaryFolder();

        Assert.AreEqual("said\n", SealedText.Read(folder.Write("set.receipt", System.Text.Encoding.UTF8.GetBytes(SealedText.Seal("asked\nsaid\n"))), "asked\n"));
    }
}
