using System.Diagnostics;
using System.Runtime.CompilerServices;
using Microsoft.ML.OnnxRuntime;
using ModelGate.Measuring;

namespace ModelGate.Worker;

/// <summary>
/// Two models in one process, timed in turns: whatever the machine does falls on both. The order of turns is A B B A, so that a drift
/// cancels and each model runs as often after itself as after the other.
/// </summary>
internal static class InterleavedRun
{
    /// <summary>Takes an order from two sessions to result, telling each step.</summary>
    /// <exception cref="WorkerException">A model is refused, cannot be fed, fails, or takes other inputs than the other one.</exception>
    /// <exception cref="OnnxRuntimeException">An inference fails.</exception>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Take(WorkerOrder order, WorkerBaseline baseline, Parent parent)
    {
        using var options = LoadedModel.Options(order);
        // What is created first lies elsewhere in memory, which may be the faster place: the parent's coin decides.
        long from = Stopwatch.GetTimestamp();
        using var first = new LoadedModel(baseline.IsCreatedFirst ? baseline.Model : order.Model, options);
        using var second = new LoadedModel(baseline.IsCreatedFirst ? order.Model : baseline.Model, options);
        double sessionCreation = Stopwatch.GetElapsedTime(from).TotalSeconds;
        var (candidate, other) = baseline.IsCreatedFirst ? (second, first) : (first, second);
        var maker = new InputMaker(SharedInputs.Of(candidate.Session, other.Session, order.Inputs), order.Seed, order.Dimensions);
        var inputs = candidate.Session.InputMetadata.Keys.Zip(maker.Make(candidate.Session)).ToDictionary(input => input.First, input => input.Second);
        foreach (var model in (LoadedModel[])[first, second])
        {
            OrtValue[] taken = [.. model.Session.InputMetadata.Keys.Select(name => inputs[name])];
            using var outputs = model.RunFirst(taken, maker);
            model.Bind(taken, outputs);
        }

        parent.Say(new() { Step = "ready", SessionCreation = sessionCreation });
        double pairTime = Warmup.Take(() =>
        {
            first.Run();
            second.Run();
        });
        parent.Say(new() { Step = "warm", RunTime = pairTime });
        if (parent.Read(WorkerJson.Default.WorkerRuns) is not { Count: > 0 } runs)
            return;

        long[] firstTicks = new long[runs.Count], secondTicks = new long[runs.Count];
        GC.Collect();
        Time(first, second, new long[2], new long[2]); // compiles the loop itself, and wakes the caches after the collection
        long before = GC.GetAllocatedBytesForCurrentThread();
        Time(first, second, firstTicks, secondTicks);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        parent.Say(new()
        {
            Step = "done",
            Runs = Seconds(baseline.IsCreatedFirst ? secondTicks : firstTicks),
            BaselineRuns = Seconds(baseline.IsCreatedFirst ? firstTicks : secondTicks),
            PeakRss = PeakMemory.Read(),
            Allocated = allocated,
        });
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void Time(LoadedModel first, LoadedModel second, long[] firstTicks, long[] secondTicks)
    {
        for (int i = 0; i + 1 < firstTicks.Length; i += 2)
        {
            long start = Stopwatch.GetTimestamp();
            first.Run();
            long one = Stopwatch.GetTimestamp();
            second.Run();
            long two = Stopwatch.GetTimestamp();
            second.Run();
            long three = Stopwatch.GetTimestamp();
            first.Run();
            long end = Stopwatch.GetTimestamp();
            (firstTicks[i], secondTicks[i], secondTicks[i + 1], firstTicks[i + 1]) = (one - start, two - one, three - two, end - three);
        }
    }

    private static double[] Seconds(long[] ticks) => [.. ticks.Select(static tick => (double)tick / Stopwatch.Frequency)];
}
