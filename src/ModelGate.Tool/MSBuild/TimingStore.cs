using System.Globalization;
using System.Text;
using ModelGate.Measuring;
using ModelGate.Models;
using ModelGate.MSBuild;
using ModelGate.Policies;

namespace ModelGate.Tool.MSBuild;

/// <summary>
/// Timings of a project, kept beside its receipts: a model is timed once for build, publish, pack and every framework that
/// resolves the same runtime. A timing is cited where model, inputs, settings, runtime, machine and tool are the same.
/// </summary>
/// <param name="folder">The folder of receipts.</param>
/// <param name="machine">The machine this runs on.</param>
internal sealed class TimingStore(string folder, Lazy<Machine> machine)
{
    private const string OfProcessor = "processor";
    private const string Header = "modelgate-timing\t4\n";

    /// <summary>Times a model, or cites the timing that is kept where it settles what is asked now.</summary>
    public LatencyResult Measure(
        LatencyRequest request, Func<Measurement.Sampled, bool> settled, Action<LatencyProgress>? progress, CancellationToken cancellation)
    {
        if (request.Runtime.Location is not { } runtime || KeyOf(request, runtime) is not { } key)
            return LatencyMeasuring.Measure(request, ToolFiles.WorkerHost(), settled, progress, cancellation);
        string path = Path.Combine(folder, Fnv1a.Of(key) + ".timing");
        if (Read(path, key, request.Metrics) is { } kept && kept.Measurements.All(measurement => measurement is not Measurement.Sampled sampled || sampled.TimeRanOut || settled(sampled)))
            return kept;

        var result = LatencyMeasuring.Measure(request, ToolFiles.WorkerHost(), settled, progress, cancellation);
        if (result.Runtime is not null && result.Measurements.All(measurement => measurement is Measurement.Sampled or Measurement.Exact))
            Keep(path, key, result);
        return result;
    }

    /// <summary>Times a model against its baseline, or cites the comparison that is kept where it settles what is asked now.</summary>
    public LatencyResult Compare(
        LatencyRequest request, BaselineModel baseline, Func<Measurement.Compared, bool> settled, Action<LatencyProgress>? progress, CancellationToken cancellation)
    {
        if (request.Runtime.Location is not { } runtime || KeyOf(request, runtime, baseline.Path) is not { } key)
            return ComparisonMeasuring.Measure(request, baseline, ToolFiles.WorkerHost(), settled, progress, cancellation);
        string path = Path.Combine(folder, Fnv1a.Of(key) + ".timing");
        if (Read(path, key, request.Metrics) is { } kept && kept.Measurements.All(measurement => measurement is Measurement.Changed || (measurement is Measurement.Compared compared && (compared.TimeRanOut || settled(compared)))))
            return kept;

        var result = ComparisonMeasuring.Measure(request, baseline, ToolFiles.WorkerHost(), settled, progress, cancellation);
        if (result.Runtime is not null && result.Measurements.All(measurement => measurement is Measurement.Compared or Measurement.Changed))
            Keep(path, key, result);
        return result;
    }

    private string? KeyOf(LatencyRequest request, RuntimeLocation runtime, string? baseline = null)
    {
        var key = new StringBuilder();
        try
        {
            foreach (string file in (string[])[.. FilesOf(request.Model), .. baseline is null ? [] : FilesOf(baseline), .. ToolFiles.Assemblies])
                Line("file", FileStamp.Of(file), file);
        }
        catch (ModelException)
        {
            return null; // the worker says what is wrong with it
        }

        foreach (var input in request.Inputs)
            Line("input", input.Name, string.Join(',', input.Shape ?? ["?"]), input.Type ?? "", Number(input.Low), Number(input.High), input.Data is null ? "" : FileStamp.Of(input.Data));
        foreach (var sweep in request.Sweeps)
            Line(["sweep", sweep.Dimension, .. sweep.Sizes.Select(size => Number(size))]);
        if (baseline is not null)
            Line("against", baseline);
        Line("benchmark", request.Benchmark.Runtime?.Text ?? "", Benchmark.Text(request.Benchmark.Providers), request.Benchmark.AllowsFallback ? "" : "no-fallback", Number(request.Benchmark.IntraOpThreads), Number(request.Benchmark.InterOpThreads), Number(request.Benchmark.MaxTime), Number(request.Benchmark.Confidence), Number(request.Seed));
        Line(["runtime", runtime.Package, .. runtime.NativeFolders, .. runtime.NativeFolders.Select(native => FileStamp.Of(Path.Combine(native, RuntimeIdentifiers.LibraryOf(RuntimeIdentifiers.OfThisProcess))))]);
        Line(["machine", .. machine.Value.Fingerprint, Environment.MachineName]);
        return key.ToString();

        void Line(params string[] fields) => key.AppendJoin('\t', fields.Select(TabSeparated.Escape)).Append('\n');
    }

    private static IEnumerable<string> FilesOf(string model) => ModelReader.Read(model).ExternalFiles.Select(file => file.Path).Prepend(model);

    /// <summary>Reads a timing that was kept.</summary>
    /// <param name="path">Its file.</param>
    /// <param name="key">What it must have been kept under.</param>
    /// <param name="metrics">What is asked for.</param>
    /// <returns>Null where there is none, or not of every metric.</returns>
    internal static LatencyResult? Read(string path, string key, IReadOnlyList<Metric> metrics)
    {
        if (SealedText.Read(path, Header + key) is not { } text)
            return null;

        RuntimeInfo? runtime = null;
        Dictionary<string, Measurement> measured = [];
        List<string> notes = [];
        List<(string Dimension, SweepPoint Point)> points = [];
        foreach (string line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] fields = TabSeparated.Split(line);
            if (fields[0] == "timed")
                runtime = new(fields[1], fields[2], fields[3], fields[4], int.Parse(fields[5], CultureInfo.InvariantCulture), int.Parse(fields[6], CultureInfo.InvariantCulture), fields[7]);
            else if (fields[0] == "note")
                notes.Add(fields[1]);
            else if (fields[0] == "point")
                points.Add((fields[1], new((int)Parsed(fields[2]), Parsed(fields[3]), Known(fields[4]), Known(fields[5]))));
            else if (MetricCatalogue.Find(fields[1]) is not { } metric)
                continue;
            else if (fields[0] == "exact")
                measured[metric.Name] = new Measurement.Exact(metric, Parsed(fields[2]));
            else if (fields[0] == "changed")
                measured[metric.Name] = new Measurement.Changed(metric, Parsed(fields[2]), Parsed(fields[3]));
            else if (fields[0] == "increase")
                measured[metric.Name] = new Measurement.Compared(metric, [.. fields[7..].Select(Parsed)], fields[2] == "ran-out") { NeededTime = Known(fields[3]), Value = Parsed(fields[4]), Baseline = Parsed(fields[5]), OfProcessor = fields[6] == OfProcessor };
            else
                measured[metric.Name] = new Measurement.Sampled(metric, [.. fields[6..].Select(Parsed)], (int)Parsed(fields[2]), fields[3] == "ran-out") { NeededTime = Known(fields[4]), TakenByOthers = [.. fields[5].Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Parsed)] };
        }

        return runtime is not null && metrics.All(metric => measured.ContainsKey(metric.Name))
            ? new([.. metrics.Select(metric => measured[metric.Name])], runtime, Waited: 0, notes) { Sweeps = [.. points.GroupBy(static point => point.Dimension).Select(static sweep => new SweepResult(sweep.Key, [.. sweep.Select(static point => point.Point)]))] }
            : null;
    }

    /// <summary>Keeps a timing; where that fails, it is taken again next time.</summary>
    /// <param name="path">Its file.</param>
    /// <param name="key">All that it depends on, in lines.</param>
    /// <param name="result">The timing, of a runtime that was loaded.</param>
    internal static void Keep(string path, string key, LatencyResult result)
    {
        var text = new StringBuilder(Header).Append(key);
        var runtime = result.Runtime!;
        Line("timed", runtime.Package, runtime.Version, runtime.Build, runtime.Provider, Number(runtime.IntraOpThreads), Number(runtime.InterOpThreads), runtime.OptimizationLevel);
        foreach (var exact in result.Measurements.OfType<Measurement.Exact>())
            Line("exact", exact.Metric.Name, Number(exact.Value));
        foreach (var changed in result.Measurements.OfType<Measurement.Changed>())
            Line("changed", changed.Metric.Name, Number(changed.Value), Number(changed.Baseline));
        foreach (var sampled in result.Measurements.OfType<Measurement.Sampled>())
            Line(["metric", sampled.Metric.Name, Number(sampled.RunsPerRestart), sampled.TimeRanOut ? "ran-out" : "", Number(sampled.NeededTime), string.Join(' ', sampled.TakenByOthers.Select(share => Number(share))), .. sampled.Restarts.Select(value => Number(value))]);
        foreach (var compared in result.Measurements.OfType<Measurement.Compared>())
            Line(["increase", compared.Metric.Name, compared.TimeRanOut ? "ran-out" : "", Number(compared.NeededTime), Number(compared.Value), Number(compared.Baseline), compared.OfProcessor ? OfProcessor : "", .. compared.LogRatios.Select(value => Number(value))]);
        foreach (var sweep in result.Sweeps)
        {
            foreach (var point in sweep.Points)
                Line("point", sweep.Dimension, Number(point.Size), Number(point.Latency), Number(point.Activations), Number(point.Macs));
        }

        foreach (string note in result.Notes)
            Line("note", note);
        try
        {
            AtomicFile.Write(path, Encoding.UTF8.GetBytes(SealedText.Seal(text.ToString())));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It is timed again next time; the verdict stands.
        }

        void Line(params string[] fields) => text.AppendJoin('\t', fields.Select(TabSeparated.Escape)).Append('\n');
    }

    private static string Number(double? value) => value?.ToString("R", CultureInfo.InvariantCulture) ?? "";

    private static double? Known(string text) => text.Length > 0 ? Parsed(text) : null;

    private static double Parsed(string text) => double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
}
