using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace ModelGate.Measuring;

/// <summary>
/// Runs one worker process from start to end: gives it its order, watches its deadline and its memory, and makes something of
/// whatever way it ends. Nothing that the worker or the model in it does gets further than this.
/// </summary>
internal sealed class WorkerProcess : IDisposable
{
    private const int MostCharactersOfALine = 256 * 1024, MostCharactersOfReason = 1000, MostCharactersOfLastWords = 400;

    // Samples that would take that many times as long as they may are given up; nearer, their pace may still change.
    private const double Hopeless = 2, TimeToGoBy = 1;

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50), Grace = TimeSpan.FromSeconds(5);

    private readonly WorkerOrder order;
    private readonly Process process;
    private readonly long started = Stopwatch.GetTimestamp();
    private readonly BlockingCollection<Arrival> arrivals = [];
    private readonly StringBuilder lastWords = new();
    private readonly Thread output;
    private readonly Thread error;
    private Arrival? comparing, comparingFirst;
    private WorkerMessage? last;

    private WorkerProcess(WorkerOrder order, Process process)
    {
        (this.order, this.process) = (order, process);
        output = Read(process.StandardOutput, Hear, arrivals.CompleteAdding);
        error = Read(process.StandardError, Remember, static () => { });
    }

    private sealed record Arrival(WorkerMessage? Message, double At);

    /// <summary>One restart of the worker.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled; the worker is gone.</exception>
    public static Restart Run(WorkerHost host, WorkerOrder order, RestartBounds bounds, CancellationToken cancellation)
    {
        order = order with { Token = Convert.ToHexString(RandomNumberGenerator.GetBytes(16)) };
        Process process;
        try
        {
            process = Process.Start(StartInfo(host))!;
        }
        catch (Win32Exception e)
        {
            return new(null, new(Diagnostics.ToolCannotStart, $"the worker cannot be started with {host.DotNet}: {OneLine(e.Message)}"), null);
        }

        using var worker = new WorkerProcess(order, process);
        return worker.Run(bounds, cancellation);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        End();
        // Both streams end with the process, unless a child of it holds them; then they are left behind.
        if (output.Join(Grace))
            arrivals.Dispose();
        error.Join(Grace);
        process.Dispose();
    }

    private static ProcessStartInfo StartInfo(WorkerHost host)
    {
        var start = new ProcessStartInfo(host.DotNet)
        {
            ArgumentList = { "exec", host.Worker },
            // Neither the model's folder nor the user's: whatever looks for libraries in the current directory finds only our own.
            WorkingDirectory = Path.GetDirectoryName(host.Worker)!,
            UseShellExecute = false,
            CreateNoWindow = true,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(false),
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        // With it a model's own metadata would set the options of the session.
        start.Environment.Remove("ORT_LOAD_CONFIG_FROM_MODEL");
        // A crash is expected here and reported; dumps of gigabytes are not wanted.
        start.Environment["DOTNET_DbgEnableMiniDump"] = "0";
        // A worker that is killed cannot remove its diagnostic sockets from the temporary folder.
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        // Since 1.29 the runtime on Linux sends usage data and leaves a log in the temporary folder: a gate does neither.
        start.Environment["ORT_DISABLE_TELEMETRY"] = "1";
        return start;
    }

    private Restart Run(RestartBounds bounds, CancellationToken cancellation)
    {
        if (!Write(JsonSerializer.Serialize(order, WorkerJson.Default.WorkerOrder)))
            return Ended();

        WorkerMessage? runtime = null, ready = null, warm = null;
        double readyAt = 0;
        while (true)
        {
            var (arrival, stop) = Next(bounds, cancellation);
            if (stop is not null)
                return stop with { Runtime = runtime };
            if (arrival is null)
                return Ended() with { Runtime = runtime };

            last = arrival.Message;
            switch (last)
            {
                case { Step: "runtime" } message:
                    runtime = message;
                    break;
                case { Step: "ready" } message:
                    (ready, readyAt) = (message, arrival.At);
                    break;
                case { Step: "warm" } message when message.RunTime > 0:
                    warm = message;
                    if (bounds.Runs(message.RunTime, arrival.At) is not { } count)
                        return new(null, null, message.RunTime) { Runtime = runtime };
                    if (!Write(JsonSerializer.Serialize(new WorkerRuns(count), WorkerJson.Default.WorkerRuns)))
                        return Ended() with { Runtime = runtime };
                    break;
                case { Step: "done" } message when ready is not null && IsSound(message):
                    return new(Figures(ready, readyAt, warm, message), null, null) { Runtime = runtime };
                case { Step: "profiled" } when order.Profile is not null:
                    return new(null, null, null) { Runtime = runtime };
                case { Step: "swept" } message when order.Sweep is { } sweep && AreTimes(message.Runs) && message.Runs!.Count == sweep.Sizes.Count:
                    return new(null, null, null) { Runtime = runtime, Swept = message.Runs };
                case { Step: "compared", Outputs: { Count: > 0 } outputs, Samples: > 0 } message when order.Fidelity is { } fidelity && outputs.All(static output => output.Name is not null):
                    return new(null, null, null) { Runtime = runtime, Fidelity = new(outputs, message.Samples, fidelity.Samples) { Accuracy = message.Accuracy } };
                case { Step: "comparing", Samples: > 0 } when order.Fidelity is not null:
                    comparing = arrival;
                    comparingFirst ??= arrival;
                    if (NeededToCompare() is { } needed && needed > Hopeless * bounds.Deadline)
                        return new(null, new(Diagnostics.WorkerTimedOut, $"{HowFar()} after {Duration.Text(arrival.At)}, so all of them need about {Duration.Text(needed)}; max_time is {Duration.Text(bounds.Deadline)}."), null) { Runtime = runtime, TimedOut = true };
                    break;
                case { Step: "failed" } message:
                    return new(null, new(Diagnostics.Find(message.Code ?? "") ?? Diagnostics.WorkerSilent, OneLine(message.Reason ?? "")), null) { Runtime = runtime };
                default:
                    return new(null, new(Diagnostics.WorkerSilent, "the worker said something that is not understood."), null) { Runtime = runtime };
            }
        }
    }

    private static RestartFigures Figures(WorkerMessage ready, double readyAt, WorkerMessage? warm, WorkerMessage done) =>
        new(ready.SessionCreation, ready.FirstInference, readyAt - ready.Preparation, done.PeakRss, warm?.RunTime ?? 0, done.Runs ?? [], done.Allocated)
        {
            BaselineRuns = done.BaselineRuns ?? [],
            ProcessorRuns = done.ProcessorRuns ?? [],
            ProcessorBaselineRuns = done.ProcessorBaselineRuns ?? [],
            GivenAway = done.GivenAway,
            Stolen = done.Stolen,
            Waited = done.Waited,
            Throughput = done.Throughput,
            Peak = done.Peak,
            Bandwidth = done.Bandwidth,
        };

    private bool IsSound(WorkerMessage done) =>
        done.PeakRss > 0 && IsAmount(done.Stolen) && IsAmount(done.Waited) && IsPositive(done.Throughput, order.Sessions > 0) && IsPositive(done.Peak, order.WorkingSet > 0) && IsPositive(done.Bandwidth, order.WorkingSet > 0)
        && (!order.TimesRuns || AreTimes(done.Runs)) && (order.Against is null || (AreTimes(done.BaselineRuns) && done.BaselineRuns!.Count == done.Runs!.Count && AreOfProcessor(done)));

    // Of a clock that moves in steps, some are 0.
    private static bool AreOfProcessor(WorkerMessage done) => (done.ProcessorRuns, done.ProcessorBaselineRuns) switch
    {
        (null, null) => true,
        ({ } runs, { } baselineRuns) => runs.Count == done.Runs!.Count && baselineRuns.Count == runs.Count && done.GivenAway >= 0 && runs.Concat(baselineRuns).All(IsAmount),
        _ => false,
    };

    private static bool IsAmount(double value) => double.IsFinite(value) && value >= 0;

    private static bool IsPositive(double value, bool asked) => !asked || (double.IsFinite(value) && value > 0);

    private static bool AreTimes(IReadOnlyList<double>? runs) => runs is { Count: > 0 } && runs.All(static run => double.IsFinite(run) && run > 0);

    // The next message; or why to stop; or neither, when the worker said its last.
    private (Arrival? Arrival, Restart? Stop) Next(RestartBounds bounds, CancellationToken cancellation)
    {
        while (true)
        {
            if (arrivals.TryTake(out var arrival, (int)Poll.TotalMilliseconds, cancellation))
                return (arrival, null);
            if (arrivals.IsCompleted)
                return (null, null);
            if (Stopwatch.GetElapsedTime(started).TotalSeconds > bounds.Deadline)
                return (null, new(null, new(Diagnostics.WorkerTimedOut, $"the worker was ended after {Seconds(bounds.Deadline)} s without a result{(HowFar() is { } told ? ": " + told : "")}."), null) { TimedOut = true });
            if (ResidentSize() is var resident && resident > bounds.MemoryCap)
                return (null, new(null, new(Diagnostics.WorkerOutOfMemory, $"the worker was ended at {Mebibytes(resident)} MiB of memory; it may take {Mebibytes(bounds.MemoryCap)} MiB here."), null));
        }
    }

    // Whoever sets the time must know whether the model hangs or a restart is merely longer than that.
    private string? HowFar() => (comparing, last?.Step) switch
    {
        ({ Message: { } compared }, _) => string.Create(CultureInfo.InvariantCulture, $"it had compared {compared.Samples:N0} of {compared.AllSamples:N0} samples"),
        (_, "warm") => string.Create(CultureInfo.InvariantCulture, $"its runs were being timed, about {Duration.Text(last.RunTime)} {(order.Against is null ? "each" : "for one of each model")}"),
        (_, "ready") when last.FirstInference == 0 => "it was warming up",
        (_, "ready") => string.Create(CultureInfo.InvariantCulture, $"it was warming up, after a first inference of {Duration.Text(last.FirstInference)}"),
        _ when order is { Profile: null, Sweep: null } => "the model was being loaded, or in its first inference",
        _ => null,
    };

    // Seconds from the start to the last of the samples, at the pace so far; null while there is too little to go by.
    private double? NeededToCompare()
    {
        var (first, last) = (comparingFirst!, comparing!);
        int compared = last.Message!.Samples - first.Message!.Samples;
        return compared > 0 && last.At - first.At >= TimeToGoBy ? last.At + ((last.Message.AllSamples - last.Message.Samples) * (last.At - first.At) / compared) : null;
    }

    private Restart Ended()
    {
        if (!process.WaitForExit(Grace))
            return new(null, new(Diagnostics.WorkerSilent, "the worker closed its output and went on running."), null);
        error.Join(Grace);
        string words;
        lock (lastWords)
            words = OneLine(lastWords.ToString());
        return new(null, ExitStatus.Explain(process.ExitCode, words, OperatingSystem.IsWindows()), null);
    }

    private void End()
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception or AggregateException)
        {
            // It ended by itself in this very moment, or a descendant did.
        }

        process.WaitForExit(Grace);
    }

    private long ResidentSize()
    {
        try
        {
            process.Refresh();
            return process.WorkingSet64;
        }
        catch (InvalidOperationException)
        {
            return 0; // ended meanwhile
        }
    }

    private bool Write(string line)
    {
        try
        {
            process.StandardInput.WriteLine(line);
            process.StandardInput.Flush();
            return true;
        }
        catch (IOException)
        {
            return false; // it ended before it read
        }
    }

    private void Hear(string line)
    {
        int at = line.IndexOf(order.Token, StringComparison.Ordinal);
        if (at < 0)
            return; // the model's native code prints to the same stream
        double when = Stopwatch.GetElapsedTime(started).TotalSeconds;
        try
        {
            arrivals.Add(new(JsonSerializer.Deserialize(line.AsSpan(at + order.Token.Length), WorkerJson.Default.WorkerMessage), when));
        }
        catch (JsonException)
        {
            arrivals.Add(new(null, when));
        }
    }

    private void Remember(string line)
    {
        lock (lastWords)
        {
            lastWords.Append(line).Append('\n');
            if (lastWords.Length > MostCharactersOfLastWords)
                lastWords.Remove(0, lastWords.Length - MostCharactersOfLastWords);
        }
    }

    private static Thread Read(StreamReader stream, Action<string> line, Action ended)
    {
        var thread = new Thread(() =>
        {
            try
            {
                var lines = new BoundedLineReader(stream, MostCharactersOfALine);
                while (lines.ReadLine() is { } text)
                    line(text);
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException)
            {
                // The stream was closed under a descendant of the worker that kept it open.
            }

            ended();
        })
        { IsBackground = true, Name = "worker stream" };
        thread.Start();
        return thread;
    }

    private static string OneLine(string text) =>
        string.Join(' ', text.Split([.. Enumerable.Range(0, 33).Select(i => (char)i), (char)127], StringSplitOptions.RemoveEmptyEntries)) is var line && line.Length > MostCharactersOfReason
            ? line[..MostCharactersOfReason] + "…"
            : line;

    private static string Seconds(double seconds) => seconds.ToString("0.#", CultureInfo.InvariantCulture);

    private static string Mebibytes(long bytes) => (bytes >> 20).ToString(CultureInfo.InvariantCulture);
}
