using System.Text.RegularExpressions;
using ModelGate.Models;
using ModelGate.Models.Gguf;

namespace ModelGate.Measuring;

/// <summary>Every metric there is. The policy validator, the schema, <c>modelgate metrics</c>, the reports and the documentation are derived from this table.</summary>
public static partial class MetricCatalogue
{
    /// <summary>What the names of growth metrics begin with; the name of the dimension follows.</summary>
    public const string GrowthPrefix = "latency.growth.";

    private const Scopes Each = Scopes.Model;
    private const Scopes EachAndTotal = Scopes.Model | Scopes.Total;

    /// <summary>The metrics, in the order reports and documentation list them.</summary>
    public static IReadOnlyList<Metric> All { get; } =
    [
        Lower("parameters", Unit.Count, Source.Structure, EachAndTotal, "Elements of every learned tensor, each stored tensor once; packed sub-byte weights count as the weights they hold."),
        Lower("parameters.duplicate", Unit.Count, Source.Content, Each, "Elements of learned tensors of 1 KiB and more whose bytes another one repeats; they are part of `parameters`."),
        .. ByKind(),
        Lower("depth", Unit.Count, Source.Structure, Each, "Layers with weights on the longest path through the model."),
        Lower("width", Unit.Count, Source.Structure, Each, "Output channels of the widest layer with weights."),
        Higher("sparsity", Unit.Share, Source.Content, Each, "Exact zeros among the floating-point weights."),
        Higher("sparsity.2_4", Unit.Share, Source.Content, Each, "Aligned groups of four floating-point weights with at least two exact zeros."),
        Lower("bits_per_weight", Unit.Bits, Source.Structure, Each, "8 × stored bytes of learned tensors, scales and zero points included, divided by parameters."),
        Lower("size.on_disk", Unit.Bytes, Source.Structure, EachAndTotal, "The model file and the external data it refers to, each file once."),
        Lower("size.weights", Unit.Bytes, Source.Structure, EachAndTotal, "Learned tensors as stored."),
        .. ByType(),
        Lower("size.float32", Unit.Bytes, Source.Structure, EachAndTotal, "What the same parameters would take as 32-bit floats: the size documentation usually quotes."),
        Lower("size.on_wire.gzip", Unit.Bytes, Source.Content, EachAndTotal, "The model's files compressed with gzip at CompressionLevel.Optimal."),
        Lower("size.on_wire.deflate", Unit.Bytes, Source.Content, EachAndTotal, "The model's files compressed with deflate at CompressionLevel.Optimal, as a nupkg or zip stores them."),
        Lower("size.on_wire.brotli", Unit.Bytes, Source.Content, EachAndTotal, "The model's files compressed with brotli at quality 5, as a web server sends them."),
        Lower("size.in_package", Unit.Bytes, Source.Package, Each, "Compressed bytes of the model's entries in the package, found by length and CRC-32; judged at pack and with `check --package FILE`."),
        Lower("latency.p50", Unit.Seconds, Source.Worker, Each, "Median time of one inference; the median over restarts of the worker."),
        Lower("latency.p90", Unit.Seconds, Source.Worker, Each, "90th percentile of the time of one inference; the median over restarts."),
        Lower("latency.p95", Unit.Seconds, Source.Worker, Each, "95th percentile of the time of one inference; the median over restarts."),
        Lower("latency.p99", Unit.Seconds, Source.Worker, Each, "99th percentile of the time of one inference; the median over restarts."),
        Lower("startup.session_creation", Unit.Seconds, Source.Worker, Each, "Time to create the session in a fresh process."),
        Lower("startup.first_inference", Unit.Seconds, Source.Worker, Each, "Time of the first inference in a fresh process."),
        Lower("startup.ready", Unit.Seconds, Source.Worker, Each, "From the start of a fresh process to its first result."),
        Lower("memory.peak_rss", Unit.Bytes, Source.Worker, Each, "Largest resident memory of a fresh process that loads and runs the model."),
        Lower("memory.load_amplification", Unit.Ratio, Source.Worker, Each, "Largest resident memory of a fresh process that loads and runs the model, divided by the size of its files."),
        Lower("memory.activations", Unit.Bytes, Source.Profile, Each, "Most bytes of intermediate tensors and outputs that live at once at the given input shapes, by the account of the runtime's allocator."),
        Higher("throughput", Unit.Rate, Source.Worker, Each, "Inferences per second of concurrent sessions, as many as the usable cores have room for."),
        Lower("latency.bound", Unit.Seconds, Source.Worker, Each, "Roofline: the longer of the model's arithmetic at this machine's peak and of reading its weights at this machine's bandwidth, both measured."),
        Lower("macs", Unit.Count, Source.Profile, Each, "Multiply-accumulates of one inference at the given input shapes, from the shapes that the runtime itself reports; an operator without a formula leaves it unmeasured and is named."),
        .. RelatedMetrics.OfTeacher, .. RelatedMetrics.OfBase,
        Lower("package.size", Unit.Bytes, Source.Package, Scopes.Package, "Bytes of the package file."),
        Lower("package.native_runtime", Unit.Bytes, Source.Package, Scopes.Package, "Bytes of the native libraries for the runtime identifier that the package brings most for (`runtimes/RID/native`), inflated."),
        Lower("package.duplicate_models", Unit.Count, Source.Package, Scopes.Package, "Models in the package that repeat another, byte for byte or weight for weight where one keeps its weights beside it; those embedded in assemblies included."),
    ];

    /// <summary>Metrics that there is one of for each compression scheme, those of pruning by magnitude apart, of which there is one for each percentage; made when asked for, since most runs have no budget on one.</summary>
    public static IEnumerable<Metric> OfSchemes => RelatedMetrics.OfCompressedCopies;

    /// <summary>Names and patterns of metrics that the policy language reserves for later versions.</summary>
    public static bool IsOfLaterVersion(string name) => LaterVersion().IsMatch(name);

    /// <summary>The metric of a name, or null.</summary>
    public static Metric? Find(string name) => ByName.GetValueOrDefault(name) ?? RelatedMetrics.OfCompressedCopy(name) ?? RelatedMetrics.OfTarget(name)
        ?? (name.StartsWith(GrowthPrefix, StringComparison.Ordinal) && IsDimension(name.AsSpan(GrowthPrefix.Length)) ? Growth(name[GrowthPrefix.Length..]) : null);

    /// <summary>The growth of the latency over a dimension. There is one for every dimension that a policy sweeps, so they are not in the table.</summary>
    public static Metric Growth(string dimension) =>
        Lower(GrowthPrefix + dimension, Unit.Ratio, Source.Worker, Each, "Exponent of the latency over the sizes of that dimension under `sweep:`, fitted in each restart: 1 is linear, 2 quadratic.");

    /// <summary>True of the growth of the latency over some dimension.</summary>
    public static bool IsGrowth(Metric metric) => metric.Name.StartsWith(GrowthPrefix, StringComparison.Ordinal);

    /// <summary>True of a metric that is known of the processor only: of its peaks, or of the allocator of its memory.</summary>
    public static bool IsOfProcessor(Metric metric) => metric.Name is "latency.bound" or "memory.activations";

    private static bool IsDimension(ReadOnlySpan<char> name)
    {
        foreach (char character in name)
        {
            if (!char.IsAsciiLetterOrDigit(character) && character is not ('_' or '-' or '.'))
                return false;
        }

        return name.Length > 0;
    }

    private static readonly Dictionary<string, Metric> ByName = All.ToDictionary(metric => metric.Name);

    private static List<Metric> ByType()
    {
        List<Metric> metrics = [];
        foreach (var type in DataTypes.All)
        {
            if (type.Bits > 0)
                metrics.Add(OfType(type));
        }

        foreach (var type in BlockTypes.All)
            metrics.Add(OfType(type));

        return metrics;
    }

    private static Metric OfType(DataType type) => Lower("size.weights." + type.Name, Unit.Bytes, Source.Structure, EachAndTotal, $"Learned tensors stored as {type.Name}.");

    private static List<Metric> ByKind()
    {
        List<Metric> metrics = [];
        foreach (var kind in LayerGraph.AllKinds)
            metrics.Add(Lower("parameters.share." + LayerGraph.Name(kind), Unit.Share, Source.Structure, Each, $"Share of the parameters that belong to layers of that kind: {LayerGraph.Name(kind)}."));

        return metrics;
    }

    private static Metric Higher(string name, Unit unit, Source source, Scopes scopes, string definition) =>
        new(name, unit, Direction.HigherIsBetter, source, scopes, definition);

    private static Metric Lower(string name, Unit unit, Source source, Scopes scopes, string definition) =>
        new(name, unit, Direction.LowerIsBetter, source, scopes, definition);

    [GeneratedRegex(@"^quantized\.int8-static\.(size|ratio|sqnr|cosine|max_error|top1|speedup|remainder)$")]
    private static partial Regex LaterVersion();
}
