using System.Globalization;

namespace ModelGate.Measuring;

/// <summary>What the exit code of a process that said nothing means.</summary>
internal static class ExitStatus
{
    // A shell's convention, which .NET follows: ended by signal n is exit code 128 + n.
    private const int SignalBase = 128, Abort = 6, Kill = 9;

    private static readonly Dictionary<int, string> Signals = new()
    {
        [4] = "SIGILL, an instruction this CPU does not have",
        [Abort] = "SIGABRT, it gave up",
        [7] = "SIGBUS, a bad memory access",
        [8] = "SIGFPE, an arithmetic fault",
        [10] = "SIGBUS, a bad memory access",
        [11] = "SIGSEGV, a bad memory access",
        [15] = "SIGTERM, it was asked to end",
        [24] = "SIGXCPU, its processor time ran out",
    };

    private static readonly Dictionary<uint, string> Exceptions = new()
    {
        [0xC0000005] = "access violation",
        [0xC000001D] = "illegal instruction",
        [0xC0000094] = "division by zero",
        [0xC00000FD] = "stack overflow",
        [0xC0000374] = "heap corruption",
        [0xC0000409] = "fail-fast",
        [0xE0434352] = "unhandled .NET exception",
    };

    /// <summary>The diagnostic and the words for a worker that ended without a result.</summary>
    /// <param name="code">Its exit code.</param>
    /// <param name="lastWords">The end of what it wrote to its error stream; one line, may be empty.</param>
    /// <param name="windows">True for a code of Windows.</param>
    public static WorkerFailure Explain(int code, string lastWords, bool windows)
    {
        string said = lastWords.Length == 0 ? "" : $" It last wrote: {lastWords}";
        if (code == 0)
            return new(Diagnostics.WorkerSilent, $"the worker ended with exit code 0 and gave no result.{said}");

        if (windows)
        {
            uint exception = unchecked((uint)code);
            return exception >= 0xC0000000
                ? new(Diagnostics.WorkerCrashed, $"the worker crashed with 0x{exception.ToString("X8", CultureInfo.InvariantCulture)} ({Exceptions.GetValueOrDefault(exception, "exception")}).{said}")
                : Silent(code, said);
        }

        return (code - SignalBase) switch
        {
            Kill => new(Diagnostics.WorkerOutOfMemory, $"the worker was killed (SIGKILL), which is what the system does when memory runs out.{said}"),
            var signal when Signals.TryGetValue(signal, out string? name) => new(Diagnostics.WorkerCrashed, $"the worker was ended by {name}.{said}"),
            > 0 and < 65 => new(Diagnostics.WorkerCrashed, $"the worker was ended by signal {(code - SignalBase).ToString(CultureInfo.InvariantCulture)}.{said}"),
            _ => Silent(code, said),
        };
    }

    private static WorkerFailure Silent(int code, string said) =>
        new(Diagnostics.WorkerSilent, $"the worker ended with exit code {code.ToString(CultureInfo.InvariantCulture)} and gave no result.{said}");
}
