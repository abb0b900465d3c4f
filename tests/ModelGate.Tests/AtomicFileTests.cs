namespace ModelGate.Tests;

[TestClass]
public class AtomicFileTests
{
    private readonly string folder = Directory.CreateTempSubdirectory("modelgate").FullName;

    [TestCleanup]
    public void RemoveFolder() => Directory.Delete(folder, recursive: true);

    [TestMethod]
    public void A_file_is_replaced_whole()
    {
        string path = Path.Combine(folder, "new", "report.json");

        AtomicFile.Write(path, "first"u8);
        AtomicFile.Write(path, "second"u8);

        Assert.AreEqual("second", File.ReadAllText(path));
        Assert.HasCount(1, Directory.GetFiles(Path.GetDirectoryName(path)!));
    }

    [TestMethod]
    public void Of_two_files_that_belong_together_both_are_of_the_same_writer_however_many_write_at_once()
    {
        string weights = Path.Combine(folder, "model.onnx.data"), model = Path.Combine(folder, "model.onnx");
        for (int round = 0; round < 50; round++)
        {
            Parallel.For(0, 4, writer =>
            {
                using PendingFile first = new(weights), second = new(model);
                first.Write([(byte)writer]);
                second.Write([(byte)writer]);
                PendingFile.CommitBoth(first, second);
            });

            Assert.AreEqual(File.ReadAllBytes(weights)[0], File.ReadAllBytes(model)[0], $"round {round}");
        }

        Assert.HasCount(2, Directory.GetFiles(folder));
    }

    [TestMethod]
    public void A_target_that_cannot_be_replaced_leaves_no_debris()
    {
        string taken = Directory.CreateDirectory(Path.Combine(folder, "taken")).FullName;

        Exception? error = null;
        try
        {
            AtomicFile.Write(taken, "text"u8);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            error = e;
        }

        Assert.IsNotNull(error);
        Assert.IsEmpty(Directory.GetFiles(folder));
    }

    [TestMethod]
    public void An_empty_file_is_replaced_like_any_other()
    {
        string path = Path.Combine(folder, "report.json");
        File.WriteAllBytes(path, []);

        AtomicFile.Write(path, "text"u8);

        Assert.AreEqual("text", File.ReadAllText(path));
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(9)]
    public void Parts_of_a_file_may_be_written_in_any_order(int reserved)
    {
        string path = Path.Combine(folder, "model.onnx");
        using (var file = new PendingFile(path, reserved))
        {
            file.WriteAt(6, "two"u8);
            file.WriteAt(0, "one"u8);
            file.WriteAt(3, "and"u8);
            Assert.IsFalse(File.Exists(path));
            file.Commit();
        }

        Assert.AreEqual("oneandtwo", File.ReadAllText(path));
        Assert.HasCount(1, Directory.GetFiles(folder));
    }

    [TestMethod]
    public void Of_two_files_that_belong_together_the_old_ones_are_never_seen_beside_the_new_ones()
    {
        if (!OperatingSystem.IsLinux()) Assert.Inconclusive("Only Linux tells every change of a folder, and in order.");
        string data = Path.Combine(folder, "model.onnx.data"), model = Path.Combine(folder, "model.onnx");
        WriteBoth("old");
        List<string> changes = [];
        using var last = new ManualResetEventSlim();
        using var watcher = new FileSystemWatcher(folder) { NotifyFilter = NotifyFilters.FileName };
        watcher.Renamed += (_, change) => changes.Add($"{Known(change.OldName)} -> {Known(change.Name)}");
        watcher.Deleted += (_, change) =>
        {
            changes.Add("-" + Known(change.Name));
            if (change.Name!.EndsWith("-lock", StringComparison.Ordinal)) last.Set();
        };
        watcher.EnableRaisingEvents = true;

        WriteBoth("new");
        Assert.IsTrue(last.Wait(TimeSpan.FromSeconds(30)), "The lock is not taken away.");

        CollectionAssert.AreEqual(new[] { "model.onnx -> tmp", "model.onnx.data -> tmp", "tmp -> model.onnx.data", "tmp -> model.onnx", "-tmp", "-tmp", "-model.onnx.modelgate-lock" }, changes);
        Assert.AreEqual("new new", File.ReadAllText(data) + ' ' + File.ReadAllText(model));
        Assert.HasCount(2, Directory.GetFiles(folder));

        static string Known(string? name) => name!.EndsWith(".tmp", StringComparison.Ordinal) ? "tmp" : name;

        void WriteBoth(string text)
        {
            using PendingFile first = new(data), second = new(model);
            first.Write(System.Text.Encoding.UTF8.GetBytes(text));
            second.Write(System.Text.Encoding.UTF8.GetBytes(text));
            PendingFile.CommitBoth(first, second);
        }
    }

    [TestMethod]
    public void Where_the_second_of_two_files_cannot_have_its_name_the_first_stays_the_old_one()
    {
        var (data, model) = (Path.Combine(folder, "model.onnx.data"), Path.Combine(folder, "model.onnx"));
        File.WriteAllText(data, "old");
        Exception? error = null;
        using (PendingFile first = new(data), second = new(model))
        {
            first.Write("new"u8);
            second.Write("new"u8);
            Directory.CreateDirectory(model); // meanwhile something else took it
            try
            {
                PendingFile.CommitBoth(first, second);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                error = e;
            }
        }

        Assert.IsNotNull(error);
        Assert.AreEqual("old", File.ReadAllText(data));
        CollectionAssert.AreEqual((string[])[data], Directory.GetFiles(folder));
    }

    [TestMethod]
    public void Too_many_open_files_are_told_without_the_path_of_this_machine()
    {
        if (OperatingSystem.IsWindows()) Assert.Inconclusive("Windows has no such limit.");

        Assert.AreEqual("too many files are open already (`ulimit -n`)", FileErrors.Reason(new IOException("Too many open files : '/home/me/model.onnx'", 24)));
    }

    [TestMethod]
    public void A_file_that_finds_no_room_is_refused_before_anything_is_written()
    {
        var error = Assert.ThrowsExactly<IOException>(() => new PendingFile(Path.Combine(folder, "model.onnx"), long.MaxValue / 2));

        if (OperatingSystem.IsLinux()) Assert.AreEqual("no space is left for it", FileErrors.Reason(error));
        Assert.IsEmpty(Directory.GetFiles(folder));
    }

    [TestMethod]
    [DataRow("/proc/self/fd/1", DisplayName = "what /dev/stdout is")]
    [DataRow("/dev/null")]
    public void A_link_to_a_device_or_to_an_open_file_stays_a_link(string target)
    {
        if (!OperatingSystem.IsLinux()) Assert.Inconclusive("The names are those of Linux.");
        // Only links in the test's own folder: on a failure they alone are replaced.
        string link = Path.Combine(folder, "link"), linkToLink = Path.Combine(folder, "link to link");
        File.CreateSymbolicLink(link, target);
        File.CreateSymbolicLink(linkToLink, "link");

        foreach (string path in (string[])[link, linkToLink])
            Assert.Contains("it is a device or a pipe", Assert.ThrowsExactly<IOException>(() => AtomicFile.Write(path, "text"u8)).Message);

        Assert.AreEqual((target, "link"), (new FileInfo(link).LinkTarget, new FileInfo(linkToLink).LinkTarget));
        Assert.HasCount(2, Directory.GetFileSystemEntries(folder));
    }

    [TestMethod]
    [DataRow("mkfifo", "")]
    [DataRow("mknod", "c 1 3", DisplayName = "what /dev/null is")]
    public void A_device_or_a_pipe_is_not_replaced_by_a_file(string make, string kind)
    {
        if (OperatingSystem.IsWindows()) Assert.Inconclusive("Windows keeps its pipes and devices out of folders.");
        string special = Path.Combine(folder, "special");
        using (var made = System.Diagnostics.Process.Start(make, [special, .. kind.Split(' ', StringSplitOptions.RemoveEmptyEntries)]))
        {
            made.WaitForExit();
            if (made.ExitCode != 0) Assert.Inconclusive("Only root may make devices.");
        }

        var error = Assert.ThrowsExactly<IOException>(() => AtomicFile.Write(special, "text"u8));

        Assert.AreEqual("it is a device or a pipe, not a file", FileErrors.Reason(error));
        Assert.AreEqual(0, new FileInfo(special).Length);
        Assert.HasCount(1, Directory.GetFiles(folder));
    }
}
