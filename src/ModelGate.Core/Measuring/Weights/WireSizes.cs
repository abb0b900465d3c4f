using ModelGate.Models;

namespace ModelGate.Measuring;

/// <summary>What files weigh once compressed: each file once per codec, however many budgets ask; what is missing is compressed at the same time.</summary>
internal sealed class WireSizes
{
    private const string Prefix = "size.on_wire.";

    private readonly Dictionary<string, long> known = new(StringComparer.Ordinal);

    /// <summary>True of the metrics that are told here.</summary>
    public static bool Are(Metric metric) => Are(metric.Name);

    /// <summary>True of the names of metrics that are told here.</summary>
    public static bool Are(string metric) => metric.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>What some files weigh together.</summary>
    /// <param name="metric">The codec.</param>
    /// <param name="files">The files; one without bytes weighs nothing.</param>
    /// <param name="asked">All metrics that this run asks of them, so that no thread idles.</param>
    /// <param name="progress">Told how much has been compressed, as a fraction.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="ModelException">A file cannot be opened or changed while it was read.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public double Sum(Metric metric, IReadOnlyList<ExternalFile> files, IReadOnlyList<Metric> asked, Action<double>? progress, CancellationToken cancellation)
    {
        Compress(files, [.. asked.Where(Are).Select(CodecOf).Distinct()], progress, cancellation);
        decimal total = 0;
        foreach (var file in files)
        {
            if (file.Length > 0) total += known[Key(file, CodecOf(metric))] + (metric.Name == Prefix + "gzip" ? WireSize.GzipOverhead : 0);
        }
        return (double)total;
    }

    private void Compress(IReadOnlyList<ExternalFile> files, WireCodec[] codecs, Action<double>? progress, CancellationToken cancellation)
    {
        List<Job> jobs = [];
        foreach (var file in files)
        {
            foreach (var codec in codecs)
            {
                if (file.Length > 0 && !known.ContainsKey(Key(file, codec))) jobs.Add(new(file, codec));
            }
        }
        if (jobs.Count == 0) return;
        jobs.Sort(static (left, right) => right.File.Length.CompareTo(left.File.Length)); // the longest first, so that none is left for the end
        var (sizes, done, all) = (new long[jobs.Count], 0L, jobs.Sum(static job => (double)job.File.Length));
        Threads.Each(jobs.Count, index => sizes[index] = WireSize.Of(jobs[index].File.Path, jobs[index].Codec, progress is null ? null : part => progress(Interlocked.Add(ref done, part) / all), cancellation), cancellation);
        for (var index = 0; index < sizes.Length; index++) known.Add(Key(jobs[index].File, jobs[index].Codec), sizes[index]);
    }

    private static WireCodec CodecOf(Metric metric) => metric.Name == Prefix + "brotli" ? WireCodec.Brotli : WireCodec.Deflate;

    private static string Key(ExternalFile file, WireCodec codec) => $"{codec}:{file.Path}";

    private sealed record Job(ExternalFile File, WireCodec Codec);
}
