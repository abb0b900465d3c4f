using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ModelGate;

/// <summary>What Linux says of a file in one call: .NET asks several times for less.</summary>
/// <param name="Mode">What kind of file it is, and who may do what with it.</param>
/// <param name="Length">Its bytes.</param>
/// <param name="Written">When it was last written to, in nanoseconds.</param>
/// <param name="Volume">The volume it lies on.</param>
/// <param name="Number">Its number there.</param>
/// <param name="Names">The number of its names.</param>
internal sealed partial record FileStatus(ushort Mode, long Length, long Written, ulong Volume, ulong Number, long Names)
{
    private const int InCurrentFolder = -100, OfHandle = 0x1000;
    private const uint Basic = 0x7FF;

    /// <summary>True of a file that holds bytes: no folder, pipe, socket or device.</summary>
    public bool IsRegular => (Mode & 0xF000) == 0x8000;

    /// <summary>True of a folder.</summary>
    public bool IsFolder => (Mode & 0xF000) == 0x4000;

    /// <summary>The status of the file that a path leads to, through whatever links; null where there is none, or the system is another.</summary>
    public static FileStatus? Of(string path) => Ask(status => Statx(InCurrentFolder, path, 0, Basic, status));

    /// <summary>The status of an open file; null where the system is another.</summary>
    public static FileStatus? Of(SafeFileHandle file) => Ask(status => Statx(file, "", OfHandle, Basic, status));

    private static FileStatus? Ask(Func<Span<uint>, int> statx)
    {
        if (!OperatingSystem.IsLinux()) return null;
        Span<uint> status = stackalloc uint[64];
        try
        {
            return statx(status) == 0 ? Read(status) : null;
        }
        catch (Exception exception) when (exception is DllNotFoundException or EntryPointNotFoundException)
        {
            return null; // a C library of before 2018
        }
    }

    // struct statx is laid out alike on every processor, which stat is not: stx_nlink are the four bytes at 16, stx_mode the two at 28, stx_ino
    // the eight at 32, stx_size the eight at 40, stx_mtime seconds and nanoseconds at 112, the device the eight at 136.
    private static FileStatus Read(ReadOnlySpan<uint> status) => new(
        (ushort)status[7], (long)Join(status[11], status[10]), unchecked(((long)Join(status[29], status[28]) * 1_000_000_000) + status[30]), Join(status[34], status[35]), Join(status[9], status[8]), status[4]);

    private static ulong Join(uint high, uint low) => ((ulong)high << 32) | low;

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Statx(int folder, string path, int flags, uint mask, Span<uint> status);

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Statx(SafeFileHandle file, string path, int flags, uint mask, Span<uint> status);
}
