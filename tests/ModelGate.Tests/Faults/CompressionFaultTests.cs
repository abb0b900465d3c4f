using System.Diagnostics;
using System.Globalization;
using ModelGate.Models;
using ModelGate.TestModels;

namespace ModelGate.Tests.Faults;

/// <summary>`modelgate compress` where writing goes wrong: the source stays as it is, and the output appears whole or not at all.</summary>
[TestClass]
public sealed class CompressionFaultTests : IDisposable
{
    private const int Interrupt = 2, Kill = 9, Terminate = 15;
    private const string Compress = "modelgate compress model.onnx --to int8 -o ";

    private readonly Workplace at = new();
    private readonly byte[] source = Onnx.Model(new OnnxGraph().Input("x", DataTypes.Float32, "n", "512")
        .Initializer(Onnx.Weights("w", 512, 512)).Node("MatMul", "x w", "y").Output("y", DataTypes.Float32, "n", "512")).ToArray();

    public CompressionFaultTests() => at.Write("model.onnx", source);

    public void Dispose() => at.Dispose();

    [TestMethod]
    public void A_copy_that_finds_no_temporary_folder_is_told_and_the_model_is_not_blamed()
    {
        if (OperatingSystem.IsWindows()) Assert.Inconclusive("Windows makes its temporary folder where it is missing.");
        at.Judge("quantized.fp16.cosine: { min: 0.5 }", "model.onnx");
        var nowhere = new Dictionary<string, string?> { ["TMPDIR"] = at.File("nowhere") };

        ToolProcess.Run(at.Path, nowhere, "check").Is(3)
            .Says($"error MG4021: model.onnx: quantized.fp16.cosine was not measured: its fp16 copy could not be written into the temporary folder {at.File("nowhere")}/: there is no such file. Next: Free space in the temporary folder, or name another one");
        ToolProcess.Run(at.Path, nowhere, "advise", "model.onnx", "--no-run").Is(3)
            .Says($"model.onnx: error MG4021: its fp16 copy could not be written into the temporary folder {at.File("nowhere")}/: there is no such file. Next: ");
    }

    [TestMethod]
    public void A_disk_that_fills_up_leaves_nothing_behind()
    {
        NeedsPermissions();
        // The runtime's own mappings would be over the limit as well.
        ToolProcess.Shell(at.Path, "trap '' XFSZ; ulimit -f 100; export DOTNET_EnableWriteXorExecute=0; " + Compress + "out.onnx").Is(4)
            .Says("out.onnx: error MG9003: The compressed model could not be written: no space is left for it. Next: ");
        AssertOnlySource();
    }

    [TestMethod]
    public void A_file_system_that_is_full_leaves_nothing_behind()
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess) Assert.Inconclusive("A small file system takes Linux and root to mount.");
        Directory.CreateDirectory(at.File("small"));
        var finished = ToolProcess.Shell(at.Path, $"unshare -m sh -c 'mount -t tmpfs -o size=128k none small || exit 77; \"$DOTNET\" exec \"$TOOL\" compress model.onnx --to int8 -o small/out.onnx; result=$?; ls -A small; exit $result'");
        if (finished.ExitCode == 77) Assert.Inconclusive("This machine mounts nothing.");
        finished.Is(4).Says("no space is left for it");
        Assert.AreEqual("", finished.Output);
        Directory.Delete(at.File("small"));
        AssertOnlySource();
    }

    [TestMethod]
    public void A_folder_that_may_not_be_written_is_named()
    {
        NeedsPermissions();
        ToolProcess.Shell(at.Path, "mkdir locked && chmod 555 locked && chmod 755 .").Is(0);
        // Permissions do not bind root, so there the tool runs as nobody.
        string nobody = Environment.IsPrivilegedProcess ? "setpriv --reuid=65534 --regid=65534 --clear-groups " : "";
        if (ToolProcess.Shell(at.Path, $"{nobody}\"$DOTNET\" exec \"$TOOL\" metrics").ExitCode != 0)
            Assert.Inconclusive("Permissions do not bind this user, and nobody cannot run the tool here: it lies in a folder of root's, or there is no setpriv.");

        ToolProcess.Shell(at.Path, $"{nobody}\"$DOTNET\" exec \"$TOOL\" compress model.onnx --to int8 -o locked/out.onnx").Is(4).Says("its permissions do not allow it");
        Directory.Delete(at.File("locked"));
        AssertOnlySource();
    }

    [TestMethod]
    [DataRow(Interrupt, 130)]
    [DataRow(Terminate, 143)]
    [DataRow(Kill, 137)]
    public void A_signal_half_way_leaves_the_source_and_nothing_else(int signal, int exitCode)
    {
        if (!OperatingSystem.IsLinux()) Assert.Inconclusive("The test sees through /proc how far the tool has come, and only Linux has files without a name.");
        ToolProcess.NeedsSignal(signal);
        const long Rows = 300_000; // 1.2 GB of holes: a second of work lies ahead when the signal comes
        Onnx.Model(new OnnxGraph().Initializer(Onnx.Zeros("w", DataTypes.Float32, Rows, 1000)).Node("MatMul", "x w", "y")).Save(at.File("model.onnx"));
        var before = new FileInfo(at.File("model.onnx")).LastWriteTimeUtc;

        using var tool = ToolProcess.Start(at.Path, null, "compress", "model.onnx", "--to", "fp16", "-o", "out.onnx");
        Assert.IsTrue(SpinWait.SpinUntil(() => Written(tool.Id) > 8 << 20, TimeSpan.FromSeconds(30)), "Nothing is written.");
        using (var kill = Process.Start("kill", [$"-{signal}", $"{tool.Id}"])) kill.WaitForExit();
        var finished = tool.End();

        Assert.AreEqual(exitCode, finished.ExitCode, finished.ToString());
        CollectionAssert.AreEqual(new[] { at.File("model.onnx") }, Directory.GetFileSystemEntries(at.Path));
        Assert.AreEqual(before, new FileInfo(at.File("model.onnx")).LastWriteTimeUtc);
    }

    [TestMethod]
    [DataRow("model.onnx")]
    [DataRow("./model.onnx")]
    [DataRow("folder/../model.onnx")]
    [DataRow("linked/model.onnx")]
    [DataRow("link.onnx")]
    [DataRow("hard.onnx")]
    [DataRow("MODEL.onnx")]
    public void The_source_is_refused_as_output_under_every_name_it_has(string output)
    {
        NeedsPermissions();
        ToolProcess.Shell(at.Path, "mkdir folder && ln -s . linked && ln -s model.onnx link.onnx && ln model.onnx hard.onnx").Is(0);
        if (!File.Exists(at.File(output))) Assert.Inconclusive("This file system tells upper case from lower case.");

        ToolProcess.Shell(at.Path, Compress + output).Is(2).Says("error MG2090: the output would replace model.onnx, which the model is read from; write to another name.");
        CollectionAssert.AreEqual(source, File.ReadAllBytes(at.File("model.onnx")));
    }

    [TestMethod]
    public void External_data_of_the_source_is_refused_as_output()
    {
        at.Write("out.onnx.data", new byte[512 * 512 * sizeof(float)]);
        Onnx.Model(new OnnxGraph().Input("x", DataTypes.Float32, "n", "512")
            .Initializer(Onnx.External("w", DataTypes.Float32, [512, 512], "out.onnx.data")).Node("MatMul", "x w", "y").Output("y", DataTypes.Float32, "n", "512")).Save(at.File("model.onnx"));

        foreach (string output in (string[])["out.onnx", "out.onnx.data"])
            ToolProcess.Run(at.Path, "compress", "model.onnx", "--to", "int8", "-o", output).Is(2).Says("the output would replace out.onnx.data");
    }

    [TestMethod]
    public void An_output_that_is_a_folder_leaves_nothing_behind()
    {
        Directory.CreateDirectory(at.File("out.onnx"));

        ToolProcess.Run(at.Path, "compress", "model.onnx", "--to", "int8", "-o", "out.onnx").Is(4).Says("error MG9003");
        Directory.Delete(at.File("out.onnx"));
        AssertOnlySource();
    }

    private void AssertOnlySource()
    {
        CollectionAssert.AreEqual(new[] { at.File("model.onnx") }, Directory.GetFileSystemEntries(at.Path));
        CollectionAssert.AreEqual(source, File.ReadAllBytes(at.File("model.onnx")));
    }

    private static long Written(int process)
    {
        try
        {
            string line = File.ReadLines($"/proc/{process}/io").First(line => line.StartsWith("wchar", StringComparison.Ordinal));
            return long.Parse(line.AsSpan(line.IndexOf(' ', StringComparison.Ordinal)), CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private static void NeedsPermissions()
    {
        if (OperatingSystem.IsWindows()) Assert.Inconclusive("Windows has other permissions, and links need a privilege.");
    }
}
