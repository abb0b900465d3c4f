using System.Runtime.InteropServices;

namespace ModelGate.Tool;

/// <summary>
/// Standard output or error of Linux and macOS, written to as it is. Before the first byte, and before it tells the width of a terminal, .NET's
/// own stream sets the terminal up for reading keys: it writes escapes to it, also where NO_COLOR forbids any and where output is redirected, and leaves it so.
/// </summary>
/// <param name="descriptor">The number of the open file.</param>
internal sealed partial class UnixOutput(int descriptor) : Stream
{
    /// <summary>The numbers of the two.</summary>
    public const int Output = 1, Error = 2;

    private const int Interrupted = 4, WouldBlockOnLinux = 11, WouldBlockOnMac = 35;
    private const int BrokenPipeSignal = 13, Ignored = 1;
    private const nuint WindowSize = 0x5413; // TIOCGWINSZ of Linux on x64 and arm64

    public override bool CanRead => false;
    public override bool CanSeek => false;
    public override bool CanWrite => true;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>Opens one of them, where the system is one of these: a reader that has seen enough is an error of the write from then on, and not the end of the process.</summary>
    public static UnixOutput? TryOpen(int descriptor)
    {
        if (!OperatingSystem.IsLinux() && !OperatingSystem.IsMacOS())
            return null;
        try
        {
            _ = Signal(BrokenPipeSignal, Ignored);
            return new(descriptor);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            return null;
        }
    }

    /// <summary>The columns of the terminal on standard output; null where they are not known here.</summary>
    public static int? Columns()
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture is not (Architecture.X64 or Architecture.Arm64))
            return null;
        try
        {
            Span<ushort> size = stackalloc ushort[4]; // struct winsize: rows, columns, and both in pixels
            return Control(Output, WindowSize, size) == 0 && size[1] > 0 ? size[1] : null;
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            return null;
        }
    }

    public override void Write(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            nint written = Write(descriptor, bytes, (nuint)bytes.Length);
            if (written >= 0)
            {
                bytes = bytes[(int)written..];
                continue;
            }

            int error = Marshal.GetLastPInvokeError();
            if (error is WouldBlockOnLinux or WouldBlockOnMac)
                Thread.Sleep(1); // whoever shares it has made it so; a terminal catches up
            else if (error != Interrupted)
                throw new IOException(Marshal.GetLastPInvokeErrorMessage(), error);
        }
    }

    public override void Write(byte[] bytes, int offset, int count) => Write(bytes.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override int Read(byte[] bytes, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint Write(int file, ReadOnlySpan<byte> bytes, nuint count);

    [LibraryImport("libc", EntryPoint = "ioctl")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Control(int file, nuint request, Span<ushort> argument);

    [LibraryImport("libc", EntryPoint = "signal")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint Signal(int number, nint handler);
}
