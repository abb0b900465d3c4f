using System.Diagnostics;
using System.Runtime.InteropServices;

namespace ModelGate.Worker;

/// <summary>The largest resident size that this process has had.</summary>
internal static partial class PeakMemory
{
    /// <summary>Bytes.</summary>
    public static long Read()
    {
        if (OperatingSystem.IsMacOS())
            return OfMac();
        using var self = Process.GetCurrentProcess();
        return self.PeakWorkingSet64;
    }

    // struct rusage on macOS: two timevals of 16 bytes, then ru_maxrss in bytes. .NET does not tell it there.
    private static long OfMac()
    {
        Span<long> usage = stackalloc long[18];
        return GetResourceUsage(0, usage) == 0 ? usage[4] : Environment.WorkingSet;
    }

    [LibraryImport("libc", EntryPoint = "getrusage")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int GetResourceUsage(int who, Span<long> usage);
}
