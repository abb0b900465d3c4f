using System.Diagnostics;
using Microsoft.ML.OnnxRuntime;
using ModelGate.Measuring;

namespace ModelGate.Worker;

/// <summary>One model under the runtime's profiler. Its times are never a latency: the profiler itself takes time.</summary>
internal static class ProfileRun
{
    private const int LeastRuns = 3, MostRuns = 50;

    /// <summary>Runs the model and has the runtime write its profile.</summary>
    /// <exception cref="WorkerException">The model is refused, or cannot be fed.</exception>
    public static void Take(WorkerOrder order, WorkerProfile profile, Parent parent)
    {
        using var options = LoadedModel.Options(order);
        options.GraphOptimizationLevel = profile.Optimized ? GraphOptimizationLevel.ORT_ENABLE_ALL : GraphOptimizationLevel.ORT_DISABLE_ALL;
        // A weight that was packed ahead is no input any more, and its shape stands nowhere in the profile.
        if (!profile.Optimized)
            options.AddSessionConfigEntry("session.disable_prepacking", "1");
        // With a memory pattern all tensors of a run may be one allocation, and the profile could not tell them apart.
        options.EnableMemoryPattern = profile.Seconds > 0;
        options.ProfileOutputPathPrefix = profile.Prefix;
        options.EnableProfiling = true;
        using var model = new LoadedModel(order.Model, options);
        foreach (int size in profile.Sweep?.Sizes ?? [])
            RunOnce(model, new(order.Inputs, order.Seed, [.. order.Dimensions, new(profile.Sweep!.Dimension, size)]));
        if (profile.Sweep is null)
            RunAsLongAs(profile.Seconds, model, new(order.Inputs, order.Seed, order.Dimensions));
        model.Session.EndProfiling();
        parent.Say(new() { Step = "profiled" });
    }

    private static void RunOnce(LoadedModel model, InputMaker maker)
    {
        var inputs = maker.Make(model.Session);
        model.RunFirst(inputs, maker).Dispose();
        foreach (var input in inputs)
            input.Dispose();
    }

    private static void RunAsLongAs(double seconds, LoadedModel model, InputMaker maker)
    {
        var inputs = maker.Make(model.Session);
        model.RunFirst(inputs, maker).Dispose();

        long from = Stopwatch.GetTimestamp();
        for (int run = 0; seconds > 0 && run < MostRuns && (run < LeastRuns || Stopwatch.GetElapsedTime(from).TotalSeconds < seconds); run++)
            model.RunFirst(inputs, maker).Dispose();
    }
}
