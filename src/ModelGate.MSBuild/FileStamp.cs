using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace ModelGate.MSBuild;

/// <summary>What tells one state of a file from another without reading it.</summary>
internal static class FileStamp
{
    /// <summary>A stamp that no file ever has: a receipt that holds it is never cited.</summary>
    public const string Never = "never";

    /// <summary>
    /// Length, time of the last write and time of creation. The last tells a file from another of equal length and time that has taken
    /// its place. On Linux, where .NET does not know it, the time that the file's own record was last changed stands for it: writing,
    /// replacing and linking change it, and no program can set it. Of a folder: the time that something was last added to it or taken away.
    /// </summary>
    public static string Of(string path)
    {
        var file = new FileInfo(path);
        return file.Exists
            ? file.Length.ToString(CultureInfo.InvariantCulture) + " " +
              file.LastWriteTimeUtc.Ticks.ToString(CultureInfo.InvariantCulture) + " " +
              ((RuntimeInformation.IsOSPlatform(OSPlatform.Linux) ? ChangeOf(path) : null) ?? file.CreationTimeUtc.Ticks.ToString(CultureInfo.InvariantCulture))
            : Directory.Exists(path) ? "folder " + Directory.GetLastWriteTimeUtc(path).Ticks.ToString(CultureInfo.InvariantCulture)
            : "absent";
    }

    // statx is laid out alike on every processor: stx_ctime are the eight bytes of seconds at 96 and the four of nanoseconds at 104.
    private static string? ChangeOf(string path)
    {
        const int InCurrentFolder = -100, Seconds = 24, Nanoseconds = 26;
        const uint OnlyChange = 0x80;
        uint[] status = new uint[64];
        try
        {
            return Statx(InCurrentFolder, Encoding.UTF8.GetBytes(path + "\0"), 0, OnlyChange, status) == 0
                ? status[Seconds + 1].ToString("x8", CultureInfo.InvariantCulture) + status[Seconds].ToString("x8", CultureInfo.InvariantCulture) + status[Nanoseconds].ToString("x8", CultureInfo.InvariantCulture)
                : null;
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            return null;
        }
    }

#pragma warning disable SYSLIB1054 // The task is built for netstandard2.0, which has no generated imports.
    [DllImport("libc", EntryPoint = "statx")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Statx(int folder, byte[] path, int flags, uint mask, [Out] uint[] status);
#pragma warning restore SYSLIB1054
}
