using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace ModelGate.Models;

/// <summary>How many names the file system knows a file by, which .NET does not tell.</summary>
internal static partial class HardLinks
{
    /// <summary>The number of names; 1 where the system does not tell.</summary>
    public static long Count(string path)
    {
        try
        {
            if (OperatingSystem.IsWindows()) return OfWindows(path);
            if (OperatingSystem.IsLinux()) return OfLinux(path);
            if (OperatingSystem.IsMacOS()) return OfMac(path);
            return 1;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or DllNotFoundException or EntryPointNotFoundException)
        {
            return 1;
        }
    }

    // statx is laid out alike on every processor, which stat is not: stx_nlink are the four bytes at 16.
    private static long OfLinux(string path)
    {
        const int InCurrentFolder = -100;
        const uint OnlyLinks = 4;
        Span<uint> status = stackalloc uint[64];
        return Statx(InCurrentFolder, path, 0, OnlyLinks, status) == 0 ? status[4] : 1;
    }

    // struct stat with inodes of 64 bits: st_nlink are the two bytes at 6.
    private static long OfMac(string path)
    {
        Span<ushort> status = stackalloc ushort[128];
        var failed = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? StatOfX64(path, status) : Stat(path, status);
        return failed == 0 ? status[3] : 1;
    }

    // BY_HANDLE_FILE_INFORMATION: nNumberOfLinks is the eleventh of thirteen words.
    [SupportedOSPlatform("windows")]
    private static long OfWindows(string path)
    {
        Span<uint> information = stackalloc uint[13];
        using var file = File.OpenHandle(path, share: FileShare.ReadWrite | FileShare.Delete);
        return FileInformation(file, information) ? information[10] : 1;
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Statx(int folder, string path, int flags, uint mask, Span<uint> status);

    [LibraryImport("libc", EntryPoint = "stat", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Stat(string path, Span<ushort> status);

    [LibraryImport("libc", EntryPoint = "stat$INODE64", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int StatOfX64(string path, Span<ushort> status);

    [LibraryImport("kernel32", EntryPoint = "GetFileInformationByHandle")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool FileInformation(SafeFileHandle file, Span<uint> information);
}
