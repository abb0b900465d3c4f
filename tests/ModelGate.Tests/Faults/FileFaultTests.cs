using System.Diagnostics;
using System.Net.Sockets;
using ModelGate.Models;
using ModelGate.TestModels;

namespace ModelGate.Tests.Faults;

/// <summary>Rows 1 to 4, 15 and 21 to 28 of the fault table: what may lie where a model should. One process judges each group, within 100 MB and 20 seconds of a processor.</summary>
[TestClass]
public sealed class FileFaultTests : IDisposable
{
    private static readonly TimeSpan BeyondItsStructure = TimeSpan.FromMilliseconds(60); // as long as a file is open, its bytes are read

    private readonly Workplace at = new();

    public void Dispose() => at.Dispose();

    [TestMethod]
    public void Fault_1_to_4_what_is_no_model_is_named_for_what_it_is_with_the_next_step()
    {
        at.Write("empty.onnx", []);
        at.Write("pointer.onnx", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 12\n"u8.ToArray());
        at.Write("page.onnx", "<!DOCTYPE html><title>404</title>"u8.ToArray());
        at.Write("answer.onnx", "{\"error\": \"not found\"}"u8.ToArray());
        byte[] random = new byte[4096];
        new Random(4).NextBytes(random);
        at.Write("random.onnx", [0xFF, .. random]);
        at.JudgeSize("empty.onnx", "pointer.onnx", "page.onnx", "answer.onnx", "random.onnx");

        at.Caged("check").Is(3).Says("5 unmeasured")
            .Says("(5,7): error MG3002: empty.onnx: size.on_disk was not measured: the file is empty (0 bytes). Next: Restore the file")
            .Says("error MG3003: pointer.onnx: size.on_disk was not measured: the file is a Git LFS pointer, not the model. Next: Run `git lfs pull`; in GitHub Actions check out with `lfs: true`.")
            .Says("error MG3004: page.onnx: size.on_disk was not measured: the file is an HTML page.")
            .Says("error MG3004: answer.onnx: size.on_disk was not measured: the file is a JSON document.")
            .Says("error MG3004: random.onnx");
    }

    [TestMethod]
    public void Fault_15_a_protobuf_beyond_2_GiB_is_weighed_to_the_last_element()
    {
        if (OperatingSystem.IsMacOS()) Assert.Inconclusive("APFS does not promise holes.");
        const long Elements = 1_500_000_000; // 6 GB: more than 32 bits hold, in the tensor as in the graph around it
        var graph = new OnnxGraph().Initializer(Onnx.Zeros("w", DataTypes.Float32, Elements / 1000, 1000), Onnx.Zeros("after", DataTypes.Float32, 7)).Node("MatMul", "x w", "y").Node("Add", "y after", "z");
        Onnx.Model(graph).Save(at.File("large.onnx"));
        at.Judge("size.weights: 6000000027 B\n      parameters: 1500000007", "large.onnx");

        at.Caged("check").Is(1).Says("1 breached, 1 passed").Says("6.000000028 GB (6,000,000,028 bytes)");
    }

    [TestMethod]
    public void Fault_21_a_link_weighs_what_its_target_weighs()
    {
        NeedsLinks();
        at.Write("real.onnx", Workplace.GoodModel);
        File.CreateSymbolicLink(at.File("link.onnx"), "real.onnx");
        at.Judge("size.on_disk: 100 B", "link.onnx");

        at.Caged("check").Is(1).Says($"({Workplace.GoodModel.Length:N0} bytes)".Replace(".", ",", StringComparison.Ordinal));
    }

    [TestMethod]
    public void Fault_22_pipes_sockets_and_devices_are_refused_without_hanging()
    {
        NeedsLinks();
        using (var mkfifo = Process.Start("mkfifo", at.File("pipe.onnx"))) mkfifo.WaitForExit();
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(at.File("socket.onnx")));
        File.CreateSymbolicLink(at.File("zero.onnx"), "/dev/zero");
        at.JudgeSize("pipe.onnx", "socket.onnx", "zero.onnx");

        at.Caged("check").Is(3).Says("3 unmeasured").Says("MG3001: pipe.onnx: size.on_disk was not measured: it is not a regular file. Next:");
    }

    [TestMethod]
    public void Fault_22_files_that_the_kernel_makes_up_are_refused()
    {
        if (!OperatingSystem.IsLinux()) Assert.Inconclusive("Only Linux has /proc and /sys.");
        File.CreateSymbolicLink(at.File("proc.onnx"), "/proc/self/maps");
        File.CreateSymbolicLink(at.File("sys.onnx"), "/sys/kernel/mm/transparent_hugepage/enabled");
        at.JudgeSize("proc.onnx", "sys.onnx");

        at.Caged("check").Is(3).Says("2 unmeasured");
    }

    [TestMethod]
    public void Fault_22_a_folder_named_like_a_model_says_how_to_name_the_models_in_it()
    {
        Directory.CreateDirectory(at.File("models.onnx"));
        at.JudgeSize("models.onnx");

        at.Caged("check").Is(3).Says("modelgate.yml(3,11): error MG3012").Says("It is a folder: write `models.onnx/**/*.onnx`.");
    }

    [TestMethod]
    public void Fault_23_a_sparse_file_of_a_tebibyte_breaches_without_being_read()
    {
        if (OperatingSystem.IsMacOS()) Assert.Inconclusive("APFS does not promise holes.");
        using (var file = File.Create(at.File("vast.onnx")))
        {
            try
            {
                file.SetLength(1L << 40);
            }
            catch (IOException)
            {
                Assert.Inconclusive("This file system holds no file of a tebibyte.");
            }
        }
        at.Judge("size.on_disk: 100 GB", "vast.onnx");

        at.Caged("check").Is(1).Says("1.1 TB (1,099,511,627,776 bytes)");

        at.Judge("size.on_wire.gzip: 100 GB\n      parameters: 1", "vast.onnx");
        at.Caged("check").Is(3).Says("MG3006: vast.onnx: size.on_wire.gzip was not measured").Says("MG3011: vast.onnx: parameters was not measured");
    }

    [TestMethod]
    public void Fault_24_a_model_that_may_not_be_read_is_not_judged()
    {
        at.Write("secret.onnx", Workplace.GoodModel);
        ToolProcess.Shell(at.Path, "chmod 755 . && chmod 0 secret.onnx").Is(0);
        at.JudgeSize("secret.onnx");

        // Permissions do not bind root, so there the tool runs as nobody.
        string nobody = Environment.IsPrivilegedProcess ? "setpriv --reuid=65534 --regid=65534 --clear-groups " : "";
        if (ToolProcess.Shell(at.Path, $"{nobody}\"$DOTNET\" exec \"$TOOL\" metrics").ExitCode != 0)
            Assert.Inconclusive("Permissions do not bind this user, and nobody cannot run the tool here: it lies in a folder of root's, or there is no setpriv.");
        ToolProcess.Shell(at.Path, $"{nobody}\"$DOTNET\" exec \"$TOOL\" check").Is(3).Says("secret.onnx: size.on_disk was not measured: its permissions do not allow it. Next: ");
    }

    [TestMethod]
    public void Fault_24_a_model_that_another_process_holds_is_not_judged()
    {
        if (!OperatingSystem.IsWindows()) Assert.Inconclusive("Only Windows keeps others from reading.");
        at.Write("busy.onnx", Workplace.GoodModel);
        using var holder = new FileStream(at.File("busy.onnx"), FileMode.Open, FileAccess.Read, FileShare.None);
        at.JudgeSize("busy.onnx");

        at.Caged("check").Is(3).Says("another process holds it locked");
    }

    [TestMethod]
    [DataRow("grows", "the file was written to while it was read")]
    [DataRow("shrinks", "the file was written to while it was read")]
    [DataRow("is replaced", "the file was replaced or removed while it was read")]
    public void Fault_25_a_model_that_changes_while_it_is_read_is_not_judged(string change, string reason)
    {
        if (!OperatingSystem.IsLinux()) Assert.Inconclusive("Only Linux tells which files a process has open.");
        string path = at.File("model.onnx");
        Onnx.Model(new OnnxGraph().Initializer(Onnx.Zeros("w", DataTypes.Float32, 125_000_000)).Node("MatMul", "x w", "y")).Save(path);
        at.Judge("size.on_wire.brotli: 1 TB", "model.onnx");
        using var tool = ToolProcess.Start(at.Path, Cage.Small.Environment, "check");
        if (!SpinWait.SpinUntil(() => HasOpen(tool.Id, path) && !SpinWait.SpinUntil(() => !HasOpen(tool.Id, path), BeyondItsStructure), TimeSpan.FromSeconds(30))) Assert.Fail("The model was not opened.");

        if (change == "is replaced") File.Move(at.Write("other", Workplace.GoodModel), path, overwrite: true);
        using (var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            if (change == "grows") file.SetLength(file.Length + 1);
            if (change == "shrinks") file.SetLength(1 << 16);
        }

        tool.End().Is(3).Says("MG3010: model.onnx: size.on_wire.brotli was not measured: ").Says(reason);
    }

    [TestMethod]
    public void Fault_26_links_in_a_circle_and_links_to_nothing_get_a_plain_message()
    {
        NeedsLinks();
        File.CreateSymbolicLink(at.File("round.onnx"), "about.onnx");
        File.CreateSymbolicLink(at.File("about.onnx"), "round.onnx");
        File.CreateSymbolicLink(at.File("nowhere.onnx"), "gone.onnx");
        at.JudgeSize("round.onnx", "nowhere.onnx");

        at.Caged("check").Is(3)
            .Says("MG3001: round.onnx: size.on_disk was not measured: its symbolic links go round in a circle.")
            .Says("MG3001: nowhere.onnx: size.on_disk was not measured: there is no such file.");
    }

    [TestMethod]
    public void Fault_26_names_that_some_system_reserves_are_judged_or_refused_in_plain_words()
    {
        string[] names = ["CON.onnx", "NUL", "aux.onnx", "COM1.onnx", "dot.onnx.", "space.onnx ", "trailing./m.onnx", $"{new string('n', 300)}.onnx", string.Concat(Enumerable.Repeat("deep/", 200)) + "m.onnx"];
        at.JudgeSize(names);

        var missing = at.Caged("check").Is(3);
        foreach (string name in names.Where(name => name is not "NUL")) missing.Says($"error MG3012: No model matches `{name}` in ");
        if (OperatingSystem.IsWindows()) return; // refuses to make them

        Directory.CreateDirectory(at.File("trailing."));
        string[] possible = names[..^2];
        foreach (string name in possible) at.Write(name, Workplace.GoodModel);
        at.JudgeSize(possible);
        at.Caged("check").Is(0).Says($"{possible.Length} passed");
    }

    [TestMethod]
    public void Fault_27_hostile_file_names_are_judged_as_any_other_and_shown_inert()
    {
        if (OperatingSystem.IsWindows()) Assert.Inconclusive("Windows refuses such names itself.");
        string[] names = ["::error::x.onnx", "##vso[task.complete]x.onnx", "a\nb::warning::.onnx", "\u001b[31mred.onnx", "bidi\u202Exnno.onnx", "a\\b.onnx", "[red]{0}@team<script>|.onnx", " .onnx", "..onnx"];
        foreach (string name in names) at.Write(name, Workplace.GoodModel);
        at.Judge("size.on_disk: 10 B", "*.onnx");

        foreach (string format in (string[])["text", "json", "markdown", "msbuild", "github"])
        {
            var finished = at.Caged("check", "--format", format).Is(1);
            Assert.DoesNotContain('\u001b', finished.Output, format);
            Assert.DoesNotContain('\u202E', finished.Output, format);
            if (format is "text" or "msbuild") Assert.IsFalse(finished.Output.Split('\n').Any(line => line.TrimStart().StartsWith("::", StringComparison.Ordinal)), finished.Output);
            if (format == "github") Assert.IsTrue(finished.Output.Split('\n').All(line => line.Length == 0 || line.StartsWith("::error ", StringComparison.Ordinal) || line.StartsWith("ModelGate: breach", StringComparison.Ordinal)), finished.Output);
        }
        at.Caged("check").Says($"{names.Length} breached");
    }

    [TestMethod]
    [DataRow("text")]
    [DataRow("json")]
    [DataRow("markdown")]
    public void Fault_27_and_28_hostile_names_in_a_model_are_shown_inert(string format)
    {
        string[] names = ["::error::x", "##vso[task.complete]x", "##[add-mask]e", "a\nb::warning::", "\u001b[31mred", "bidi\u202Exnno", "[red]{0}@team<script>|"];
        var graph = new OnnxGraph().Initializer(new Message().Varint(1, 2).Varint(2, 1).Bytes(8, [(byte)'w', 0xED, 0xA0, 0x80]).Bytes(9, new byte[8])); // half a surrogate pair
        foreach (string name in names) graph.Initializer(Onnx.Floats(name, [2], 1, 2)).Message.Nested(1, Onnx.Node("Gemm", ["x", name], [name + "y"], "", name));
        at.Write("names.onnx", Onnx.Model(graph).ToArray());

        string output = at.Caged("inspect", "names.onnx", "--layers", "--format", format).Is(0).Output;

        Assert.DoesNotContain('\u001b', output);
        Assert.DoesNotContain('\u202E', output);
        Assert.IsTrue(output.Contains('\uFFFD') || output.Contains("\\uFFFD", StringComparison.Ordinal), output);
        Assert.IsFalse(output.Split('\n').Any(static line => line.TrimStart().StartsWith("::", StringComparison.Ordinal) || line.TrimStart().StartsWith("##vso", StringComparison.Ordinal)), output);
        if (format == "markdown") Assert.DoesNotContain("<script>", output);
        if (format == "json") System.Text.Json.JsonDocument.Parse(output).Dispose();
    }

    [TestMethod]
    public void Fault_28_a_name_that_is_no_text_fails_closed()
    {
        if (!OperatingSystem.IsLinux()) Assert.Inconclusive("Other systems refuse such names themselves.");
        at.Write("model.onnx", Workplace.GoodModel);
        ToolProcess.Shell(at.Path, "cp model.onnx \"$(printf 'bad\\377.onnx')\"").Is(0);
        at.JudgeSize("*.onnx");

        var finished = at.Caged("check");
        ToolProcess.Shell(at.Path, "rm -f bad*"); // .NET cannot name it
        finished.Is(3).Says("bad\uFFFD.onnx");
    }

    [TestMethod]
    public void Many_models_are_judged_in_time_that_grows_no_faster_than_their_number()
    {
        for (int i = 0; i < 3000; i++) at.Write($"{i}.onnx", Workplace.GoodModel);
        at.JudgeSize("*.onnx");

        at.Caged("check").Is(0).Says("3000 passed");
    }

    private static bool HasOpen(int process, string path)
    {
        try
        {
            return Directory.EnumerateFiles($"/proc/{process}/fd").Any(file => new FileInfo(file).LinkTarget == path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // it has not begun, or is over
        }
    }

    private static void NeedsLinks()
    {
        if (OperatingSystem.IsWindows()) Assert.Inconclusive("Windows has no such files, and links need a privilege.");
    }
}
