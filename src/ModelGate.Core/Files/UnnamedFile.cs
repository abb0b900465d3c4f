using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ModelGate;

/// <summary>A file that has no name until it is given one: Linux removes it when the process ends, also where nothing is left to clean up after it.</summary>
internal static partial class UnnamedFile
{
    private const int WriteOnly = 1, CloseOnExec = 0x80000, Temporary = 0x400000, ReadWriteForAll = 0x1B6; // 0666, less what the umask takes
    private const int InCurrentFolder = -100, FollowLinks = 0x400;
    private const int Interrupted = 4, NoSpace = 28, OverQuota = 122;

    // The one flag of these that is not the same on all processors.
    private static int Directory => RuntimeInformation.ProcessArchitecture is Architecture.Arm or Architecture.Arm64 or Architecture.Ppc64le ? 0x4000 : 0x10000;

    /// <summary>Creates one in a folder, to write to; null where the system or the file system has no such files.</summary>
    public static SafeFileHandle? TryCreate(string folder)
    {
        if (!OperatingSystem.IsLinux() || !System.IO.Directory.Exists("/proc/self/fd")) return null;
        var file = Open(folder, WriteOnly | CloseOnExec | Temporary | Directory, ReadWriteForAll);
        if (!file.IsInvalid) return file;
        file.Dispose();
        return null;
    }

    /// <summary>Gives it a name, which must be free.</summary>
    /// <exception cref="IOException">The system refuses.</exception>
    public static void Name(SafeFileHandle file, string path)
    {
        if (Link(InCurrentFolder, $"/proc/self/fd/{file.DangerousGetHandle()}", InCurrentFolder, path, FollowLinks) != 0)
            throw new IOException(Marshal.GetLastPInvokeErrorMessage(), Marshal.GetLastPInvokeError());
    }

    /// <summary>Reserves room on the disk, so that writing it can fill no disk; false where the file system has no such promise to make.</summary>
    /// <exception cref="IOException">There is no such room.</exception>
    public static bool TryReserve(SafeFileHandle file, long length)
    {
        if (!Environment.Is64BitProcess) return false; // the size of its numbers is another
        while (Reserve(file, 0, 0, length) != 0)
        {
            var error = Marshal.GetLastPInvokeError();
            if (error is NoSpace or OverQuota or FileErrors.FileTooLarge) throw new IOException(Marshal.GetLastPInvokeErrorMessage(), error);
            if (error != Interrupted) return false;
        }
        return true;
    }

    [LibraryImport("libc", EntryPoint = "fallocate", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Reserve(SafeFileHandle file, int mode, long offset, long length);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial SafeFileHandle Open(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "linkat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Link(int folder, string path, int newFolder, string newPath, int flags);
}
