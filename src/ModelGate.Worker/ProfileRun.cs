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
        var maker = new InputMaker(order.Inputs, order.Seed);
        var inputs = maker.Make(model.Session);
        model.RunFirst(inputs, maker.Assumed).Dispose();

        long from = Stopwatch.GetTimestamp();
        for (int run = 0; profile.Seconds > 0 && run < MostRuns && (run < LeastRuns || Stopwatch.GetElapsedTime(from).TotalSeconds < profile.Seconds); run++)
            model.RunFirst(inputs, maker.Assumed).Dispose();
        model.Session.EndProfiling();
        parent.Say(new() { Step = "profiled" });
    }
}
