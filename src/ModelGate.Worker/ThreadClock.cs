using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ModelGate.Worker;

/// <summary>How long a processor has worked for the calling thread: it stands still while others have it. Known on 64-bit Linux.</summary>
internal static partial class ThreadClock
{
    // CLOCK_THREAD_CPUTIME_ID of Linux; other systems number their clocks otherwise.
    private const int OfThisThread = 3;
    private const long NanosecondsPerSecond = 1_000_000_000;

    /// <summary>False where the system does not tell.</summary>
    public static bool IsThere { get; } = OperatingSystem.IsLinux() && nint.Size == sizeof(long) && Tells();

    /// <summary>Nanoseconds of a processor that this thread has had since it began; 0 where the system does not tell.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static long Nanoseconds() => IsThere && Read(OfThisThread, out var time) == 0 ? (time.Seconds * NanosecondsPerSecond) + time.Nanoseconds : 0;

    private static bool Tells()
    {
        try
        {
            return Read(OfThisThread, out _) == 0;
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Read(int clock, out Timespec time);

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Timespec
    {
        public readonly long Seconds;
        public readonly long Nanoseconds;
    }
}
