namespace ModelGate;

/// <summary>Why the system refused to read or write a file, in words that are the same on every system and hold no path.</summary>
public static class FileErrors
{
    private const int SharingViolation = unchecked((int)0x80070020), WindowsDiskFull = unchecked((int)0x80070070), WriteProtected = unchecked((int)0x80070013);
    private const int InputOutput = 5, WouldBlockOnLinux = 11, TooManyInAll = 23, TooManyHere = 24, NoSpace = 28, ReadOnly = 30, BrokenPipe = 32, WouldBlockOnMac = 35, TooManyLinks = 40, TooManyLinksOnMac = 62;
    private const int WindowsBrokenPipe = unchecked((int)0x8007006D), WindowsPipeClosing = unchecked((int)0x800700E8);

    /// <summary>The code of a file that is larger than its file system or a quota allows.</summary>
    internal const int FileTooLarge = 27;

    /// <summary>The reason, without a full stop.</summary>
    public static string Reason(Exception exception) => exception switch
    {
        FileNotFoundException or DirectoryNotFoundException => "there is no such file",
        UnauthorizedAccessException => "its permissions do not allow it",
        PathTooLongException => "its path is too long for this system",
        EndOfStreamException => "it has fewer bytes than its length says: it was cut meanwhile, or is no regular file",
        _ when IsLocked(exception) => "another process holds it locked",
        IOException { HResult: WindowsDiskFull or NoSpace or FileTooLarge } => "no space is left for it",
        IOException { HResult: WriteProtected or ReadOnly } => "the file system is read-only",
        IOException { HResult: TooManyLinks or TooManyLinksOnMac } => "its symbolic links go round in a circle",
        IOException { HResult: InputOutput } => "the disk reports an error",
        IOException { HResult: TooManyInAll or TooManyHere } => "too many files are open already (`ulimit -n`)",
        _ => exception.Message.ReplaceLineEndings(" ").TrimEnd('.'),
    };

    /// <summary>True where another process holds the file locked.</summary>
    public static bool IsLocked(Exception exception) => exception is IOException { HResult: SharingViolation or WouldBlockOnLinux or WouldBlockOnMac };

    /// <summary>True where whoever read our output has seen enough and closed it, as <c>head</c> does.</summary>
    public static bool IsClosedPipe(Exception exception) => exception is IOException { HResult: BrokenPipe or WindowsBrokenPipe or WindowsPipeClosing };
}
