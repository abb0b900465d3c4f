using System.Diagnostics;
using System.Globalization;
using ModelGate.Models;
using ModelGate.Tests.Models.Mutants;

namespace ModelGate.Benchmarks;

/// <summary>
/// The long run of damaged files: each format in a process of its own, so that what ends a process is a row of the table and not the end of
/// the run. What is read of ONNX is held against a reader built on Google.Protobuf.
/// </summary>
internal static class MutantRun
{
    // A hundred thousand in all.
    private const int Default = 12_500, Seed = 20261122, Shown = 5;
    private const double Hang = 1;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Prints the table, or with <c>--dense all</c> that of files built to take memory; 0 where nothing crashed, hung, or was counted wrongly.</summary>
    public static int Run(string[] arguments, TextWriter output)
    {
        var options = Options.Of(arguments);
        if (options.Format is { } format) return options.Dense ? DenseFiles.ReadOne(format, output) : RunOne(format, options, output);
        if (options.OnlyDense) return DenseFiles.Run(output, name => Child("--dense", name)) ? 0 : 1;
        bool clean = true;
        output.WriteLine($"| {options.Count} mutants of | read | refused | other errors | over 1 s | slowest | allocated at most |");
        output.WriteLine("|---|--:|--:|--:|--:|--:|--:|");
        foreach (string name in MutantFormat.Names)
        {
            var (exit, row) = Child("--format", name, "--count", Text(options.Count), "--seed", Text(options.Seed));
            output.WriteLine(exit is 0 or 1 ? row : $"| {name} | **ended with {exit}** {row} |");
            clean &= exit == 0;
        }

        return clean ? 0 : 1;
    }

    private static int RunOne(string name, Options options, TextWriter output)
    {
        string folder = Directory.CreateTempSubdirectory("modelgate-mutants-").FullName;
        try
        {
            var format = MutantFormat.Of(name, folder);
            var mutator = new Mutator(options.Seed);
            int read = 0, refused = 0, wrong = 0, slow = 0;
            double slowest = 0;
            long largest = 0;
            List<string> errors = [];
            foreach (var seed in format.Seeds) format.Read(seed); // compiled, and tables made
            var watchdog = new Watchdog();
            for (int round = 0; round < options.Count; round++)
            {
                byte[] mutant = mutator.Damage(format.Seeds[round % format.Seeds.Count]);
                watchdog.Round(round);
                long began = Stopwatch.GetTimestamp(), before = GC.GetAllocatedBytesForCurrentThread();
                try
                {
                    var model = format.Read(mutant);
                    Account();
                    read++;
                    format.Check(mutant, model);
                }
                catch (ModelException)
                {
                    Account();
                    refused++;
                }
                catch (Exception exception)
                {
                    wrong++;
                    if (errors.Count < Shown) errors.Add($"  mutant {round}: {exception.GetType().Name}: {exception.Message}");
                }

                void Account()
                {
                    double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
                    largest = Math.Max(largest, GC.GetAllocatedBytesForCurrentThread() - before);
                    slowest = Math.Max(slowest, seconds);
                    slow += seconds > Hang ? 1 : 0;
                }
            }

            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {name} | {read} | {refused} | {wrong} | {slow} | {slowest * 1000:0} ms | {largest / 1e3:0} kB |"));
            foreach (string error in errors) output.WriteLine(error);
            return wrong == 0 && slow == 0 ? 0 : 1;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static (int Exit, string Output) Child(params string[] arguments)
    {
        // Started as `dotnet ModelGate.Benchmarks.dll`, this process is the host, which has to be told what to run.
        string program = Environment.ProcessPath!;
        string[] hosted = Path.GetFileNameWithoutExtension(program).Equals("dotnet", StringComparison.OrdinalIgnoreCase) ? [typeof(MutantRun).Assembly.Location] : [];
        var start = new ProcessStartInfo(program, [.. hosted, "mutants", .. arguments]) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd().TrimEnd();
        process.WaitForExit();
        return (process.ExitCode, output);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private sealed record Options(int Count, int Seed, string? Format, bool Dense)
    {
        public bool OnlyDense => Dense && Format is null;

        public static Options Of(string[] arguments)
        {
            var options = new Options(Default, MutantRun.Seed, null, false);
            for (int index = 0; index + 1 < arguments.Length; index += 2)
            {
                options = (arguments[index], arguments[index + 1]) switch
                {
                    ("--count", var count) => options with { Count = int.Parse(count, CultureInfo.InvariantCulture) },
                    ("--seed", var seed) => options with { Seed = int.Parse(seed, CultureInfo.InvariantCulture) },
                    ("--format", var format) => options with { Format = format },
                    ("--dense", "all") => options with { Dense = true },
                    ("--dense", var format) => options with { Format = format, Dense = true },
                    _ => throw new ArgumentException($"There is no option {arguments[index]}."),
                };
            }

            return options;
        }
    }

    // Ends the process where one mutant takes far too long: what never ends cannot be caught.
    private sealed class Watchdog
    {
        private long round = -1;
        private long since;

        public Watchdog() => new Thread(Watch) { IsBackground = true }.Start();

        public void Round(int number)
        {
            Volatile.Write(ref since, Stopwatch.GetTimestamp());
            Volatile.Write(ref round, number);
        }

        private void Watch()
        {
            while (true)
            {
                Thread.Sleep(1000);
                if (Volatile.Read(ref round) < 0 || Stopwatch.GetElapsedTime(Volatile.Read(ref since)) < Patience) continue;
                Console.WriteLine($"hangs at mutant {Volatile.Read(ref round)}");
                Console.Out.Flush();
                Environment.Exit(3);
            }
        }
    }
}
