using System.Buffers.Binary;
using ModelGate.Models;
using ModelGate.Models.Containers;
using ModelGate.TestModels;

namespace ModelGate.Tests.Models.Containers;

/// <summary>Small containers that claim much: memory is taken for what is there, not for what is said.</summary>
[TestClass]
public sealed class LyingContainerTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [TestMethod]
    public void Entries_that_say_they_are_long_take_no_more_memory_than_they_inflate_to()
    {
        const int Entries = 20, Claimed = 60_000_000;
        var path = Packages.Write(folder, [.. Enumerable.Range(0, Entries).Select(static index => ($"{index}.onnx", SmallModels.Convolutional().ToArray()))]);
        var bytes = File.ReadAllBytes(path);
        for (var entry = 0; entry < Entries; entry++) BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(Packages.CentralEntry(bytes, entry) + 24), Claimed);
        File.WriteAllBytes(path, bytes);
        IReadOnlyList<ContainedReading> read = [];
        var before = GC.GetAllocatedBytesForCurrentThread();

        read = ContainerReader.Read(path);

        Assert.IsLessThan(Claimed, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.HasCount(Entries, read);
        Assert.IsTrue(read.All(static each => each.Error?.Kind == Diagnostics.PackageUnreadable));
    }

    [TestMethod]
    public void Resources_that_share_a_name_of_megabytes_are_refused_before_it_is_read_for_each()
    {
        var path = folder.Write("App.dll", Assemblies.With((new string('n', 1_000_000) + ".onnx", SmallModels.Dense().ToArray())));

        var error = Assert.ThrowsExactly<ModelException>(() => ContainerReader.Read(path));

        Assert.AreEqual(Diagnostics.PackageUnreadable, error.Kind);
        Assert.Contains("the name of a resource is longer than 1023 bytes", error.Message);
    }

    [TestMethod]
    public void A_resource_has_a_name_as_long_as_compilers_allow()
    {
        var name = new string('n', 1018) + ".onnx";

        Assert.EndsWith(name, ContainerReader.Read(folder.Write("App.dll", Assemblies.With((name, SmallModels.Dense().ToArray())))).Single().Place);
    }

    [TestMethod]
    public void Two_entries_of_one_long_name_are_told_in_short()
    {
        var name = new string('n', 60_000) + ".onnx";

        var error = Assert.ThrowsExactly<ModelException>(() => ContainerReader.Read(Packages.Write(folder, (name, [1]), (name, [2]))));

        Assert.IsLessThan(400, error.Message.Length);
    }
}
