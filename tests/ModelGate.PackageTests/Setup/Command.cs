using System.Diagnostics;
using System.Text;

namespace ModelGate.PackageTests.Setup;

/// <summary>Runs commands as a user at a prompt would: nothing of the test run's own environment shows through.</summary>
internal static class Command
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(5);

    /// <summary>Runs <c>dotnet</c>.</summary>
    /// <param name="folder">Working directory.</param>
    /// <param name="arguments">Arguments, each as it is.</param>
    /// <param name="environment">Variables to set, or to remove where null.</param>
    public static CommandOutcome Dotnet(string folder, string[] arguments, IReadOnlyDictionary<string, string?>? environment = null) =>
        Run(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", folder, arguments, environment);

    /// <summary>Runs any program.</summary>
    public static CommandOutcome Run(string program, string folder, string[] arguments, IReadOnlyDictionary<string, string?>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        Clean(start.Environment);
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>())
            start.Environment[name] = value;

        var output = new StringBuilder();
        using var process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, line) => Append(line.Data);
        process.ErrorDataReceived += (_, line) => Append(line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        string command = $"{program} {string.Join(' ', arguments)}   (in {folder})";
        if (!process.WaitForExit(Deadline))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{command}\nhas not ended after {Deadline}\n{output}");
        }
        process.WaitForExit(); // until both streams are read
        return new(command, process.ExitCode, output.ToString());

        void Append(string? line)
        {
            if (line is null)
                return;
            lock (output)
                output.Append(line).Append('\n');
        }
    }

    /// <summary>True where this machine has a program.</summary>
    public static bool IsOnPath(string program)
    {
        string[] endings = OperatingSystem.IsWindows() ? [".cmd", ".exe"] : [""];
        return Environment.GetEnvironmentVariable("PATH")!.Split(Path.PathSeparator).Any(folder => endings.Any(ending => File.Exists(Path.Combine(folder, program + ending))));
    }

    // `dotnet test` runs inside MSBuild and hands its variables down; a build in a test must not take them for its own.
    private static void Clean(IDictionary<string, string?> environment)
    {
        foreach (string name in environment.Keys.ToArray())
        {
            bool isForeign = name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase) || name.StartsWith("ModelGate", StringComparison.Ordinal)
                || name.StartsWith("VSTEST", StringComparison.OrdinalIgnoreCase) || name is "CI" or "DOTNET_HOST_PATH" or "Platform" or "Configuration";
            if (isForeign)
                environment.Remove(name);
        }
        environment["MSBUILDDISABLENODEREUSE"] = "1"; // a reused node would keep the task's assembly of the test before
        environment["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0";
        environment["DOTNET_CLI_UI_LANGUAGE"] = "en";
        environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";
        environment["DOTNET_NOLOGO"] = "1";
        environment["MSBUILDTERMINALLOGGER"] = "off";
        environment["UseSharedCompilation"] = "false";
        // A gate looks at no source, and hundreds of processes are too short to gain from a profile of themselves.
        environment["RunAnalyzers"] = "false";
        environment["DOTNET_TieredPGO"] = "0";
    }
}
