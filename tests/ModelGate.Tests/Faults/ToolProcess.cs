using System.Diagnostics;
using System.Globalization;
using System.Text;
using ModelGate.Measuring;

namespace ModelGate.Tests.Faults;

/// <summary>The built tool as a process of its own, as a user starts it: what would kill, hang or flood it does no harm to the tests.</summary>
internal sealed class ToolProcess : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly Process process;
    private readonly Task<string> output;
    private readonly Task<string> error;

    private ToolProcess(ProcessStartInfo start)
    {
        process = Process.Start(start)!;
        process.StandardInput.Close();
        output = process.StandardOutput.ReadToEndAsync();
        error = process.StandardError.ReadToEndAsync();
    }

    private static string DotNet { get; } = DotNetHost.OfThisProcess();

    private static string Tool { get; } = Path.Combine(Repository.Root, "src", "ModelGate.Tool", "bin", Path.GetFileName(Path.GetDirectoryName(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar))!), "net10.0", "modelgate.dll");

    public int Id => process.Id;

    /// <summary>Starts it and goes on.</summary>
    public static ToolProcess Start(string folder, IReadOnlyDictionary<string, string?>? environment, params string[] arguments) =>
        new(Info(DotNet, folder, environment, ["exec", Tool, .. arguments]));

    /// <summary>Runs it to its end.</summary>
    public static Finished Run(string folder, params string[] arguments) => Run(folder, null, arguments);

    /// <summary>Runs it to its end, with variables of its environment set or, where null, removed.</summary>
    public static Finished Run(string folder, IReadOnlyDictionary<string, string?>? environment, params string[] arguments)
    {
        using var started = Start(folder, environment, arguments);
        return started.End();
    }

    /// <summary>Runs a line of the shell in which <c>modelgate</c> is the tool.</summary>
    public static Finished Shell(string folder, string line)
    {
        if (OperatingSystem.IsWindows()) Assert.Inconclusive("This needs a POSIX shell.");
        using var started = new ToolProcess(Info("/bin/sh", folder, null, ["-c", $"modelgate() {{ \"$DOTNET\" exec \"$TOOL\" \"$@\"; }}; {line}"]));
        return started.End();
    }

    /// <summary>Runs it to its end in a cage; on Windows, which has no such shell, only its heap is limited.</summary>
    public static Finished Caged(Cage cage, string folder, params string[] arguments)
    {
        if (OperatingSystem.IsWindows()) return Run(folder, cage.Environment, arguments);
        using var started = new ToolProcess(Info("/bin/sh", folder, cage.Environment, ["-c", cage.Limits + "exec \"$DOTNET\" exec \"$TOOL\" \"$@\"", "sh", .. arguments]));
        return started.End();
    }

    /// <summary>Waits for its end.</summary>
    public Finished End()
    {
        if (!process.WaitForExit(Patience))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail("The tool hangs.");
        }

        return new(process.ExitCode, output.Result, error.Result);
    }

    public void Dispose() => process.Dispose();

    private static ProcessStartInfo Info(string program, string folder, IReadOnlyDictionary<string, string?>? environment, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        foreach (string name in (string[])["NO_COLOR", "FORCE_COLOR", "TERM"])
            start.Environment.Remove(name);
        (start.Environment["DOTNET"], start.Environment["TOOL"]) = (DotNet, Tool);
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>())
            start.Environment[name] = value;
        return start;
    }

    /// <summary>How it ended.</summary>
    internal sealed record Finished(int ExitCode, string Output, string Error)
    {
        /// <summary>Makes sure of the exit code, and that nobody is shown an exception.</summary>
        public Finished Is(int exitCode)
        {
            Assert.AreEqual(exitCode, ExitCode, ToString());
            Assert.DoesNotContain("   at ", Output + Error, ToString());
            Assert.DoesNotContain("Exception", Output + Error, ToString());
            return this;
        }

        /// <summary>Makes sure that a text was said.</summary>
        public Finished Says(string text)
        {
            Assert.Contains(text, Output + Error);
            return this;
        }
    }

    /// <summary>
    /// Leaves a test open where a signal reaches no program: what a shell runs in the background ignores Ctrl-C, and so does whatever that starts.
    /// </summary>
    public static void NeedsSignal(int signal)
    {
        if (!OperatingSystem.IsLinux()) return;
        string ignored = File.ReadLines("/proc/self/status").First(static line => line.StartsWith("SigIgn:", StringComparison.Ordinal));
        ulong mask = ulong.Parse(ignored.AsSpan("SigIgn:".Length).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        if ((mask >> (signal - 1) & 1) != 0) Assert.Inconclusive($"Signal {signal} is ignored by whoever started the tests, and by every program that they start: run them in the foreground.");
    }
}
