namespace ModelGate.Tests;

/// <summary>Compares output with a file that people have read and approved. With MODELGATE_UPDATE_GOLDEN=1 the files are written anew, to be read again.</summary>
internal static class Golden
{
    public static void AssertMatches(string folder, string file, string actual)
    {
        string path = Path.Combine(Repository.Root, "tests", "ModelGate.Tests", folder, "Golden", file);
        if (Environment.GetEnvironmentVariable("MODELGATE_UPDATE_GOLDEN") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, actual);
        }

        Assert.IsTrue(File.Exists(path), $"{path} is missing: run with MODELGATE_UPDATE_GOLDEN=1 and read what it writes.");
        Assert.AreEqual(File.ReadAllText(path), actual);
    }
}
