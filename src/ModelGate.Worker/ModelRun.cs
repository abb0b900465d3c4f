using System.Diagnostics;
using System.Runtime.CompilerServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using ModelGate.Measuring;

namespace ModelGate.Worker;

/// <summary>One model from the creation of its session to its last timed run. The only place that knows the binding, beside the making of inputs.</summary>
internal static class ModelRun
{
    /// <summary>Takes an order from session to result, telling each step.</summary>
    /// <exception cref="WorkerException">The model is refused, cannot be fed, or fails.</exception>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Take(WorkerOrder order, Parent parent)
    {
        try
        {
            OrtEnv.Instance().DisableTelemetryEvents();
            if (order.Profile is { } profile)
            {
                ProfileRun.Take(order, profile, parent);
                return;
            }

            using var options = Options(order);
            long from = Stopwatch.GetTimestamp();
            using var session = Create(order.Model, options);
            double sessionCreation = Seconds(from);

            from = Stopwatch.GetTimestamp();
            var maker = new InputMaker(order.Inputs, order.Seed);
            var inputs = maker.Make(session);
            double preparation = Seconds(from);

            using var runOptions = new RunOptions();
            from = Stopwatch.GetTimestamp();
            using var outputs = First(session, runOptions, inputs, maker);
            double firstInference = Seconds(from);
            parent.Say(new() { Step = "ready", SessionCreation = sessionCreation, FirstInference = firstInference, Preparation = preparation });

            if (!order.TimesRuns)
            {
                parent.Say(new() { Step = "done", PeakRss = PeakMemory.Read() });
                return;
            }

            using var binding = Bind(session, inputs, Preallocate(outputs));
            double runTime = Warmup.Take(() => session.RunWithBinding(runOptions, binding));
            parent.Say(new() { Step = "warm", RunTime = runTime });
            if (parent.Read(WorkerJson.Default.WorkerRuns) is not { Count: > 0 } runs)
                return;

            long[] ticks = new long[runs.Count];
            GC.Collect();
            Time(session, runOptions, binding, new long[3]); // compiles the loop itself, and wakes the caches after the collection
            long switches = ContextSwitches.Involuntary() ?? 0, before = GC.GetAllocatedBytesForCurrentThread();
            Time(session, runOptions, binding, ticks);
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            parent.Say(new()
            {
                Step = "done",
                Runs = [.. ticks.Select(static tick => (double)tick / Stopwatch.Frequency)],
                PeakRss = PeakMemory.Read(),
                Allocated = allocated,
                InvoluntarySwitches = ContextSwitches.Involuntary() - switches,
            });
        }
        catch (OnnxRuntimeException e)
        {
            throw new WorkerException("MG4008", $"the runtime said: {e.Message}");
        }
        catch (Exception e) when (e is TypeInitializationException or TypeLoadException or MissingMethodException or EntryPointNotFoundException or FileLoadException or FileNotFoundException)
        {
            throw new WorkerException("MG4003", $"the binding and the native library do not fit together: {(e.InnerException ?? e).Message}");
        }
    }

    /// <summary>How sessions are set up here.</summary>
    public static SessionOptions Options(WorkerOrder order) => new()
    {
        IntraOpNumThreads = order.IntraOpThreads,
        InterOpNumThreads = order.InterOpThreads,
        ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
        GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
        LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
    };

    /// <summary>Creates a session.</summary>
    /// <exception cref="WorkerException">MG4007: the runtime refuses the model.</exception>
    public static InferenceSession Create(string model, SessionOptions options)
    {
        try
        {
            return new InferenceSession(model, options);
        }
        catch (OnnxRuntimeException e)
        {
            throw new WorkerException("MG4007", $"the runtime said: {e.Message}");
        }
    }

    /// <summary>The first inference of a session.</summary>
    /// <exception cref="WorkerException">MG4009: it fails, and open dimensions were assumed.</exception>
    public static IDisposableReadOnlyCollection<OrtValue> First(InferenceSession session, RunOptions options, OrtValue[] inputs, InputMaker maker)
    {
        try
        {
            return session.Run(options, [.. session.InputMetadata.Keys], inputs, [.. session.OutputMetadata.Keys]);
        }
        catch (OnnxRuntimeException e) when (maker.Assumed.Length > 0)
        {
            throw new WorkerException("MG4009", $"the model does not run with its open dimensions set to 1. Write under `inputs:`, with a number in place of each name or question mark: {maker.Assumed}. The runtime said: {e.Message}");
        }
    }

    // A place for every output that has a size known by now; null for sequences, maps and strings, which the runtime has to make anew.
    private static OrtValue?[] Preallocate(IEnumerable<OrtValue> outputs) =>
    [
        .. outputs.Select(output => output.IsTensor && output.GetTensorTypeAndShape() is { ElementDataType: not TensorElementType.String } type
            ? OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, type.ElementDataType, type.Shape)
            : null),
    ];

    // Inputs and outputs are where they are before the clock starts: no run allocates or copies what an app would keep.
    private static OrtIoBinding Bind(InferenceSession session, OrtValue[] inputs, OrtValue?[] outputs)
    {
        var binding = session.CreateIoBinding();
        foreach (var (name, value) in session.InputMetadata.Keys.Zip(inputs))
            binding.BindInput(name, value);
        foreach (var (name, value) in session.OutputMetadata.Keys.Zip(outputs))
        {
            if (value is not null)
                binding.BindOutput(name, value);
            else
                binding.BindOutputToDevice(name, OrtMemoryInfo.DefaultInstance);
        }

        return binding;
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void Time(InferenceSession session, RunOptions options, OrtIoBinding binding, long[] ticks)
    {
        for (int i = 0; i < ticks.Length; i++)
        {
            long from = Stopwatch.GetTimestamp();
            session.RunWithBinding(options, binding);
            ticks[i] = Stopwatch.GetTimestamp() - from;
        }
    }

    private static double Seconds(long from) => Stopwatch.GetElapsedTime(from).TotalSeconds;
}
