using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using ModelGate.Benchmarks.Study;
using ModelGate.Measuring;
using ModelGate.Worker;

namespace ModelGate.Benchmarks;

/// <summary>
/// What the worker's timed run costs beside a raw call of the runtime's C API: both in one process and session, on the same bound inputs
/// and outputs, in turns.
/// </summary>
internal static class Fidelity
{
    private const int Blocks = 2000, WarmUp = 200;
    private const double MostShare = 0.005, MostSeconds = 2e-6;

    // OrtApi of version 16, the oldest that the worker uses; the table is only ever appended to.
    private const uint ApiVersion = 16;

    /// <summary>Prints the medians; 0 where they differ by no more than the project promises and no managed memory was allocated.</summary>
    public static int Run(TextWriter output)
    {
        var location = Recorder.Runtime.Location ?? throw new InvalidOperationException(Recorder.Runtime.Failure!.Reason);
        RuntimeLibrary.Load(location.ManagedFolders, location.NativeFolders);
        string folder = Directory.CreateTempSubdirectory("modelgate-fidelity-").FullName;
        try
        {
            output.WriteLine("| model | worker's run | raw call | difference | allocated |");
            output.WriteLine("|---|--:|--:|--:|--:|");
            return StudyModel.All.Take(2).Select(model => Compare(model, folder, output)).ToArray().All(good => good) ? 0 : 1;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // Not inlined: it may be compiled only once the binding can be found.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool Compare(StudyModel study, string folder, TextWriter output)
    {
        var order = new WorkerOrder("", study.Save(folder, 0), [], [], 1, 1, [], 1, TimesRuns: true);
        using var options = LoadedModel.Options(order);
        using var model = new LoadedModel(order.Model, options);
        var maker = new InputMaker(order.Inputs, order.Seed, order.Dimensions);
        OrtValue[] inputs = maker.Make(model.Session);
        using (var outputs = model.RunFirst(inputs, maker))
            model.Bind(inputs, outputs);

        var raw = new RawRun(model);
        long[] worker = new long[2 * Blocks], direct = new long[2 * Blocks];
        Time(model, raw, new long[2 * WarmUp], new long[2 * WarmUp]);
        GC.Collect();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Time(model, raw, worker, direct);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        double ours = Median(worker), theirs = Median(direct), difference = ours - theirs;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {study.Name} | {ours * 1e6:0.00} us | {theirs * 1e6:0.00} us | {difference * 1e6:0.00} us ({difference / theirs * 100:0.00} %) | {allocated} bytes |"));
        foreach (var input in inputs)
            input.Dispose();
        return allocated == 0 && Math.Abs(difference) <= Math.Max(MostShare * theirs, MostSeconds);
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void Time(LoadedModel model, RawRun raw, long[] worker, long[] direct)
    {
        for (int i = 0; i < worker.Length; i += 2)
        {
            long start = Stopwatch.GetTimestamp();
            model.Run();
            long one = Stopwatch.GetTimestamp();
            raw.Run();
            long two = Stopwatch.GetTimestamp();
            raw.Run();
            long three = Stopwatch.GetTimestamp();
            model.Run();
            long end = Stopwatch.GetTimestamp();
            (worker[i], direct[i], direct[i + 1], worker[i + 1]) = (one - start, two - one, three - two, end - three);
        }
    }

    private static double Median(long[] ticks)
    {
        Array.Sort(ticks);
        return (double)ticks[ticks.Length / 2] / Stopwatch.Frequency;
    }

    /// <summary>The C function that a run comes down to, on the handles that the binding's objects wrap.</summary>
    private sealed unsafe class RawRun
    {
        private readonly delegate* unmanaged<nint, nint, nint, nint> run;
        private readonly nint session, options, binding;

        public RawRun(LoadedModel model)
        {
            session = (nint)Field(model.Session, "_nativeHandle");
            options = ((SafeHandle)Field(model, "options")).DangerousGetHandle();
            binding = ((SafeHandle)Field(model, "binding")).DangerousGetHandle();
            // The binding's own declaration of the table says where the function stands in it.
            var table = typeof(InferenceSession).Assembly.GetType("Microsoft.ML.OnnxRuntime.OrtApi", throwOnError: true)!;
            int slot = (int)Marshal.OffsetOf(table, "RunWithBinding") / nint.Size;
            run = (delegate* unmanaged<nint, nint, nint, nint>)Api()[slot];
        }

        public void Run()
        {
            if (run(session, options, binding) != 0)
                throw new InvalidOperationException("The raw call failed.");
        }

        private static nint* Api()
        {
            nint library = NativeLibrary.Load(Recorder.Runtime.Location!.NativeFolders.Select(folder => Path.Combine(folder, RuntimeLibrary.LibraryFile)).First(File.Exists));
            nint* apiBase = ((delegate* unmanaged<nint*>)NativeLibrary.GetExport(library, "OrtGetApiBase"))();
            return ((delegate* unmanaged<uint, nint*>)apiBase[0])(ApiVersion);
        }

        private static object Field(object of, string name) =>
            of.GetType().GetField(name, BindingFlags.Instance | BindingFlags.NonPublic)?.GetValue(of) ?? throw new MissingFieldException(of.GetType().Name, name);
    }
}
