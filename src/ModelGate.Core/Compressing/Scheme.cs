using System.Globalization;

namespace ModelGate.Compressing;

/// <summary>How weights are made smaller.</summary>
public enum WeightEncoding
{
    /// <summary>float16, widened again by a Cast that the runtime folds away when it loads the model.</summary>
    Half,

    /// <summary>bfloat16, widened likewise.</summary>
    BrainFloat,

    /// <summary>Symmetric int8, one scale per output channel (per row of an embedding); activations stay float.</summary>
    Channel,

    /// <summary>As <see cref="Channel"/> where a matrix multiplication also quantizes its activations while it runs.</summary>
    Dynamic,

    /// <summary>Symmetric int4 in blocks along the contracted dimension; activations stay float.</summary>
    Block,

    /// <summary>float32 as before, the smallest magnitudes of the whole model set to zero.</summary>
    Pruned,

    /// <summary>float32 as before, two of every four weights along the contracted dimension set to zero.</summary>
    TwoOfFour,
}

/// <summary>A way to compress a model, by the name that policies, commands and reports use.</summary>
/// <param name="Name">Its name; no dots, so that a metric splits cleanly.</param>
/// <param name="Encoding">What weights become.</param>
/// <param name="BlockSize">Weights that share a scale; 0 where a whole channel does or none is needed.</param>
/// <param name="Description">What it does, in one line.</param>
public sealed record Scheme(string Name, WeightEncoding Encoding, int BlockSize, string Description)
{
    /// <summary>Share of the weights that are set to zero by magnitude, in %; 0 where none are.</summary>
    public int Percent { get; init; }

    /// <summary>True where weights are set to zero and stored as before: the model gets smaller only where it is compressed on its way, or stored sparse.</summary>
    public bool IsPruning => Encoding is WeightEncoding.Pruned or WeightEncoding.TwoOfFour;
}

/// <summary>Every scheme, in one place.</summary>
public static class Schemes
{
    private const string Pruned = "pruned-";

    /// <summary>All that store weights in fewer bits, in the order reports list them.</summary>
    public static IReadOnlyList<Scheme> All { get; } =
    [
        new("fp16", WeightEncoding.Half, 0, "weights in float16; computed in float32"),
        new("bf16", WeightEncoding.BrainFloat, 0, "weights in bfloat16; computed in float32"),
        new("int8", WeightEncoding.Channel, 0, "weights in int8, one scale per channel; activations in float32"),
        new("int8-dynamic", WeightEncoding.Dynamic, 0, "weights in int8; activations of matrix multiplications in uint8, scaled while it runs"),
        new("int4", WeightEncoding.Block, 32, "weights in int4, one scale per 32; activations in float32"),
        new("int4-b64", WeightEncoding.Block, 64, "weights in int4, one scale per 64; activations in float32"),
        new("int4-b128", WeightEncoding.Block, 128, "weights in int4, one scale per 128; activations in float32"),
    ];

    /// <summary>Those that set weights to zero. Of <c>pruned-P</c> there is one for every whole percentage from 1 to 99; one stands for them here.</summary>
    public static IReadOnlyList<Scheme> Pruning { get; } =
    [
        ByMagnitude(90),
        new("pruned-2-4", WeightEncoding.TwoOfFour, 0, "two of every four weights set to zero; the file stays as large, sparse cores and the wire gain"),
    ];

    /// <summary>A regular expression of their names, without anchors.</summary>
    public static string NamePattern => string.Join('|', WithoutPercent.Select(static scheme => scheme.Name)) + "|" + Pruned + "[1-9][0-9]?";

    /// <summary>Every scheme but those of which there is one for each percentage.</summary>
    public static IEnumerable<Scheme> WithoutPercent => All.Concat(Pruning.Where(static scheme => scheme.Percent == 0));

    /// <summary>The scheme of a name, or null.</summary>
    public static Scheme? Find(string name) => All.FirstOrDefault(scheme => scheme.Name == name) ?? Pruning.FirstOrDefault(scheme => scheme.Name == name)
        ?? (name.StartsWith(Pruned, StringComparison.Ordinal) && name[Pruned.Length..] is [>= '1' and <= '9'] or [>= '1' and <= '9', >= '0' and <= '9']
            ? ByMagnitude(int.Parse(name[Pruned.Length..], CultureInfo.InvariantCulture)) : null);

    private static Scheme ByMagnitude(int percent) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{Pruned}{percent}"), WeightEncoding.Pruned, 0, string.Create(CultureInfo.InvariantCulture, $"the {percent} % of weights of smallest magnitude set to zero; the file stays as large, the wire gains")) { Percent = percent };
}
