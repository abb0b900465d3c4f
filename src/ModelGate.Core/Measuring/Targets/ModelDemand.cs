using System.Runtime.InteropServices;

namespace ModelGate.Measuring;

/// <summary>What a model asks of whatever hardware it runs on.</summary>
/// <param name="Size">Bytes of its files.</param>
/// <param name="Activations">Bytes of the tensors between its nodes, or why they are not known.</param>
/// <param name="Macs">Multiply-accumulates, or why they are not known.</param>
/// <param name="Roofline">What bounds its time; null where the multiply-accumulates are not known.</param>
/// <param name="Runtime">Bytes of the runtime's native library.</param>
public sealed record ModelDemand(long Size, Measurement Activations, Measurement Macs, Roofline? Roofline, long Runtime)
{
    /// <summary>Bytes of weights, activations and runtime together; null where the activations are not known.</summary>
    public double? Memory => Activations is Measurement.Exact activations ? Size + activations.Value + Runtime : null;

    /// <summary>Finds out by running the model once under the runtime's profiler.</summary>
    /// <param name="request">The model, its structure included, and how to run it.</param>
    /// <param name="host">How to start a worker.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="OperationCanceledException">It was cancelled; no process is left behind.</exception>
    public static ModelDemand Of(LatencyRequest request, WorkerHost host, CancellationToken cancellation)
    {
        var result = LatencyMeasuring.Measure(request with { Metrics = [MetricCatalogue.Find("memory.activations")!, MetricCatalogue.Find("macs")!] }, host, static _ => true, null, cancellation);
        return new(request.FileSize, result.Measurements[0], result.Measurements[1], result.Measurements[1] is Measurement.Exact ? Roofline.Of(result.Macs!, request.Structure!) : null, SizeOfLibrary(request.Runtime));
    }

    /// <summary>Measures a metric of a target.</summary>
    /// <param name="metric">Its memory or its bound of the latency.</param>
    /// <param name="target">The target, with what the metric needs of it.</param>
    public Measurement Measure(Metric metric, Target target) => metric.Quality switch
    {
        "memory" => Memory is { } memory ? new Measurement.Exact(metric, memory / target.Memory!.Value) : Because(metric, Activations),
        _ when Roofline is { } roofline => new Measurement.Exact(metric, roofline.Seconds(target.Compute!.Value, target.Bandwidth!.Value)),
        _ => Because(metric, Macs),
    };

    private static Measurement.Failed Because(Metric metric, Measurement measurement) => measurement is Measurement.Failed failed
        ? new(metric, failed.Kind, failed.Reason)
        : throw new ArgumentException($"{measurement} is no reason.");

    private static long SizeOfLibrary(RuntimeSearch runtime)
    {
        string name = RuntimeInformation.IsOSPlatform(OSPlatform.Windows) ? "onnxruntime.dll" : RuntimeInformation.IsOSPlatform(OSPlatform.OSX) ? "libonnxruntime.dylib" : "libonnxruntime.so";
        return (runtime.Location?.NativeFolders ?? []).Select(folder => new FileInfo(Path.Combine(folder, name))).FirstOrDefault(static file => file.Exists)?.Length ?? 0;
    }
}
