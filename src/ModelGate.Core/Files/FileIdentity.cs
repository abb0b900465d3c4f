using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace ModelGate;

/// <summary>Which file a path leads to, through whatever links, and by how many names the file system knows it: .NET tells neither.</summary>
/// <param name="Volume">The volume it lies on.</param>
/// <param name="Number">Its number there.</param>
/// <param name="Names">The number of its names.</param>
public sealed partial record FileIdentity(ulong Volume, ulong Number, long Names)
{
    /// <summary>The identity of a file; null where there is none, or the system does not tell.</summary>
    public static FileIdentity? Of(string path)
    {
        try
        {
            if (OperatingSystem.IsWindows()) return OfWindows(path);
            if (OperatingSystem.IsLinux()) return FileStatus.Of(path) is { } status ? new(status.Volume, status.Number, status.Names) : null;
            if (OperatingSystem.IsMacOS()) return OfMac(path);
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or DllNotFoundException or EntryPointNotFoundException)
        {
            return null;
        }
    }

    /// <summary>True of what is known to be no regular file: a pipe, a socket or a device, which may keep a reader waiting for ever.</summary>
    public static bool IsSpecial(string path)
    {
        const int TypeOfFile = 0xF000, Regular = 0x8000, Folder = 0x4000;
        if (FileStatus.Of(path) is { } status) return !status.IsRegular && !status.IsFolder;
        try
        {
            return OperatingSystem.IsMacOS() && ModeOfMac(path) is { } mode && (mode & TypeOfFile) is not (Regular or Folder);
        }
        catch (Exception exception) when (exception is DllNotFoundException or EntryPointNotFoundException)
        {
            return false;
        }
    }

    /// <summary>True where two full paths lead to one file, whatever case or links they go by.</summary>
    public static bool AreSame(string path, string other) => FilePaths.Comparer.Equals(path, other) || Of(path)?.IsSameFile(Of(other)) == true;

    /// <summary>True where both are names of one file.</summary>
    public bool IsSameFile(FileIdentity? other) => other is not null && Volume == other.Volume && Number == other.Number;

    // st_mode are the two bytes at 4.
    private static int? ModeOfMac(string path)
    {
        Span<ushort> status = stackalloc ushort[128];
        return (RuntimeInformation.ProcessArchitecture == Architecture.X64 ? StatOfX64(path, status) : Stat(path, status)) == 0 ? status[2] : null;
    }

    // struct stat with inodes of 64 bits: st_dev are the four bytes at 0, st_nlink the two at 6, st_ino the eight at 8.
    private static FileIdentity? OfMac(string path)
    {
        Span<ushort> status = stackalloc ushort[128];
        var failed = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? StatOfX64(path, status) : Stat(path, status);
        var words = MemoryMarshal.Cast<ushort, uint>(status);
        return failed == 0 ? new(words[0], Join(words[3], words[2]), status[3]) : null;
    }

    // BY_HANDLE_FILE_INFORMATION: of thirteen words the eighth is dwVolumeSerialNumber, the eleventh nNumberOfLinks, the last two nFileIndex.
    [SupportedOSPlatform("windows")]
    private static FileIdentity? OfWindows(string path)
    {
        Span<uint> information = stackalloc uint[13];
        using var file = File.OpenHandle(path, share: FileShare.ReadWrite | FileShare.Delete);
        return FileInformation(file, information) ? new(information[7], Join(information[11], information[12]), information[10]) : null;
    }

    private static ulong Join(uint high, uint low) => ((ulong)high << 32) | low;

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
