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
        double pairTime = Warmup.Take(first.Run, second.Run);
        parent.Say(new() { Step = "warm", RunTime = pairTime });
        if (parent.Read(WorkerJson.Default.WorkerRuns) is not { Count: > 0 } runs)
            return;

        TimedRuns firstRuns = new(runs.Count), secondRuns = new(runs.Count);
        GC.Collect();
        Time(first, second, new(2), new(2)); // compiles the loop itself, and wakes the caches after the collection
        long? givenAway = LinuxAccounts.GivenAwayByThisThread();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Time(first, second, firstRuns, secondRuns);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        givenAway = LinuxAccounts.GivenAwayByThisThread() - givenAway;
        var (ofCandidate, ofOther) = baseline.IsCreatedFirst ? (secondRuns, firstRuns) : (firstRuns, secondRuns);
        parent.Say(new()
        {
            Step = "done",
            Runs = ofCandidate.Seconds,
            BaselineRuns = ofOther.Seconds,
            ProcessorRuns = givenAway is null ? null : ofCandidate.ProcessorSeconds(),
            ProcessorBaselineRuns = givenAway is null ? null : ofOther.ProcessorSeconds(),
            GivenAway = givenAway ?? 0,
            PeakRss = PeakMemory.Read(),
            Allocated = allocated,
        });
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void Time(LoadedModel first, LoadedModel second, TimedRuns firstRuns, TimedRuns secondRuns)
    {
        for (int i = 0; i + 1 < firstRuns.Count; i += 2)
        {
            firstRuns.Time(i, first);
            secondRuns.Time(i, second);
            secondRuns.Time(i + 1, second);
            firstRuns.Time(i + 1, first);
        }
    }
}
