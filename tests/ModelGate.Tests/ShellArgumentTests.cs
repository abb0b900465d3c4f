using System.Diagnostics;

namespace ModelGate.Tests;

/// <summary>Commands that messages suggest: a file's name is an argument in them, whatever it is.</summary>
[TestClass]
public class ShellArgumentTests
{
    [TestMethod]
    [DataRow("models/detector.v2-int8.onnx", "models/detector.v2-int8.onnx")]
    [DataRow("models/模型.onnx", "models/模型.onnx")]
    [DataRow(@"C:\models\a.onnx", @"C:\models\a.onnx")]
    [DataRow("my models/a.onnx", "\"my models/a.onnx\"")]
    [DataRow("it's.onnx", "\"it's.onnx\"")]
    [DataRow("$(touch x).onnx", "'$(touch x).onnx'")]
    [DataRow("a\u201D;b.onnx", "'a\u201D;b.onnx'")]
    [DataRow("-o.onnx", "./-o.onnx")]
    [DataRow("it's $5.onnx", @"'it'\''s $5.onnx'")]
    public void A_name_is_quoted_as_far_as_it_needs_it(string path, string written) => Assert.AreEqual(written, ShellArgument.Of(path));

    [TestMethod]
    [DataRow("a b.onnx")]
    [DataRow("a;touch pwned;.onnx")]
    [DataRow("a|touch pwned&.onnx")]
    [DataRow("$(touch pwned).onnx")]
    [DataRow("`touch pwned`.onnx")]
    [DataRow("a\";touch pwned;\".onnx")]
    [DataRow("it's $(touch pwned) \"here\".onnx")]
    [DataRow("*?[a]~{a,b}<(c)#.onnx")]
    public void A_shell_takes_it_for_the_name_and_for_nothing_else(string path)
    {
        if (OperatingSystem.IsWindows()) Assert.Inconclusive("This needs a POSIX shell.");
        using var folder = new TemporaryFolder();

        using var shell = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", $"printf '[%s]' {ShellArgument.Of(path)}"]) { WorkingDirectory = folder.Path, RedirectStandardOutput = true })!;
        string said = shell.StandardOutput.ReadToEnd();
        shell.WaitForExit();

        Assert.AreEqual($"[{path}]", said);
        Assert.IsEmpty(Directory.GetFileSystemEntries(folder.Path));
    }
}
