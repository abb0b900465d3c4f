using System.IO.Compression;

namespace ModelGate.Tests.Models.Containers;

/// <summary>Packages of a few entries.</summary>
internal static class Packages
{
    /// <summary>Writes one; gives its path.</summary>
    public static string Write(TemporaryFolder folder, params (string Name, byte[] Content)[] entries) => folder.Write("p.nupkg", Of(entries));

    /// <summary>The bytes of one.</summary>
    public static byte[] Of(params (string Name, byte[] Content)[] entries)
    {
        using var memory = new MemoryStream();
        using (var archive = new ZipArchive(memory, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content) in entries)
            {
                using var entry = archive.CreateEntry(name).Open();
                entry.Write(content);
            }
        }
        return memory.ToArray();
    }

    /// <summary>Writes one whose directory says another CRC-32 of an entry than it has.</summary>
    public static string WithChecksum(TemporaryFolder folder, int entry, params (string Name, byte[] Content)[] entries)
    {
        var package = Write(folder, entries);
        var bytes = File.ReadAllBytes(package);
        bytes[CentralEntry(bytes, entry) + 16] ^= 1;
        File.WriteAllBytes(package, bytes);
        return package;
    }

    /// <summary>Where the directory describes an entry.</summary>
    public static int CentralEntry(byte[] package, int index)
    {
        var at = -1;
        for (; index >= 0; index--) at += 1 + package.AsSpan(at + 1).IndexOf((ReadOnlySpan<byte>)[0x50, 0x4B, 0x01, 0x02]);
        return at;
    }
}
