using System.IO.Compression;
using ModelGate.Models;
using ModelGate.TestModels;

namespace ModelGate.Tests.Faults;

/// <summary>
/// Rows 5 to 20 and 33 of the fault table: ONNX files, external data and packages built to do harm, each group in a process that may take
/// 100 MB and 20 seconds of a processor.
/// </summary>
[TestClass]
public sealed class ModelFaultTests : IDisposable
{
    private const string Caps = "ulimit -t 20; export DOTNET_GCHeapHardLimit=6400000; modelgate ";

    private readonly Workplace at = new();

    public void Dispose() => at.Dispose();

    [TestMethod]
    public void Fault_5_a_model_that_is_cut_at_any_byte_is_not_judged()
    {
        byte[] whole = SmallModels.Dense().ToArray();
        string[] files = [.. Enumerable.Range(0, whole.Length).Select(length => at.Write($"{length}.onnx", whole[..length]))];
        at.Judge("parameters: 1", [.. files.Select(static file => Path.GetFileName(file))]);

        Run("check").Is(3).Says($"{files.Length} unmeasured");
    }

    [TestMethod]
    public void Fault_6_to_12_messages_that_contradict_themselves_are_refused_within_their_memory()
    {
        Write("length.onnx", [8, 8, 0x3A, 0xFF, 0xFF, 0xFF, 0xFF, 0x07, .. new byte[92]]);
        Write("endless.onnx", [8, 8, 0x3A, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01, .. new byte[92]]);
        Write("varint.onnx", [8, 8, 0x3A, 11, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01]);
        Write("deep.onnx", [8, 8, .. Enumerable.Repeat<byte[]>([0x9B, 0x3F], 10_000).SelectMany(static tag => tag)]);
        Write("wire.onnx", [8, 8, 0x0E, 1]);
        Write("field.onnx", [8, 8, 0x02, 1, 1]);
        Write("overflow.onnx", Of(Onnx.Header("w", DataTypes.Float32, 1L << 40, 1L << 40)));
        Write("negative.onnx", Of(Onnx.Header("w", DataTypes.Float32, -1, 4)));
        Write("short.onnx", Of(Onnx.Header("w", DataTypes.Float32, 4).Bytes(9, new byte[12])));
        Write("both.onnx", Of(Onnx.Header("w", DataTypes.Float32, 1).Bytes(9, new byte[4]).Fixed32(4, 1)));

        Refused("MG3005", 9).Says("MG3006: deep.onnx");
    }

    [TestMethod]
    public void Fault_13_and_14_what_is_stored_is_counted_and_a_million_nodes_end_in_time()
    {
        var body = new OnnxGraph().Initializer(Onnx.Zeros("w", DataTypes.Float32, 8)).Node("MatMul", "x w", "y");
        Write("twice.onnx", Onnx.Model(new OnnxGraph().Initializer(Onnx.Zeros("w", DataTypes.Float32, 8), Onnx.Zeros("w", DataTypes.Float32, 8)).Node("MatMul", "x w", "y").Node("If", "c", "z", Onnx.Attribute("then_branch", body))).ToArray());
        var node = new Message().Nested(1, Onnx.Node("Neg", ["x"], ["y"])).ToArray();
        byte[] nodes = new byte[1_000_000 * node.Length];
        for (int index = 0; index < nodes.Length; index += node.Length)
            node.CopyTo(nodes, index);
        Write("nodes.onnx", Onnx.Model(new OnnxGraph()).Nested(7, new Message().Raw(nodes)).ToArray());
        at.Judge("parameters: 23", "twice.onnx", "nodes.onnx");

        Run("check").Is(1).Says("MG1001: twice.onnx: parameters is 24").Says("MG3006: nodes.onnx");
    }

    [TestMethod]
    public void Fault_16_to_20_external_data_is_whole_and_beside_the_model_or_the_model_is_refused()
    {
        at.Write("w.bin", new byte[64]);
        foreach (var (name, location, offset) in new (string, string, string?)[]
        {
            ("missing", "none.bin", null), ("parent", "../w.bin", null), ("strip", "sub/../../w.bin", null), ("absolute", "/etc/passwd", null), ("drive", "C:\\w.bin", null), ("unc", "\\\\host\\w.bin", null), ("uri", "file:///etc/passwd", null),
            ("negative", "w.bin", "-1"), ("word", "w.bin", "x"), ("far", "w.bin", "1000000000000000000"), ("end", "w.bin", "1"),
        })
            Write(name + ".onnx", Of(Onnx.External("w", DataTypes.Float32, [16], location, offset)));
        Write("overlap.onnx", Of(Onnx.External("a", DataTypes.Float32, [8], "w.bin", "0"), Onnx.External("b", DataTypes.Float32, [8], "w.bin", "16")));
        if (!OperatingSystem.IsWindows())
        {
            File.CreateSymbolicLink(at.File("link.bin"), "/etc/passwd");
            Write("link.onnx", Of(Onnx.External("w", DataTypes.Float32, [1], "link.bin")));
        }

        Refused("MG3008", OperatingSystem.IsWindows() ? 6 : 7).Says("MG3007: missing.onnx").Says("MG3009: overlap.onnx").Says("MG3009: end.onnx");
    }

    [TestMethod]
    public void Fault_33_packages_that_lie_are_told_and_bombs_are_not_inflated()
    {
        var model = SmallModels.Dense().ToArray();
        Pack("good", ("m.onnx", model));
        Pack("nested", ("inner.zip", File.ReadAllBytes(Pack("inner", ("m.onnx", model)))));
        Pack("leads out", ("../m.onnx", model));
        Pack("twice", ("m.onnx", model), ("m.onnx", model));
        Pack("bomb", ("m.onnx", [8, 8, .. new byte[70_000_000]]));
        Forge("checksum", 16, 1);
        Forge("encrypted", 8, 1);
        Forge("length", 24, 0x7F);
        at.Write("cut.nupkg", File.ReadAllBytes(at.File("good.nupkg"))[..^30]);

        var run = Run("inspect *.nupkg").Is(3).Says("good.nupkg");

        foreach (string damaged in (string[])["twice", "bomb", "checksum", "encrypted", "length", "cut"])
            Assert.Contains(damaged + ".nupkg", run.Error, run.ToString());
    }

    // Every file is refused, so many of them with this code.
    private ToolProcess.Finished Refused(string code, int times)
    {
        string[] files = [.. Directory.EnumerateFiles(at.Path, "*.onnx").Select(static file => Path.GetFileName(file))];
        at.Judge("parameters: 1", files);

        var run = Run("check").Is(3).Says($"{files.Length} unmeasured");

        Assert.AreEqual(times, run.Error.Split("error " + code).Length + run.Output.Split("error " + code).Length - 2, run.ToString());
        return run;
    }

    private ToolProcess.Finished Run(string command) => ToolProcess.Shell(at.Path, Caps + command);

    private void Write(string name, byte[] content) => at.Write(name, content);

    private static byte[] Of(params Message[] tensors) => Onnx.Model(new OnnxGraph().Initializer(tensors).Node("MatMul", "x w", "y")).ToArray();

    private string Pack(string name, params (string Name, byte[] Content)[] entries)
    {
        var path = at.File(name + ".nupkg");
        using var archive = ZipFile.Open(path, ZipArchiveMode.Create);
        foreach (var (entryName, content) in entries)
        {
            using var entry = archive.CreateEntry(entryName).Open();
            entry.Write(content);
        }
        return path;
    }

    // A package whose directory says something else of its one entry.
    private void Forge(string name, int field, byte bits)
    {
        var bytes = File.ReadAllBytes(at.File("good.nupkg"));
        bytes[bytes.AsSpan().LastIndexOf("PK\u0001\u0002"u8) + field] ^= bits;
        at.Write(name + ".nupkg", bytes);
    }
}
