using System.IO.Compression;
using System.Text;

namespace ModelGate.PackageTests.Setup;

/// <summary>The very MSBuild package of this checkout under another version, without packing it again.</summary>
internal static class OtherVersion
{
    /// <summary>Writes it.</summary>
    /// <param name="folder">Where to.</param>
    /// <param name="version">Its version.</param>
    /// <param name="task">A text of the task's assembly and what to put in its place, as long as the original so that the assembly stays whole; null to leave it as it is.</param>
    public static void Write(string folder, string version, (string Original, string Changed)? task = null)
    {
        string path = Path.Combine(Directory.CreateDirectory(folder).FullName, $"ModelGate.MSBuild.{version}.nupkg");
        File.Copy(Feed.MSBuild, path);
        using var package = ZipFile.Open(path, ZipArchiveMode.Update);
        Rewrite(package, "ModelGate.MSBuild.nuspec", Encoding.UTF8, $"<version>{Feed.Version}</version>", $"<version>{version}</version>");
        if (task is (var original, var changed))
            Rewrite(package, "ModelGate.MSBuild.dll", Encoding.Unicode, original, changed);
    }

    private static void Rewrite(ZipArchive package, string file, Encoding encoding, string from, string to)
    {
        byte[] original = encoding.GetBytes(from);
        var rewritten = package.Entries.Where(entry => entry.Name == file).ToList();
        Assert.AreNotEqual(0, rewritten.Count, file);
        foreach (var entry in rewritten)
        {
            using var stream = entry.Open();
            byte[] bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            int at = bytes.AsSpan().IndexOf(original);
            Assert.IsGreaterThanOrEqualTo(0, at, file);
            stream.SetLength(0);
            stream.Write(bytes.AsSpan(0, at));
            stream.Write(encoding.GetBytes(to));
            stream.Write(bytes.AsSpan(at + original.Length));
        }
    }
}
