using System.Text;
using ModelGate.Models;
using ModelGate.Models.Onnx;
using ModelGate.TestModels;

namespace ModelGate.Tests.Models;

/// <summary>What reading a model's structure costs: little for each tensor, and nothing for the bytes in it.</summary>
[TestClass]
public sealed class ReadingCostTests
{
    [TestMethod]
    public void A_tensor_and_the_two_nodes_that_use_it_take_so_much_memory_and_no_more()
    {
        const int Tensors = 100, MostOfEach = 1350;
        var graph = new OnnxGraph();
        for (var layer = 0; layer < Tensors; layer++)
            graph.Initializer(Onnx.Zeros($"w{layer}", DataTypes.Float32, 10)).Node("MatMul", $"v{layer} w{layer}", $"m{layer}").Node("Relu", $"m{layer}", $"v{layer + 1}");
        using var file = new MemoryStream(Onnx.Model(graph).ToArray());
        ModelReader.Read(file, "m.onnx"); // tables that are made once

        var before = GC.GetAllocatedBytesForCurrentThread();
        ModelReader.Read(file, "m.onnx");

        Assert.IsLessThan(Tensors * MostOfEach, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [TestMethod]
    public void Names_of_any_length_are_told_apart_and_found_again()
    {
        var (table, numbers) = (new NameTable(), new Dictionary<string, int>(StringComparer.Ordinal));
        for (var length = 1; length <= 70; length++)
        {
            for (var at = 0; at < length; at++)
            {
                foreach (var letter in "bcdefg")
                {
                    var name = new string('a', at) + letter + new string('a', length - at - 1);
                    numbers.Add(name, table.Number(Encoding.UTF8.GetBytes(name)));
                }
            }
        }

        Assert.HasCount(numbers.Count, numbers.Values.ToHashSet());
        foreach (var (name, number) in numbers)
        {
            Assert.AreEqual(number, table.Number(Encoding.UTF8.GetBytes(name)));
            Assert.AreEqual(name, table.Text(number));
        }
        Assert.AreEqual(numbers.Count + 1, table.Count);
    }

    [TestMethod]
    public void Names_that_are_only_kept_stay_out_of_the_way_of_those_that_are_sought()
    {
        const int Names = 3000; // more than the table begins with
        var table = new NameTable();
        for (var name = 0; name < Names; name++)
        {
            Assert.AreEqual((2 * name) + 1, table.Keep("node"u8));
            Assert.AreEqual((2 * name) + 2, table.Number(Encoding.UTF8.GetBytes($"value{name}")));
        }

        for (var name = 0; name < Names; name++) Assert.AreEqual((2 * name) + 2, table.Number(Encoding.UTF8.GetBytes($"value{name}")));
        Assert.AreEqual("node", table.Text((2 * Names) - 1));
        Assert.AreEqual(0, table.Keep([]));
        Assert.AreEqual(table.Count, table.Number("node"u8));
    }
}
