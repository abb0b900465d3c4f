using ModelGate.Compressing;

namespace ModelGate.Measuring;

/// <summary>The part of the catalogue that is about a model and something else: a compressed copy of it, its teacher, its base, a target.</summary>
internal static class RelatedMetrics
{
    private const string Prefix = "quantized.", PrefixOfTargets = "target.", OfAnyScheme = "<scheme>", OfAnyTarget = "<target>", OfAnyShare = "pruned-<percent>";

    /// <summary>Of the compressed copy by each scheme but those of which there is one for each percentage.</summary>
    public static IEnumerable<Metric> OfCompressedCopies => Schemes.WithoutPercent.SelectMany(static scheme => OfCopy(scheme.Name));

    /// <summary>Of the copy that is pruned by magnitude, for documentation.</summary>
    public static IReadOnlyList<Metric> PatternOfPruning => OfCopy(OfAnyShare);

    /// <summary>Of the compressed copy by any scheme, for documentation.</summary>
    public static IReadOnlyList<Metric> Pattern => OfCopy(OfAnyScheme);

    /// <summary>Of the model on any target, for documentation.</summary>
    public static IReadOnlyList<Metric> PatternOfTargets => On(OfAnyTarget);

    /// <summary>Of the model and its teacher.</summary>
    public static Metric[] OfTeacher =>
    [
        new("teacher.agreement", Unit.Share, Direction.HigherIsBetter, Source.Beside, Scopes.Model, "Share of inputs for which model and `teacher:` give the same class, where an output looks like class scores.") { Relation = Relation.Teacher },
        new("teacher.size_ratio", Unit.Share, Direction.LowerIsBetter, Source.Related, Scopes.Model, "The model's size on disk as a share of its `teacher:`'s.") { Relation = Relation.Teacher },
        new("teacher.speedup", Unit.Ratio, Direction.HigherIsBetter, Source.Beside, Scopes.Model, "How many times as long its `teacher:` takes for an inference; both timed in turns in the same processes.") { Relation = Relation.Teacher },
    ];

    /// <summary>Of the model and its base.</summary>
    public static Metric[] OfBase =>
    [
        new("base.changed_parameters", Unit.Count, Direction.LowerIsBetter, Source.Related, Scopes.Model, "Parameters of tensors that its `base:` does not have byte for byte, under whatever name.") { Relation = Relation.Base },
        new("base.shared_share", Unit.Share, Direction.HigherIsBetter, Source.Related, Scopes.Model, "Share of the parameters whose tensors its `base:` has byte for byte.") { Relation = Relation.Base },
        new("base.delta_size", Unit.Bytes, Direction.LowerIsBetter, Source.Related, Scopes.Model, "Bytes of all tensors that its `base:` does not have: what a delta would ship, graph and names apart.") { Relation = Relation.Base },
    ];

    /// <summary>The metric of a name that begins like those of compressed copies; null where there is no such scheme or quality.</summary>
    public static Metric? OfCompressedCopy(string name) =>
        name.StartsWith(Prefix, StringComparison.Ordinal) && name.Split('.', 3) is [_, var scheme, _] && Schemes.Find(scheme) is not null ? OfCopy(scheme).FirstOrDefault(metric => metric.Name == name) : null;

    /// <summary>The metric of a name that begins like those of targets; null where there is no such quality. Which targets there are is for the policy to say.</summary>
    public static Metric? OfTarget(string name) =>
        name.StartsWith(PrefixOfTargets, StringComparison.Ordinal) && name.Split('.') is [_, { Length: > 0 } target, _] && target.All(static character => char.IsAsciiLetterOrDigit(character) || character is '_' or '-')
            ? On(target).FirstOrDefault(metric => metric.Name == name) : null;

    private static Metric[] On(string target) =>
    [
        Of(target, "memory", Unit.Share, Source.Profile, "Share of the target's memory that weights, activations and the runtime's library take."),
        Of(target, "latency_bound", Unit.Seconds, Source.Profile, "Roofline of the target: the longer of the model's arithmetic at its `compute` and of reading the weights at its `bandwidth`; no inference that reads them from memory is faster."),
        Of(target, "download_time", Unit.Seconds, Source.Related, "Time that the model, compressed with the target's `codec`, takes at its `downlink`."),
    ];

    private static Metric Of(string target, string quality, Unit unit, Source source, string definition) =>
        new(PrefixOfTargets + target + "." + quality, unit, Direction.LowerIsBetter, source, Scopes.Model, definition) { Relation = Relation.Target };

    private static Metric[] OfCopy(string scheme)
    {
        return
        [
            Lower("size", Unit.Bytes, Source.Related, "Bytes that the model takes once compressed by that scheme, external data included; worked out, and the same as written."),
            Lower("size.on_wire.gzip", Unit.Bytes, Source.Related, "The files of the written copy compressed with gzip at CompressionLevel.Optimal: of pruning what it gains."),
            Lower("size.on_wire.deflate", Unit.Bytes, Source.Related, "The files of the written copy compressed with deflate at CompressionLevel.Optimal, as a nupkg or zip stores them."),
            Lower("size.on_wire.brotli", Unit.Bytes, Source.Related, "The files of the written copy compressed with brotli at quality 5, as a web server sends them."),
            Higher("ratio", Unit.Ratio, Source.Related, "Size on disk over that size."),
            Higher("sqnr", Unit.Decibels, Source.Related, "Signal-to-quantization-noise ratio of the converted weights: 10·log10(Σx² / Σ(x − x̂)²)."),
            Lower("remainder", Unit.Bytes, Source.Related, "Bytes of floating-point weights that the scheme leaves as they are."),
            Higher("cosine", Unit.Ratio, Source.Beside, "Cosine similarity of the outputs of the written copy with the model's own, over `samples:` or seeded inputs."),
            Lower("max_error", Unit.Ratio, Source.Beside, "Largest difference of a value in any output, over the same inputs."),
            Higher("top1", Unit.Share, Source.Beside, "Share of those inputs for which both give the same class, where an output looks like class scores."),
            Higher("speedup", Unit.Ratio, Source.Beside, "How many times as long the model as shipped takes for an inference; both timed in turns in the same processes, on this machine."),
        ];

        Metric Higher(string quality, Unit unit, Source source, string definition) => Of(quality, unit, Direction.HigherIsBetter, source, definition);

        Metric Lower(string quality, Unit unit, Source source, string definition) => Of(quality, unit, Direction.LowerIsBetter, source, definition);

        Metric Of(string quality, Unit unit, Direction direction, Source source, string definition) =>
            new(Prefix + scheme + "." + quality, unit, direction, source, Scopes.Model, definition) { Relation = Relation.Compressed };
    }
}
