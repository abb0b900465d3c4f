using System.Diagnostics;
using System.Runtime.CompilerServices;
using Microsoft.ML.OnnxRuntime;
using ModelGate.Measuring;

namespace ModelGate.Worker;

/// <summary>One model from the creation of its session to its last timed run.</summary>
internal static class ModelRun
{
    /// <summary>Takes an order from session to result, telling each step.</summary>
    /// <exception cref="WorkerException">The model is refused, cannot be fed, or fails.</exception>
    /// <exception cref="OnnxRuntimeException">An inference fails.</exception>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Take(WorkerOrder order, Parent parent)
    {
        using var options = LoadedModel.Options(order);
        long from = Stopwatch.GetTimestamp();
        using var model = new LoadedModel(order.Model, options);
        double sessionCreation = Seconds(from);

        from = Stopwatch.GetTimestamp();
        var maker = new InputMaker(order.Inputs, order.Seed, order.Dimensions);
        var inputs = maker.Make(model.Session);
        double preparation = Seconds(from);

        from = Stopwatch.GetTimestamp();
        using var outputs = model.RunFirst(inputs, maker);
        double firstInference = Seconds(from);
        parent.Say(new() { Step = "ready", SessionCreation = sessionCreation, FirstInference = firstInference, Preparation = preparation });

        if (!order.TimesRuns)
        {
            parent.Say(Afterwards(order, new() { Step = "done", PeakRss = PeakMemory.Read() }));
            return;
        }

        model.Bind(inputs, outputs);
        parent.Say(new() { Step = "warm", RunTime = Warmup.Take(model.Run) });
        if (parent.Read(WorkerJson.Default.WorkerRuns) is not { Count: > 0 } runs)
            return;

        long[] ticks = new long[runs.Count];
        GC.Collect();
        Time(model, new long[3]); // compiles the loop itself, and wakes the caches after the collection
        double? stolen = LinuxAccounts.Stolen(), waited = LinuxAccounts.WaitedHere();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Time(model, ticks);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        (stolen, waited) = (LinuxAccounts.Stolen() - stolen, LinuxAccounts.WaitedHere() - waited);
        parent.Say(Afterwards(order, new()
        {
            Step = "done",
            Runs = [.. ticks.Select(static tick => (double)tick / Stopwatch.Frequency)],
            PeakRss = PeakMemory.Read(),
            Allocated = allocated,
            Stolen = stolen ?? 0,
            Waited = Math.Max(0, waited ?? 0),
        }));
    }

    // What would disturb the figures before it: more sessions, and the machine without the model.
    private static WorkerMessage Afterwards(WorkerOrder order, WorkerMessage done) => done with
    {
        Throughput = order.Sessions > 0 ? ConcurrentRuns.Take(order) : 0,
        Peak = order.WorkingSet > 0 ? MachinePeaks.Operations(order.IntraOpThreads) : 0,
        Bandwidth = order.WorkingSet > 0 ? MachinePeaks.Bandwidth(order.IntraOpThreads, order.WorkingSet) : 0,
    };

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void Time(LoadedModel model, long[] ticks)
    {
        for (int i = 0; i < ticks.Length; i++)
        {
            long from = Stopwatch.GetTimestamp();
            model.Run();
            ticks[i] = Stopwatch.GetTimestamp() - from;
        }
    }

    private static double Seconds(long from) => Stopwatch.GetElapsedTime(from).TotalSeconds;
}
