using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace ModelGate.Benchmarks;

/// <summary>A run of the built tool as a process of its own.</summary>
/// <param name="Milliseconds">Wall time, from start to end.</param>
/// <param name="PeakBytes">Most memory it had resident, as Linux tells; 0 elsewhere.</param>
internal sealed record ToolRun(double Milliseconds, long PeakBytes)
{
    private static string Tool { get; } = Path.Combine(Folder(), "..", "..", "src", "ModelGate.Tool", "bin", "Release", "net10.0", "modelgate.dll");

    /// <summary>Runs the tool.</summary>
    public static ToolRun Of(params string[] arguments) => Program("dotnet", ["exec", Tool, .. arguments]);

    /// <summary>Runs any program.</summary>
    /// <exception cref="InvalidOperationException">It ended with something other than 0.</exception>
    public static ToolRun Program(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true };
        long began = Stopwatch.GetTimestamp(), peak = 0;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        while (!process.WaitForExit(TimeSpan.FromMilliseconds(1)))
            peak = Math.Max(peak, Peak(process.Id));
        double milliseconds = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        output.Wait();
        return process.ExitCode == 0 ? new(milliseconds, peak) : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}");
    }

    // The kernel's own high-water mark: looking at it now and then misses only what the last moment added.
    private static long Peak(int process)
    {
        try
        {
            foreach (string line in File.ReadLines($"/proc/{process}/status"))
            {
                if (line.StartsWith("VmHWM:", StringComparison.Ordinal))
                    return long.Parse(line.AsSpan(6, line.Length - 6 - 3), CultureInfo.InvariantCulture) * 1024;
            }
        }
        catch (IOException)
        {
            // It has ended.
        }

        return 0;
    }

    private static string Folder([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
