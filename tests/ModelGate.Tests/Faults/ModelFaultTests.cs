using System.Diagnostics;
using ModelGate.Models;
using ModelGate.TestModels;
using ModelGate.Tests.Models.Containers;

namespace ModelGate.Tests.Faults;

/// <summary>
/// Rows 5, 9, 10, 13, 14, 16 to 20 and 33 of the fault table: what takes more than a file by itself, or is measured and not refused, each group in a
/// process that may take 100 MB and 20 seconds of a processor.
/// </summary>
[TestClass]
public sealed class ModelFaultTests : IDisposable
{
    private readonly Workplace at = new();

    public void Dispose() => at.Dispose();

    [TestMethod]
    public void Fault_5_a_model_that_is_cut_at_any_byte_is_not_judged()
    {
        byte[] whole = SmallModels.Dense().ToArray();
        string[] files = [.. Enumerable.Range(0, whole.Length).Select(length => at.Write($"{length}.onnx", whole[..length]))];
        at.Judge("parameters: 1", [.. files.Select(static file => Path.GetFileName(file))]);

        at.Caged("check").Is(3).Says($"{files.Length} unmeasured");
    }

    [TestMethod]
    public void Fault_9_and_10_unknown_fields_are_skipped_and_fields_that_stand_twice_are_merged_and_both_is_said()
    {
        byte[] model = SmallModels.Dense().ToArray();
        at.Write("unknown.onnx", [.. model, 0xE8, 0x3F, 1, 0xEA, 0x3F, 2, 1, 1, 0xEB, 0x3F, 0xEC, 0x3F]); // a number, bytes and a group of field 1021
        at.Write("twice.onnx", [.. model, .. new Message().Nested(7, new OnnxGraph().Initializer(Onnx.Floats("more", [5], 1, 2, 3, 4, 5)).Node("MatMul", "x more", "z").Message).ToArray()]);
        at.Judge("parameters: 1", "unknown.onnx", "twice.onnx");

        at.Caged("check").Is(1).Says("unknown.onnx: parameters is 10").Says("twice.onnx: parameters is 15");
        at.Caged("inspect", "unknown.onnx", "twice.onnx").Is(0).Says("3 fields are unknown").Says("1 fields stand twice where one is expected");
    }

    [TestMethod]
    public void Fault_13_what_is_stored_is_counted_wherever_it_stands()
    {
        var body = new OnnxGraph().Initializer(Onnx.Zeros("w", DataTypes.Float32, 8)).Node("MatMul", "x w", "y");
        var graph = new OnnxGraph().Initializer(Onnx.Zeros("w", DataTypes.Float32, 8), Onnx.Zeros("w", DataTypes.Float32, 8)).Node("MatMul", "x w", "y").Node("If", "c", "z", Onnx.Attribute("then_branch", body));
        var function = Onnx.Function("local", "F", ["a"], ["b"], Onnx.Node("Constant", [], ["k"], "", "", Onnx.TensorAttribute("value", Onnx.Zeros("", DataTypes.Float32, 8))), Onnx.Node("MatMul", ["a", "k"], ["b"]));
        at.Write("places.onnx", Onnx.Model(graph).Nested(25, function).ToArray());
        at.Judge("parameters: 31", "places.onnx");

        at.Caged("check").Is(1).Says("MG1001: places.onnx: parameters is 32");
    }

    [TestMethod]
    public void Fault_14_hundreds_of_thousands_of_tensors_and_a_hundred_megabytes_of_names_are_counted_within_their_bounds()
    {
        const int Tensors = 350_000, Names = 1600, LongName = 62_500;
        byte[] tensor = new Message().Nested(5, Onnx.Floats("t", [2], 1, 2)).ToArray();
        at.Write("tensors.onnx", Onnx.Model(new OnnxGraph()).Nested(7, new Message().Repeated(Tensors, tensor)).ToArray());
        byte[] node = new Message().Nested(1, new Message().Text(2, new string('n', LongName))).ToArray();
        byte[] nodes = new Message().Repeated(Names, node).ToArray();
        for (int index = 0; index < Names; index++) BitConverter.TryWriteBytes(nodes.AsSpan(((index + 1) * node.Length) - sizeof(int)), index + 0x61616161); // each another
        at.Write("names.onnx", Onnx.Model(new OnnxGraph().Initializer(Onnx.Zeros("w", DataTypes.Float32, 8)).Node("MatMul", "x w", "y")).Nested(7, new Message().Raw(nodes)).ToArray());
        at.Judge("parameters: 1", "tensors.onnx", "names.onnx");

        ToolProcess.Caged(new Cage(20, 500_000_000), at.Path, "check").Is(1).Says("tensors.onnx: parameters is 700").Says("names.onnx: parameters is 8");
    }

    [TestMethod]
    public void Fault_16_to_19_external_data_is_whole_and_beside_the_model_or_the_model_is_refused()
    {
        at.Write("w.bin", new byte[64]);
        foreach (var (name, location, offset) in new (string, string, string?)[]
        {
            ("missing", "none.bin", null), ("parent", "../w.bin", null), ("strip", "sub/../../w.bin", null), ("absolute", "/etc/passwd", null), ("drive", "C:\\w.bin", null), ("unc", "\\\\host\\w.bin", null), ("uri", "file:///etc/passwd", null), ("nul", "w\0.bin", null),
            ("negative", "w.bin", "-1"), ("word", "w.bin", "x"), ("far", "w.bin", "1000000000000000000"), ("end", "w.bin", "1"),
        })
            Write(name + ".onnx", Onnx.External("w", DataTypes.Float32, [16], location, offset));
        Write("overlap.onnx", Onnx.External("a", DataTypes.Float32, [8], "w.bin", "0"), Onnx.External("b", DataTypes.Float32, [8], "w.bin", "16"));
        if (!OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(at.File("model"));
            File.CreateSymbolicLink(at.File("link.bin"), "/etc/passwd");
            Directory.CreateSymbolicLink(at.File("folder"), "/etc");
            Write("link.onnx", Onnx.External("w", DataTypes.Float32, [1], "link.bin"));
            Write("folder.onnx", Onnx.External("w", DataTypes.Float32, [1], "folder/passwd"));
        }
        string[] files = [.. Directory.EnumerateFiles(at.Path, "*.onnx").Select(static file => Path.GetFileName(file))];
        at.Judge("parameters: 1", files);

        var run = at.Caged("check").Is(3).Says($"{files.Length} unmeasured");

        run.Says("MG3007: missing.onnx");
        foreach (string refused in files.Except(["missing.onnx", "negative.onnx", "word.onnx", "far.onnx", "end.onnx", "overlap.onnx"])) run.Says($"MG3008: {refused}");
        foreach (string range in (string[])["negative", "word", "far", "end", "overlap"]) run.Says($"MG3009: {range}.onnx");
    }

    [TestMethod]
    public void Fault_18_a_hard_link_is_read_and_noted()
    {
        if (OperatingSystem.IsWindows()) Assert.Inconclusive("The test makes its link with ln.");
        at.Write("w.bin", new byte[64]);
        Write("hard.onnx", Onnx.External("w", DataTypes.Float32, [16], "w.bin"));
        using (var made = Process.Start("ln", [at.File("w.bin"), at.File("other.bin")])) made.WaitForExit();

        at.Caged("inspect", "hard.onnx").Is(0).Says("a hard link, one of 2 names");
    }

    [TestMethod]
    public void Fault_20_external_data_that_two_models_share_or_one_names_twice_is_weighed_once_and_that_is_said()
    {
        at.Write("w.bin", new byte[64]);
        Write("a.onnx", Onnx.External("w", DataTypes.Float32, [16], "w.bin"));
        Write("b.onnx", Onnx.External("w", DataTypes.Float32, [16], "w.bin"), Onnx.External("v", DataTypes.Float32, [16], "./w.bin"));
        long together = new FileInfo(at.File("a.onnx")).Length + new FileInfo(at.File("b.onnx")).Length + 64;

        foreach (var (limit, exitCode) in new[] { (together, 0), (together - 1, 1) })
        {
            at.Policy(FormattableString.Invariant($"version: 1\nmodels:\n  - path: \"*.onnx\"\n    budgets:\n      parameters: 16\ntotal:\n  budgets:\n    size.on_disk: {limit} B\n"));
            at.Caged("check").Is(exitCode);
        }
        at.Caged("inspect", "b.onnx").Is(0).Says("tensor 'v' shares its external bytes with another; counted once");
    }

    [TestMethod]
    public void Fault_33_a_package_is_measured_in_place()
    {
        at.Write("good.nupkg", Packages.Of(("../m.onnx", Workplace.GoodModel)));

        at.Caged("inspect", "good.nupkg").Is(0).Says("10 parameters");

        Assert.AreEqual("good.nupkg", string.Join(' ', Directory.GetFileSystemEntries(at.Path).Select(Path.GetFileName)), "something was extracted");
    }

    private void Write(string name, params Message[] tensors) => at.Write(name, Onnx.Model(new OnnxGraph().Initializer(tensors).Node("MatMul", "x w", "y")).ToArray());
}
