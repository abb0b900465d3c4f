using System;
using System.ComponentModel;
using System.Diagnostics;
using System.IO;
using System.Threading;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>Asks the configured NuGet sources for ONNX Runtime; where none carries it, packs it from npm into the local feed.</summary>
public sealed class SupplyOnnxRuntime : Task, ICancelableTask
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    private volatile bool cancelled;
    private volatile Process running;

    /// <summary>The folder of this file.</summary>
    [Required]
    public string Folder { get; set; }

    /// <summary>Version to supply.</summary>
    [Required]
    public string Version { get; set; }

    /// <inheritdoc/>
    public override bool Execute()
    {
        string work = Path.Combine(Folder, "obj", Version), feed = Path.Combine(Folder, "feed");
        string binding = "Microsoft.ML.OnnxRuntime.Managed." + Version + ".nupkg", natives = "Microsoft.ML.OnnxRuntime." + Version + ".nupkg";
        Directory.CreateDirectory(work);
        using (FileStream turn = WaitForTurn(Path.Combine(Folder, "obj", "supply.lock")))
        {
            if (turn == null || cancelled) return false;
            if (File.Exists(Path.Combine(feed, natives))) return true; // made by the restore that was waited for

            string version = " -v:q -nologo -p:OnnxRuntimeVersion=" + Version, log;
            if (Run(DotNet, "restore Probe/Probe.csproj" + version, Folder, out log)) return true;
            // A source that does not answer is the real restore's to report; only "nobody has it" is ours to mend.
            if (!log.Contains("NU1101") && !log.Contains("NU1102")) return !cancelled;

            string npm = Path.Combine(Folder, "npm", Version);
            if (!File.Exists(Path.Combine(npm, "package-lock.json")))
            {
                Log.LogError("No configured NuGet source carries Microsoft.ML.OnnxRuntime " + Version + ", and build/onnxruntime/npm holds no recipe for that version.");
                return false;
            }

            // To the error stream, because `dotnet run` restores too quietly for any message of MSBuild to be seen.
            Console.Error.WriteLine("No configured NuGet source carries Microsoft.ML.OnnxRuntime " + Version + ": packing it from npm into " + feed + " (once; about half a minute).");
            bool made = Npm("ci --ignore-scripts --no-audit --no-fund", npm, out log)
                && Run(DotNet, "pack Managed/Managed.csproj -c Release -o \"" + work + "\"" + version, Folder, out log)
                && Run(DotNet, "pack Native/Native.csproj -c Release -o \"" + work + "\"" + version, Folder, out log);
            if (cancelled) return false;
            if (!made)
            {
                Log.LogError("No configured NuGet source carries Microsoft.ML.OnnxRuntime " + Version + ", and packing it from npm failed. "
                    + "Install npm (it comes with Node.js) and let it reach its registry, or add a NuGet source that has the package. What was said: " + log.Trim());
                return false;
            }

            // The package with the natives last: whoever sees it may rely on both.
            MoveInto(feed, work, binding);
            MoveInto(feed, work, natives);
            Directory.Delete(Path.Combine(npm, "node_modules"), recursive: true);
            return true;
        }
    }

    /// <inheritdoc/>
    public void Cancel()
    {
        cancelled = true;
        Process process = running;
        if (process != null) End(process);
    }

    private static string DotNet
    {
        get { return Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet"; }
    }

    private bool Npm(string arguments, string folder, out string output)
    {
        // On Windows npm is a script, which only a shell can start.
        return Path.DirectorySeparatorChar == '\\' ? Run("cmd", "/d /c npm " + arguments, folder, out output) : Run("npm", arguments, folder, out output);
    }

    private static void MoveInto(string feed, string work, string name)
    {
        string target = Path.Combine(feed, name);
        File.Delete(target);
        File.Move(Path.Combine(work, name), target);
    }

    private FileStream WaitForTurn(string path)
    {
        Stopwatch clock = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException e)
            {
                if (cancelled) return null;
                if (clock.Elapsed > Patience)
                {
                    Log.LogError(path + " cannot be locked after " + Patience.TotalMinutes + " minutes (" + e.Message + "): end the other restore that packs ONNX Runtime, if there is one.");
                    return null;
                }
                Thread.Sleep(200);
            }
        }
    }

    private bool Run(string command, string arguments, string folder, out string output)
    {
        var start = new ProcessStartInfo(command, arguments) { WorkingDirectory = folder, UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["SUPPLYING_ONNXRUNTIME"] = "1";
        try
        {
            using (var process = Process.Start(start))
            {
                running = process;
                if (cancelled) End(process); // between the last look and now
                var error = process.StandardError.ReadToEndAsync();
                output = process.StandardOutput.ReadToEnd() + error.Result;
                process.WaitForExit();
                running = null;
                return process.ExitCode == 0;
            }
        }
        catch (Win32Exception e)
        {
            output = command + ": " + e.Message;
            return false;
        }
    }

    private static void End(Process process)
    {
        try
        {
            process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It has ended by itself.
        }
        catch (Win32Exception)
        {
            // It is ending.
        }
    }
}
