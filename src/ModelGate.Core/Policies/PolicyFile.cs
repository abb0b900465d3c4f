namespace ModelGate.Policies;

/// <summary>Reads the bytes of a policy from disk without trusting that the path leads to a small regular file.</summary>
internal static class PolicyFile
{
    /// <summary>Longest policy that is read, in bytes. Real ones have a few kilobytes; YAML parsers need quadratic time on hostile ones.</summary>
    internal const int MaxLength = 256 * 1024;

    /// <summary>The file's bytes, or the reason why there are none.</summary>
    internal static (byte[]? Bytes, Diagnostic? Error) Read(string path)
    {
        try
        {
            var file = new FileInfo(path);
            // The length of a link is that of its target's name.
            if (Links.Target(path) is { } target)
                file = target;
            if (Directory.Exists(file.FullName))
                return Unreadable(path, "is a folder, not a policy file");
            if (!file.Exists)
                return (null, new(Diagnostics.PolicyNotFound, new(path), $"There is no policy at {path}. Run `modelgate init` to write one."));
            // Pipes, sockets and devices have no length: opening one could wait for ever.
            if (file.Length == 0)
                return Unreadable(path, "is empty or not a regular file; a policy begins with `version: 1`");
            if (file.Length > MaxLength)
                return TooLong(path, file.Length);

            using var stream = new FileStream(file.FullName, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            var buffer = new byte[MaxLength + 1];
            var length = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            return length > MaxLength ? TooLong(path, length) : (buffer[..length], null);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return Unreadable(path, $"cannot be read: {FileErrors.Reason(exception)}");
        }
    }

    /// <summary>Says that a policy has more bytes than are read.</summary>
    internal static (byte[]? Bytes, Diagnostic? Error) TooLong(string path, long length) =>
        Unreadable(path, string.Create(null, $"has {length} bytes or more; a policy may have at most {MaxLength} (256 KiB)"));

    private static (byte[]? Bytes, Diagnostic? Error) Unreadable(string path, string reason) =>
        (null, new(Diagnostics.PolicyUnreadable, new(path, 1, 1), $"The policy {path} {reason}."));
}
